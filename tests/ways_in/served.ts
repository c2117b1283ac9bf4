/** The checkout on a web server of our own, as a stranger's program imports it. */
import fs from "node:fs";
import { fromFileUrl } from "../support/paths.ts";

/** A web server with the checkout's files. */
export interface Served extends AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** The paths that were asked for. */
  readonly asked: ReadonlySet<string>;
}

const TYPES: Readonly<Record<string, string>> = {
  ts: "application/typescript",
  js: "text/javascript",
  json: "application/json",
};

/** Serves the entry points, `src/` and `workers/`: what a release has, and no `deno.json`. */
export function serveCheckout(): Served {
  const asked = new Set<string>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    asked.add(pathname);
    if (!/^\/(mod|cli)\.ts$|^\/(src|workers)\//.test(pathname) || pathname.includes("..")) {
      return new Response("not found", { status: 404 });
    }
    try {
      const text = await Deno.readTextFile(fromFileUrl(`../..${pathname}`));
      return new Response(text, {
        headers: { "content-type": TYPES[pathname.split(".").at(-1)!] ?? "text/plain" },
      });
    } catch {
      return new Response("not found", { status: 404 });
    }
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      await server.shutdown();
      // What Deno kept of it: the port will be another next time.
      const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
      const { modulesCache } = JSON.parse(new TextDecoder().decode(stdout)) as { modulesCache: string };
      fs.rmSync(`${modulesCache}/http/127.0.0.1_PORT${server.addr.port}`, { recursive: true, force: true });
    },
  };
}

#!/usr/bin/env -S deno run -A --quiet --v8-flags=--max-semi-space-size=4
/** The command line: `runner run pipeline.ts`. */
import process from "node:process";
import { main } from "./src/cli/main.ts";

/** Makes this process a host of one attempt that is held to permissions; modules are loaded by what is given. */
export async function heldHost(loaders: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
  await (await import("./src/cli/held_host.ts")).heldHost(loaders);
}

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

if (import.meta.main) {
  process.exit(
    await main(process.argv.slice(2), {
      worker: new URL(`./workers/task_worker.${extension}`, import.meta.url).href,
      cli: import.meta.url,
      library: new URL(`./mod.${extension}`, import.meta.url).href,
    }),
  );
}

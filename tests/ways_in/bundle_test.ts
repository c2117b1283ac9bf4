/** The program as JavaScript, as `deno task bundle` makes it, in an empty folder with nothing but a pipeline. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { Place } from "../cli/support.ts";
import { diskFolder, tempFolder } from "../support/temp.ts";
import { checkCommand, checkSandbox, keysBy, LOCAL, perform, PIPELINE } from "./support.ts";

Deno.test("the program as JavaScript", async () => {
  using dist = tempFolder();
  await perform("bundle", dist.path);
  const command = [Deno.execPath(), "run", "-A", "--quiet", `${dist.path}/cli.js`] as const;
  using place = new Place({ "p.ts": PIPELINE });
  await checkCommand(place, command);
  assertEquals(await keysBy(place, command), await keysBy(place, LOCAL));

  using disk = diskFolder();
  const deno = async (...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(command[0], { args, cwd: disk.path }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  };
  checkSandbox(command);
  fs.writeFileSync(
    `${disk.path}/lib.ts`,
    `import { run, task } from "${dist.path}/mod.js";
const two = task("two", () => 2);
if (import.meta.main) console.log((await run(two())).value);
`,
  );
  const library = await deno("run", "-A", "--quiet", "lib.ts");
  assertEquals(library.out, "2\n", library.err);

  // From a URL it is fetched as one: nothing that is loaded late is missing then.
  const types = { js: "text/javascript", json: "application/json" };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const path = `${dist.path}${new URL(request.url).pathname}`;
    if (!fs.existsSync(path)) return new Response("", { status: 404 });
    const type = types[path.split(".").at(-1) as keyof typeof types];
    return new Response(fs.readFileSync(path), { headers: { "content-type": type } });
  });
  fs.writeFileSync(
    `${disk.path}/far.ts`,
    'import { task } from "runner";\nexport const main = task("main", () => 42);\n',
  );
  using fetched = diskFolder();
  const far = await new Deno.Command(command[0], {
    args: ["run", "-A", "--quiet", `http://127.0.0.1:${server.addr.port}/cli.js`, "run", "far.ts", "--quiet"],
    cwd: disk.path,
    env: { DENO_DIR: fetched.path },
  }).output();
  await server.shutdown();
  assertEquals(new TextDecoder().decode(far.stdout), "42\n", new TextDecoder().decode(far.stderr));

  // And what is not asked for is not read when it starts: else `--version` would take as long as a run.
  const { modules } = JSON.parse((await deno("info", "--json", `${dist.path}/cli.js`)).out) as {
    readonly modules: readonly { readonly size?: number }[];
  };
  assertEquals(
    modules.reduce((all, { size = 0 }) => all + size, 0) < 20_000,
    true,
    JSON.stringify(modules.length),
  );
});

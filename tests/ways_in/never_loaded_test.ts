/** A pipeline that never finishes loading is named, and the program ends. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Place } from "../cli/support.ts";
import { fromFileUrl } from "../support/paths.ts";
import { tempFolder } from "../support/temp.ts";
import { isThere, perform } from "./support.ts";

const BUN = isThere("bun");

const FILES = {
  "p.ts": `import { task } from "runner";
import { part } from "./part.ts";
export const main = task("main", () => part);
`,
  "part.ts": "export const part: number = await new Promise(() => {});\n",
};

Deno.test("on Deno, which ends in its own words: the file and the line that waits, not ours", async () => {
  using place = new Place(FILES);
  const { code, stderr } = await place.runner("run", "p.ts");
  assertEquals(code, 1);
  assertStringIncludes(stderr, `file://${place.path}/part.ts:1:29`);
  assert(!stderr.includes("cli.ts"), stderr);
});

Deno.test({
  name: `on Bun, in ours${BUN ? "" : " (ignored: no bun; https://bun.sh)"}`,
  ignore: !BUN,
  fn: async () => {
    using dist = tempFolder();
    await perform("bundle", dist.path);
    using place = new Place(FILES);
    const run = (...args: string[]) =>
      place.start(["run", "p.ts", ...args], { command: ["bun", `${dist.path}/cli.js`] }).ended;
    const says =
      "p.ts does not load: a top-level await, in it or in a module that it imports, waits for something that never comes; what may take long belongs into a task";
    const [plain, json] = [await run(), await run("--json")];
    assertEquals([plain.code, plain.stderr], [2, `error: ${says}\n`]);
    assertEquals([json.code, JSON.parse(json.stdout).error], [2, { name: "DefinitionError", message: says }]);
    // One that only takes its time is waited for.
    place.write(
      "part.ts",
      "export const part: number = await new Promise((done) => setImmediate(() => setImmediate(done, 7)));\n",
    );
    const slow = await run("--quiet");
    assertEquals([slow.code, slow.stdout], [0, "7\n"], slow.stderr);
  },
});

const IDLE = `import { program } from "${fromFileUrl("../../src/runtime/program.ts")}";
const say = (text: string, code: number) => () => { program.print("stdout", text); program.exit(code); };
program.onIdle(say("first", 3));
const off = program.onIdle(say("second", 4));
if (program.args[0] === "off") off();
`;

for (
  const [name, command] of [["Deno", [Deno.execPath(), "run", "-A", "--quiet"]], ["Bun", ["bun"]]] as const
) {
  Deno.test({
    name: `a program that would end with work left: the last listener is told, on ${name}`,
    ignore: name === "Bun" && !BUN,
    fn: async () => {
      using place = new Place({ "idle.ts": IDLE });
      const [first, ...rest] = command;
      const run = (...args: string[]) =>
        place.start([...rest, "idle.ts", ...args], { command: [first] }).ended;
      const [on, off] = [await run(), await run("off")];
      assertEquals([on.code, on.stdout, off.code, off.stdout], [4, "second", 3, "first"]);
    },
  });
}

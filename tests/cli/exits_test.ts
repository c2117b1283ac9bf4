/** Modules that end the program: no success, whatever code they say. */
import { assertEquals } from "@std/assert";
import { Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
export const inline = task("inline", { isolation: "inline", run: () => { process.exit(0); } });
export const deps = task("deps", { deps: () => { process.exit(0); }, run: () => 1 });
export const fine = task("fine", () => 1);
`;
const told = (file: string, line: number) =>
  `error: ${file}, or what it imports, has ended the program (process.exit, Deno.exit) while runner was at work; throw an error instead
    at <here>/${file}:${line}
`;

Deno.test("a pipeline that ends the program is an error, with the line", async () => {
  using place = new Place({
    "p.ts": PIPELINE,
    "node.ts": "export {};\nprocess.exit(0);\n",
    "deno.ts": "export {};\n\nDeno.exit(7);\n",
  });
  const cases: readonly (readonly [args: readonly string[], file: string, line: number])[] = [
    [["run", "node.ts", "a"], "node.ts", 2],
    [["list", "deno.ts"], "deno.ts", 3],
    [["run", "p.ts", "inline"], "p.ts", 2],
    [["run", "p.ts", "deps", "--dry"], "p.ts", 3],
  ];
  for (const [args, file, line] of cases) {
    const { code, stdout, stderr } = await place.runner(...args);
    const text = place.plain(stderr).replaceAll(/:(\d+):\d+/g, ":$1");
    assertEquals([code, stdout, text], [2, "", told(file, line)], args.join(" "));
  }
  assertEquals((await place.runner("run", "p.ts", "fine", "--quiet")).code, 0);
});

/** Modules that are not there, as the runtimes name them: a watch waits for them. */
import { assertEquals } from "@std/assert";
import { loadProblem, missingModules } from "../../src/cli/load_problem.ts";

Deno.test("modules that are missing, by what Deno and Bun say", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['Module not found "/a/b/helper.ts".\n    at /a/b/p.ts:1', ["/a/b/helper.ts"]],
    ["Cannot find module './helper.ts' from '/a/b/p.ts'", ["/a/b/helper.ts"]],
    ["Cannot find module './helper.ts' imported from /a/b c/p.ts", ["/a/b c/helper.ts"]],
    ['Cannot find module "../lib" imported from "/a/b/p.ts"\nand more', ["/a/lib"]],
    ["Cannot find package '#h' imported from /a/p.ts", []],
  ];
  for (const [text, missing] of cases) assertEquals(missingModules(text), missing, text);
});

Deno.test("what Bun does not fetch is told with what to do instead", () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "Cannot find package 'npm:@a/b@2.1.3/sub.js' imported from /w/lib.ts",
      '`npm install @a/b@2.1.3` in the pipeline\'s folder, and import it as "@a/b"',
    ],
    [
      "Cannot find package 'npm:ms' imported from /w/lib.ts",
      '`npm install ms` in the pipeline\'s folder, and import it as "ms"',
    ],
    [
      "Cannot find package 'jsr:@std' imported from /w/p.ts",
      "`npx jsr add …` in the pipeline's folder, and import it by its bare name",
    ],
    ['ENOENT reading "https://example.org/x.ts"', "download it, and import the file"],
  ];
  for (const [text, advice] of cases) {
    const error = Object.assign(new Error(text), { stack: text });
    assertEquals(
      loadProblem("p.ts", "file:///w/p.ts", error),
      `p.ts does not load: ${text}\n    Bun fetches nothing that is imported: ${advice}; or run the pipeline by Deno, which does`,
    );
  }
  const absent = "Cannot find package 'ms' imported from /w/p.ts";
  const error = Object.assign(new Error(absent), { stack: absent });
  assertEquals(loadProblem("p.ts", "file:///w/p.ts", error), `p.ts does not load: ${absent}`);
});

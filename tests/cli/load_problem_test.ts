/** Modules that are not there, as the runtimes name them: a watch waits for them. */
import { assertEquals } from "@std/assert";
import { missingModules } from "../../src/cli/load_problem.ts";

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

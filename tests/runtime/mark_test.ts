/** What the mark of a file tells of when it was changed. */
import { assertEquals } from "@std/assert";
import { isChangedSince } from "../../src/runtime/mark.ts";

const CASES: readonly (readonly [what: string, mtime: number, ctime: number, changed: boolean])[] = [
  ["before", 9_990, 9_990, false],
  ["after", 10_010, 10_010, true],
  ["after, where `ctime` is told in whole seconds", 10_010, 10_000, true],
  ["before, in the same second, where `ctime` is told in whole seconds", 9_990, 9_000, false],
  ["after, with its time set back", 1, 11_000, true],
  ["before, with a time to come", 99_000, 9_000, false],
];

for (const [what, mtime, ctime, changed] of CASES) {
  Deno.test(`a file was changed ${what}`, () => {
    assertEquals(isChangedSince(`5 ${mtime} ${ctime} 77`, 10_000), changed);
  });
}

Deno.test("of a file that is gone no change is known", () => {
  assertEquals(isChangedSince("gone", 10_000), false);
});

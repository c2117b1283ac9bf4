/** "Did you mean": near enough to be what was meant, and nothing otherwise. */
import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { didYouMean, editDistance, nearest } from "../../src/model/suggest.ts";

Deno.test("edit distance: insert, delete, replace and swap are one each", () => {
  const distances: readonly [string, string, number][] = [
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "", 3],
    ["build", "build", 0],
    ["build", "biuld", 1],
    ["build", "buil", 1],
    ["build", "builds", 1],
    ["build", "built", 1],
    ["kitten", "sitting", 3],
    ["ab", "ba", 1],
  ];
  for (const [one, other, distance] of distances) strictEqual(editDistance(one, other), distance);
});

Deno.test("edit distance is symmetric, nothing for equals only, and bounded by the lengths", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(fc.property(word, word, (one, other) => {
    const distance = editDistance(one, other);
    strictEqual(distance, editDistance(other, one));
    strictEqual(distance === 0, one === other);
    ok(distance <= Math.max(one.length, other.length));
    ok(distance >= Math.abs(one.length - other.length));
  }));
});

Deno.test("the nearest word, if it is near enough, whatever its case", () => {
  const words = ["flights", "fights", "build", "deploy"];
  strictEqual(nearest("flihgts", words), "flights");
  strictEqual(nearest("BUILD", words), "build");
  strictEqual(nearest("xyz", words), undefined);
  strictEqual(nearest("anything", []), undefined);
  strictEqual(didYouMean("flihgts", words), '; did you mean "flights"?');
  strictEqual(didYouMean("unrelated", words), "");
});

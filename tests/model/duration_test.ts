/** Lengths of time, as users write them and as people read them. */
import { strictEqual, throws } from "node:assert/strict";
import { type Duration, milliseconds, readableDuration } from "../../src/model/duration.ts";

const GOOD: readonly [Duration | string, number][] = [
  [0, 0],
  [1_500, 1_500],
  [Infinity, Infinity],
  ["250ms", 250],
  ["30s", 30_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  ["1.5s", 1_500],
  [" 3 m ", 180_000],
  ["0s", 0],
];

Deno.test("durations: numbers are milliseconds, texts have a unit", () => {
  for (const [text, millis] of GOOD) strictEqual(milliseconds(text), millis, String(text));
});

Deno.test("what is no duration is refused, with an example", () => {
  for (const text of ["", "5", "m", "-5s", "1.s", ".5s", "5 minutes", "5M", "1e3s", "5m30s", "constructor"]) {
    throws(
      () => milliseconds(text),
      new RangeError(
        `"${text}" is not a duration: write a number with a unit, as in "250ms", "30s", "5m" or "2h"`,
      ),
    );
  }
  for (const number of [-1, NaN]) {
    throws(
      () => milliseconds(number),
      new RangeError(`A duration cannot be ${number}: give milliseconds from 0 up`),
    );
  }
});

Deno.test("durations for people", () => {
  const shown: readonly [number, string][] = [
    [0, "0 ms"],
    [840.4, "840 ms"],
    [1_000, "1.0 s"],
    [3_249, "3.2 s"],
    [60_000, "1 min 0 s"],
    [250_000, "4 min 10 s"],
    [3_600_000, "1 h 0 min"],
    [7_500_000, "2 h 5 min"],
    [90_000_000, "25 h 0 min"],
    [172_740_000, "47 h 59 min"],
    [172_800_000, "2 d 0 h"],
    [2_592_000_000, "30 d 0 h"],
  ];
  for (const [millis, text] of shown) strictEqual(readableDuration(millis), text);
});

/** Templates and the names that fit them: spans, round trips, the separator. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { fillName, matchTemplate, nameProblem } from "../../src/model/name.ts";

/** A template, a name, and the values. */
const CASES: readonly [template: string, name: string, values: Record<string, string> | undefined][] = [
  ["build::[env]", "build::prod", { env: "prod" }],
  ["build::[env]", "build::", { env: "" }],
  ["build::[env]", "build", undefined],
  ["build::[env]", "built::prod", undefined],
  ["build::[env]::[os]", "build::prod::linux", { env: "prod", os: "linux" }],
  // The last one takes the rest, even nothing; those before it take something, as far as the text that follows.
  ["build::[env]::[os]", "build::prod::linux::x86", { env: "prod", os: "linux::x86" }],
  ["build::[env]::[os]", "build::prod::", { env: "prod", os: "" }],
  ["build::[env]::[os]", "build::::linux", undefined],
  ["build::[env]::[os]", "build::prod", undefined],
  ["[a]-[b]", "x-y-z", { a: "x", b: "y-z" }],
  ["[a]-[b].txt", "x-y.txt", { a: "x", b: "y" }],
  ["[a]-[b].txt", "x-y.txt.txt", { a: "x", b: "y.txt" }],
  ["[a].txt", ".txt", { a: "" }],
  ["a[x]a", "a", undefined],
  ["a[x]a", "aa", { x: "" }],
  ["[x]", "", { x: "" }],
  ["plain", "plain", undefined],
  // Names are texts, not patterns.
  ["a.b::[x]", "aXb::1", undefined],
  ["(a|b)::[x]", "(a|b)::1", { x: "1" }],
  ["[a]::[b]", "[b]::$&", { a: "[b]", b: "$&" }],
];

Deno.test("names that fit a template, and those that do not", () => {
  for (const [template, name, values] of CASES) {
    deepStrictEqual(matchTemplate(template, name), values, `${template} ← ${name}`);
  }
});

Deno.test("the separator stands in no value but the last one's", () => {
  deepStrictEqual(matchTemplate("[a]-[b]", "x::y-z", "::"), undefined);
  deepStrictEqual(matchTemplate("[a]-[b]", "x-y::z", "::"), { a: "x", b: "y::z" });
  deepStrictEqual(matchTemplate("[a]::[b]::[c]", "x::y::z::z", "::"), { a: "x", b: "y", c: "z::z" });
});

Deno.test("placeholders that touch are no template", () => {
  strictEqual(
    nameProblem("f::[a][b]"),
    'between the placeholders of "[a][b]" stands nothing, so nobody could tell where the first value ends: write a text between them, as in "::"',
  );
  strictEqual(nameProblem("f::[a]-[b]"), undefined);
});

/** Texts with the characters that make trouble, and a text around placeholders that is never empty. */
const text = fc.string({
  unit: fc.constantFrom("a", "b", ":", "-", ".", "*", "$", "\\", "(", "]", "ö", "😀"),
  maxLength: 6,
});
const between = fc.constantFrom("::", "-", ".", "::-", "a", "ö");

Deno.test("what a template is filled with comes out again", () => {
  fc.assert(
    fc.property(
      text,
      fc.array(fc.tuple(text, between), { maxLength: 3 }),
      text,
      text,
      (before, parts, last, after) => {
        const fields = parts.map((_, index) => `f${index}`);
        const template = `${before}${
          parts.map(([, next], index) => `[f${index}]${next}`).join("")
        }[last]${after}`;
        fc.pre(!before.includes("]") && !after.includes("]"));
        // Values of those before the last hold something, and none of the text that follows them.
        fc.pre(
          parts.every(([value, next]) => value !== "" && `${value}${next}`.indexOf(next) === value.length),
        );
        const values = Object.fromEntries([...fields.map((field, index) => [field, parts[index]![0]]), [
          "last",
          last,
        ]]);
        deepStrictEqual(matchTemplate(template, fillName(template, values)), values);
      },
    ),
    { numRuns: 3_000 },
  );
});

Deno.test("what fits a template, filled in again, is the name", () => {
  const template = fc.constantFrom("[a]", "x::[a]", "[a]::[b]", "x-[a]-[b].y", "[a].[b].[c]");
  const name = fc.string({ unit: fc.constantFrom("x", "a", ":", "-", ".", "y", "[", "]"), maxLength: 12 });
  let fitting = 0;
  fc.assert(
    fc.property(template, name, (one, other) => {
      const values = matchTemplate(one, other);
      if (values === undefined) return;
      fitting++;
      strictEqual(fillName(one, values), other);
    }),
    { numRuns: 5_000 },
  );
  strictEqual(fitting > 100, true, `only ${fitting} names fitted`);
});

/** Values as short text: readable, on one line, never longer than allowed. */
import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { readable, readableCall, Reference } from "../../src/model/readable.ts";
import { anything } from "./codec/arbitrary.ts";

Deno.test("every kind of value", () => {
  const shown: readonly [unknown, string][] = [
    [undefined, "undefined"],
    [null, "null"],
    [true, "true"],
    [-0, "-0"],
    [NaN, "NaN"],
    [10n, "10n"],
    ['a "b"\n', String.raw`"a \"b\"\n"`],
    [function named() {}, "function named"],
    [[1, [2, "x"]], '[1, [2, "x"]]'],
    [[], "[]"],
    [{}, "{}"],
    [{ a: 1, "b-c": { d: [] } }, '{ a: 1, "b-c": { d: [] } }'],
    [new Map<unknown, unknown>([["k", { a: 1 }]]), 'Map {"k" => { a: 1 }}'],
    [new Set([1, 2]), "Set {1, 2}"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new Date(NaN), "Invalid Date"],
    [/a+/gi, "/a+/gi"],
    [new RangeError("no"), 'RangeError("no")'],
    [new Uint16Array(3), "Uint16Array(6 bytes)"],
    [new ArrayBuffer(4), "ArrayBuffer(4 bytes)"],
    [{ a: new Reference("leaf‹12›") }, "{ a: leaf‹12› }"],
  ];
  for (const [value, text] of shown) strictEqual(readable(value), text);
});

Deno.test("cycles end, and what stands twice without a cycle is shown twice", () => {
  const round: Record<string, unknown> = { n: 1 };
  round["self"] = [round];
  strictEqual(readable(round), "{ n: 1, self: [[circular]] }");
  const shared = { x: 1 };
  strictEqual(readable([shared, shared]), "[{ x: 1 }, { x: 1 }]");
});

Deno.test("no text is longer than its limit, whatever the value", () => {
  fc.assert(fc.property(anything, fc.integer({ min: 1, max: 150 }), (value, limit) => {
    const text = readable(value, limit);
    ok(text.length <= limit, `${text.length} characters instead of ${limit}: ${text}`);
    ok(readable(value).length <= 120);
    ok(readableCall("name", value, limit).length <= Math.max(limit, 26));
  }));
});

Deno.test("huge values are cut, not rendered first", () => {
  const huge = Array.from({ length: 1_000_000 }, (_, index) => index);
  ok(readable(huge).endsWith("…"));
  let deep: unknown = 0;
  for (let level = 0; level < 100_000; level++) deep = { deep };
  ok(readable(deep).length <= 120);
  strictEqual(readable("x".repeat(1_000_000)).length, 120);
});

Deno.test("calls: the name alone when there is no input", () => {
  strictEqual(readableCall("main", undefined), "main");
  strictEqual(readableCall("train", { rate: 0.1 }), "train({ rate: 0.1 })");
  strictEqual(readableCall("train", null), "train(null)");
});

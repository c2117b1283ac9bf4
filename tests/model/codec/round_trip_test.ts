/** decode(encode(x)) is x, and canonical bytes are equal exactly when values are: checked with an oracle. */

import { deepStrictEqual, notStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { decode } from "../../../src/model/codec/decode.ts";
import { encode, encodeInto } from "../../../src/model/codec/encode.ts";
import { CodecError } from "../../../src/model/codec/error.ts";
import { anything, change, primitive } from "./arbitrary.ts";
import { describe, hex } from "./describe.ts";

Deno.test("round trip, plain and canonical", () => {
  fc.assert(
    fc.property(anything, (value) => {
      const plain = encode(value);
      const canonical = encode(value, { canonical: true });
      const copy = decode(plain);
      strictEqual(describe(copy, false), describe(value, false));
      strictEqual(describe(decode(canonical), true), describe(value, true));
      strictEqual(hex(encode(copy)), hex(plain));
      strictEqual(hex(encode(copy, { canonical: true })), hex(canonical));
      strictEqual(hex(encodeInto(value)), hex(plain));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("canonical bytes are equal exactly when values are", () => {
  let equal = 0;
  let different = 0;
  fc.assert(
    fc.property(anything, fc.nat(), primitive, (value, where, leaf) => {
      const before = hex(encode(value, { canonical: true }));
      const near = decode(encode(value));
      change(near, where, leaf);
      const after = hex(encode(near, { canonical: true }));
      const same = describe(value, true) === describe(near, true);
      strictEqual(before === after, same);
      if (same) equal++;
      else different++;
    }),
    { numRuns: 10_000 },
  );
  ok(equal > 500 && different > 3000, `a fair mix: ${equal} equal, ${different} different`);
});

Deno.test("canonical bytes of unrelated small values collide only when equal", () => {
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(anything, (value) => {
      const bytes = hex(encode(value, { canonical: true }));
      const text = describe(value, true);
      strictEqual(seen.get(bytes) ?? text, text);
      seen.set(bytes, text);
    }),
    { numRuns: 5000 },
  );
  strictEqual(new Set(seen.values()).size, seen.size);
});

Deno.test("key order counts in plain mode only", () => {
  notStrictEqual(hex(encode({ a: 1, b: 2 })), hex(encode({ b: 2, a: 1 })));
  const canonical = { canonical: true };
  strictEqual(hex(encode({ a: 1, b: 2 }, canonical)), hex(encode({ b: 2, a: 1 }, canonical)));
  // By UTF-16 code unit: the surrogates of an emoji come before U+FF5E, though its code point is higher.
  const keys = Object.keys(decode(encode({ "～": 1, "😀": 2, "10": 3, "9": 4, "": 5 }, canonical)) as object);
  deepStrictEqual(keys.filter((key) => !/\d/.test(key)), ["", "😀", "～"]);
  notStrictEqual(hex(encode(new Map([[1, 1], [2, 2]]), canonical)), hex(encode(new Map([[2, 2], [1, 1]]))));
});

Deno.test("bytes do not depend on what was encoded before", () => {
  const value = [{ a: 1, b: 2 }, { b: 1, a: 2 }, { zz: 1 }];
  const first = hex(encode(value));
  for (let i = 0; i < 6000; i++) encode({ [`k${i}`]: i, b: { [`k${i}`]: 1 } }, { canonical: i % 2 === 0 });
  strictEqual(hex(encode(value)), first);
});

Deno.test("a Buffer becomes a Uint8Array, and may be decoded from", () => {
  const copy = decode(Buffer.from(encode({ bytes: Buffer.from("hi") }))) as { bytes: Uint8Array };
  strictEqual(Object.getPrototypeOf(copy.bytes), Uint8Array.prototype);
  deepStrictEqual(copy.bytes, Uint8Array.of(104, 105));
});

Deno.test("decoded bytes are independent of the input", () => {
  const stored = encode(Uint8Array.of(1, 2, 3));
  const copy = decode(stored) as Uint8Array;
  stored.fill(0);
  deepStrictEqual(copy, Uint8Array.of(1, 2, 3));
  strictEqual(copy.buffer.byteLength, 3);
});

Deno.test("two views on one buffer become independent", () => {
  const buffer = new ArrayBuffer(1024);
  const views = [new Uint8Array(buffer, 0, 2), new Uint16Array(buffer, 2, 1)];
  const bytes = encode(views);
  ok(bytes.length < 20);
  const [first, second] = decode(bytes) as [Uint8Array, Uint16Array];
  notStrictEqual(first.buffer, second.buffer);
});

Deno.test("strings of every length around the internal limits", () => {
  for (const unit of ["x", "é", "€", "😀", "\ud800"]) {
    for (const length of [0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 4095, 4096, 4097, 70_000]) {
      for (const value of [unit.repeat(length), "x".repeat(length) + unit, unit + "y".repeat(length)]) {
        strictEqual(decode(encode(value)), value);
        deepStrictEqual(decode(encode([value, { [value]: 1 }])), [value, { [value]: 1 }]);
      }
    }
  }
});

Deno.test("a decoded error of a subclass is of the nearest built-in class, and has its name", () => {
  class HttpError extends TypeError {
    override name = "HttpError";
    status = 404;
  }
  const error = new HttpError("gone", { cause: 1 });
  const copy = decode(encode(error)) as Error;
  ok(copy instanceof TypeError);
  strictEqual(Object.getPrototypeOf(copy), TypeError.prototype);
  deepStrictEqual([copy.name, copy.message, copy.stack], ["HttpError", "gone", error.stack]);
  deepStrictEqual(Object.keys(copy), ["status"]);
  strictEqual(copy.cause, 1);
  strictEqual(Object.hasOwn(decode(encode(new Error("x"))) as object, "cause"), false);
  ok(decode(encode(new DOMException("m", "AbortError"))) instanceof DOMException);
});

Deno.test("values with the same keys, one after another, have nothing in common", () => {
  const one = encode({ a: 1, b: { a: 2, c: 3 } });
  const first = decode(one) as Record<string, unknown>;
  first["a"] = "changed";
  delete first["b"];
  deepStrictEqual(decode(one), { a: 1, b: { a: 2, c: 3 } });
  // The same beginning, and something else behind it.
  deepStrictEqual(decode(encode({ a: 1, b: { a: 2, b: 4 } })), { a: 1, b: { a: 2, b: 4 } });
  deepStrictEqual(decode(encode({ a: 1, bb: 2 })), { a: 1, bb: 2 });
  deepStrictEqual(decode(encode([{ a: 1 }, { b: 2 }, { a: 3 }])), [{ a: 1 }, { b: 2 }, { a: 3 }]);
  for (let end = 0; end < one.length; end++) throws(() => decode(one.subarray(0, end)), CodecError);
});

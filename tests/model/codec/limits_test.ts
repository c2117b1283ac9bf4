/** Depth, cycles, identity and size: what is kept, and what is refused rather than cut. */

import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { memoryUsage } from "node:process";
import { decode } from "../../../src/model/codec/decode.ts";
import { encode, encodeInto } from "../../../src/model/codec/encode.ts";
import { CodecError } from "../../../src/model/codec/error.ts";
import { Writer } from "../../../src/model/codec/writer.ts";
import { hex, unhex } from "./describe.ts";

const DEPTH = 200_000;

const wraps: Record<string, readonly [(inner: unknown) => unknown, (outer: unknown) => unknown]> = {
  array: [(inner) => [inner], (outer) => (outer as unknown[])[0]],
  object: [(inner) => ({ inner }), (outer) => (outer as { inner: unknown }).inner],
  Map: [(inner) => new Map([[1, inner]]), (outer) => (outer as Map<unknown, unknown>).get(1)],
  "Map key": [(inner) => new Map([[inner, 1]]), (outer) => [...(outer as Map<unknown, unknown>).keys()][0]],
  Set: [(inner) => new Set([inner]), (outer) => [...(outer as Set<unknown>)][0]],
  "Error cause": [
    (inner) => {
      const error = { __proto__: Error.prototype, cause: inner };
      return error;
    },
    (outer) => (outer as Error).cause,
  ],
  "named array": [
    (inner) => Object.assign([], { inner }),
    (outer) => (outer as unknown as { inner: unknown }).inner,
  ],
};

for (const [name, [wrap, unwrap]] of Object.entries(wraps)) {
  Deno.test(`nesting to a depth of ${DEPTH}: ${name}`, () => {
    let value: unknown = "core";
    for (let i = 0; i < DEPTH; i++) value = wrap(value);
    const bytes = encode(value, { canonical: true });
    let copy = decode(bytes);
    for (let i = 0; i < DEPTH; i++) copy = unwrap(copy);
    strictEqual(copy, "core");
  });
}

Deno.test("errors nest by cause to a depth of 20,000", () => {
  let error = new Error("0");
  for (let i = 1; i < 20_000; i++) error = new Error(String(i), { cause: error });
  let copy = decode(encode(error)) as Error;
  for (let i = 19_999; i > 0; i--) copy = copy.cause as Error;
  strictEqual(copy.message, "0");
});

Deno.test("cycles and shared references of every container are kept", () => {
  const shared = [1];
  const root: Record<string, unknown> = { shared };
  const error = new Error("x", { cause: root });
  root["map"] = new Map<unknown, unknown>([[root, shared], [shared, root]]);
  root["set"] = new Set<unknown>([root, shared]);
  root["error"] = error;
  root["date"] = root["again"] = new Date(1);
  root["view"] = root["view2"] = new Uint8Array(2);
  for (const canonical of [false, true]) {
    const copy = decode(encode(root, { canonical })) as Record<string, unknown>;
    const map = copy["map"] as Map<unknown, unknown>;
    strictEqual(map.get(copy), copy["shared"]);
    strictEqual(map.get(copy["shared"]), copy);
    ok((copy["set"] as Set<unknown>).has(copy) && (copy["set"] as Set<unknown>).has(copy["shared"]));
    strictEqual((copy["error"] as Error).cause, copy);
    strictEqual(copy["date"], copy["again"]);
    strictEqual(copy["view"], copy["view2"]);
  }
});

Deno.test("a value larger than 2^32-1 bytes is refused, not cut", () => {
  throws(() => encode({ a: new ArrayBuffer(2 ** 32) }), {
    kind: "too-large",
    path: "value.a",
    message: "value.a is an ArrayBuffer of 4294967296 bytes, and at most 4294967295 can be stored: " +
      "split it, or store it in a file and pass the path",
  });
  throws(() => encode(new Uint8Array(2 ** 32)), { kind: "too-large", path: "value" });
  throws(() => encode(new DataView(new ArrayBuffer(2 ** 32))), { kind: "too-large" });
  throws(() => encode(new ArrayBuffer(0, { maxByteLength: 2 ** 32 })), { kind: "too-large" });
  const half = new Uint8Array(2 ** 31);
  // Large payloads are only noted until the end, so that this copies nothing.
  throws(() => encode([half, half.subarray(0, 2 ** 31)]), { kind: "too-large", path: "value[1]" });
});

Deno.test("the writer refuses output beyond its limit wherever it grows", () => {
  const message =
    "makes the whole larger than 5000 bytes: split it, or store it in files and pass their paths";
  const expected = { name: "CodecError", kind: "too-large", message };
  throws(() => new Writer(5000).string("x".repeat(5000)), expected);
  throws(() => new Writer(5000).raw(new Uint8Array(70_000)), expected);
  throws(() => {
    const writer = new Writer(5000);
    for (;;) writer.byte(0);
  }, expected);
});

Deno.test("a large scratch buffer is not kept", () => {
  encodeInto("x".repeat(3 << 20));
  ok(encodeInto(1).buffer.byteLength <= 1 << 20);
});

Deno.test("large payloads are put in place between the small parts", () => {
  const big = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
  const value = [1, big, "x", big, { big: big.slice(1), after: true }, new Uint16Array(big.buffer)];
  const bytes = encode(value);
  strictEqual(bytes.buffer.byteLength, bytes.length);
  deepStrictEqual(decode(bytes), value);
  deepStrictEqual(decode(encodeInto(value)), value);
});

Deno.test("a buffer resized by a later getter is noticed", () => {
  const buffer = new ArrayBuffer(100_000, { maxByteLength: 200_000 });
  const value = {
    buffer,
    get later() {
      buffer.resize(10);
      return 1;
    },
  };
  throws(() => encode(value), {
    kind: "unsupported",
    message: "value holds a buffer that was resized while it was encoded",
  });
});

Deno.test("a getter that changes the containers being written does no harm", () => {
  const map = new Map<unknown, unknown>();
  const list: unknown[] = [];
  const evil = {
    get x() {
      map.clear();
      list.length = 1;
      return 1;
    },
  };
  map.set("a", evil).set("b", 2);
  list.push(map, 2, 3);
  deepStrictEqual(decode(encode(list)), [
    new Map<unknown, unknown>([["a", { x: 1 }], ["b", 2]]),
    undefined,
    undefined,
  ]);
});

Deno.test("small bytes do not take much memory", () => {
  // An array of 1000 empty sparse arrays, each with a length of 30 million.
  const bytes = unhex(`010ce807${"0d8087a70e0000".repeat(1000)}`);
  const before = memoryUsage().rss;
  const copy = decode(bytes) as unknown[][];
  ok(memoryUsage().rss - before < 100e6, "1000 sparse arrays are small");
  strictEqual(copy[999]!.length, 30_000_000);
  for (
    const text of ["0cffffffff0f", "08ffffffff0f", "11ffffff7f", "1affffffff0f", "10ffffff7f", "0effffff7f"]
  ) {
    throws(() => decode(unhex(`01${text}`)), { kind: "corrupt" });
  }
  // Resizable buffers reserve address space: together no more than one of the largest.
  throws(() => decode(unhex(`010c02${"1b00ffffffff0f".repeat(2)}`)), { kind: "corrupt" });
});

Deno.test("bytes cut at any place, or followed by more, are corrupt", () => {
  const bytes = encode({ a: [1, "x", { b: new Map([["k", new Error("e")]]) }], c: new Float64Array(3) });
  for (let length = 0; length < bytes.length; length++) {
    throws(() => decode(bytes.subarray(0, length)), CodecError);
  }
  throws(() => decode(Uint8Array.of(...bytes, 0)), {
    kind: "corrupt",
    message: `byte ${bytes.length}: 1 bytes follow the value`,
  });
  throws(() => decode(unhex("02c0")), {
    message: "byte 0: this is not a stored value, or one of another version",
  });
});

Deno.test("what only a forger writes is corrupt", () => {
  const forged: Record<string, string> = {
    "unknown tag": "1f",
    "tag zero": "00",
    "reference to nothing": "0b00",
    "shape that is not there": "40",
    "key that is not there": "0e0105c0",
    "key twice in a shape": `0e02${"008161"}01c0c0`,
    "key twice in a dictionary": "1002008161c001c0",
    "Map key twice": "1102c1c1c1c2",
    "Set value twice": "1202c1c1",
    "array index as a name": "0d010001008130c0",
    "length as a name": `0d010001${"00866c656e677468"}c0`,
    "index beyond the length": "0d01010001c0",
    "ASCII above 0x7f": "8180",
    "bad UTF-8": "0902c328",
    "bad regexp source": "14815b80",
    "bad regexp flags": "14816181" + "7a",
    "odd bytes in a Uint16Array": "1c0503010203",
    "typed array kind": "1c2000",
    "error kind": "1d200080",
    "error flags": "1d001080",
    "integer beyond 2^53": "05ffffffffffffffff7f",
    "endless varint": "08ffffffffffffffffffffff7f",
    "boxed string without string": "16c0",
    "buffer longer than its maximum": "1b0201aabb",
  };
  for (const [name, text] of Object.entries(forged)) {
    throws(() => decode(unhex(`01${text}`)), { kind: "corrupt" }, name);
  }
});

Deno.test("decoding never touches a prototype", () => {
  const value = JSON.parse('{"__proto__":{"a":1},"constructor":2,"list":[{"__proto__":3}]}');
  const copy = decode(encode(value)) as Record<string, unknown>;
  strictEqual(Object.getPrototypeOf(copy), Object.prototype);
  deepStrictEqual(Object.keys(copy), ["__proto__", "constructor", "list"]);
  strictEqual(hex(encode(copy)), hex(encode(value)));
  const array = Object.assign([1], {});
  Object.defineProperty(array, "__proto__", { value: [2], enumerable: true });
  strictEqual(Object.getPrototypeOf(decode(encode(array))), Array.prototype);
});

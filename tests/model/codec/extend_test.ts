/** Branded objects and functions are written as another value, or as an extension that `revive` reads. */

import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { decode } from "../../../src/model/codec/decode.ts";
import { encode, encodeInto, type EncodeOptions, type Extended } from "../../../src/model/codec/encode.ts";
import { CodecError } from "../../../src/model/codec/error.ts";
import { hex } from "./describe.ts";

const brand = Symbol("brand");

interface Branded {
  [brand]: Extended;
}

const options: EncodeOptions = { brand, extend: (object) => (object as Branded)[brand] };

function branded<T extends object>(object: T, extended: Extended): T & Branded {
  return Object.assign(object, { [brand]: extended });
}

class Handle {
  constructor(readonly inner: unknown) {}
}

const revive = (inner: unknown): Handle => new Handle(inner);

Deno.test("inline writes the other value in place", () => {
  const other = { a: 1 };
  strictEqual(hex(encode([branded({}, { inline: other })], options)), hex(encode([other])));
  strictEqual(hex(encode(branded(() => {}, { inline: 7 }), options)), hex(encode(7)));
  strictEqual(hex(encode(branded({}, { inline: branded({}, { inline: "x" }) }), options)), hex(encode("x")));
});

Deno.test("without a brand option the property does not count", () => {
  strictEqual(hex(encode(branded({ a: 1 }, { inline: 7 }))), hex(encode({ a: 1 })));
});

Deno.test("inline keeps identity with the other value, and cycles through it", () => {
  const other: Record<string, unknown> = { a: 1 };
  const object = branded({}, { inline: other });
  other["back"] = object;
  const copy = decode(encode([object, other, object], options)) as Record<string, unknown>[];
  strictEqual(copy[0], copy[1]);
  strictEqual(copy[0], copy[2]);
  strictEqual(copy[0]!["back"], copy[0]);
  const again = decode(encode([other, object], options)) as unknown[];
  strictEqual(again[0], again[1]);
});

Deno.test("identity is kept wherever among many objects a branded one stands", () => {
  for (let before = 0; before < 20; before++) {
    for (let after = 0; after < 12; after++) {
      const other: Record<string, unknown> = {};
      const object = branded({}, { inline: branded({}, { inline: other }) });
      const list = (handle: unknown): unknown[] => {
        other["back"] = handle;
        const head = Array.from({ length: before }, (_, i) => ({ i }));
        const tail = Array.from({ length: after }, (_, i) => ({ i }));
        return [...head, handle, ...tail, handle, other, ...head, ...tail];
      };
      const bytes = encode(list(object), options);
      strictEqual(hex(bytes), hex(encode(list(other))), `${before} before, ${after} after`);
    }
  }
});

Deno.test("an object given for itself is written as it is", () => {
  const object: Record<PropertyKey, unknown> = { a: 1 };
  object[brand] = { inline: object };
  const copy = decode(encode([object, object], options)) as unknown[];
  deepStrictEqual(copy, [{ a: 1 }, { a: 1 }]);
  strictEqual(copy[0], copy[1]);
});

Deno.test("objects that replace each other without end are refused", () => {
  const object = {};
  const extend = (): Extended => ({ inline: { [brand]: 1 } });
  throws(() => encode([branded(object, { inline: 1 })], { brand, extend }), {
    message: "value[0] is replaced by one extended object after another without end",
  });
});

Deno.test("an extension is revived, everywhere a value may stand", () => {
  const handle = (inner: unknown) => branded(() => {}, { extension: inner });
  const shared = handle({ id: 1 });
  const value = {
    a: handle(1),
    list: [handle([2, { x: 3 }]), 4],
    map: new Map<unknown, unknown>([[handle("key"), handle("value")], ["k", 1]]),
    set: new Set([handle(5), 6]),
    error: Object.assign(new Error("e", { cause: handle(7) }), { own: handle(8) }),
    named: Object.assign([9], { extra: handle(10) }),
    nested: handle(handle(handle(11))),
    twice: [shared, shared],
    dictionary: Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`k${i}`, handle(i)])),
    end: 12,
  };
  const copy = decode(encode(value, options), { revive }) as typeof value;
  deepStrictEqual(copy.a as unknown, new Handle(1));
  deepStrictEqual(copy.list as unknown, [new Handle([2, { x: 3 }]), 4]);
  deepStrictEqual([...copy.map] as unknown, [[new Handle("key"), new Handle("value")], ["k", 1]]);
  deepStrictEqual([...copy.set] as unknown, [new Handle(5), 6]);
  deepStrictEqual([copy.error.cause, copy.error.own] as unknown, [new Handle(7), new Handle(8)]);
  deepStrictEqual(copy.named.extra as unknown, new Handle(10));
  deepStrictEqual(copy.nested as unknown, new Handle(new Handle(new Handle(11))));
  strictEqual(copy.twice[0], copy.twice[1]);
  deepStrictEqual((copy.dictionary as unknown as Record<string, unknown>)["k69"], new Handle(69));
  strictEqual(copy.end, 12);
  deepStrictEqual(decode(encode(handle(1), options), { revive }), new Handle(1));
});

Deno.test("extensions nest to a depth of 100,000", () => {
  let value: unknown = 1;
  for (let i = 0; i < 100_000; i++) value = branded({}, { extension: value });
  let copy = decode(encode(value, options), { revive });
  let depth = 0;
  for (; copy instanceof Handle; copy = copy.inner) depth++;
  strictEqual(depth, 100_000);
});

Deno.test("a cycle through an extension is refused", () => {
  const inner: Record<string, unknown> = {};
  inner["self"] = branded({}, { extension: inner });
  throws(() => encode([inner["self"]], options), {
    message: "value[0].self refers back to the extension object it is part of: break that cycle",
  });
  // The inner value itself may be cyclic.
  const loop: Record<string, unknown> = {};
  loop["loop"] = loop;
  const copy = decode(encode(branded({}, { extension: loop }), options), { revive }) as Handle;
  strictEqual((copy.inner as typeof loop)["loop"], copy.inner);
});

Deno.test("an extension without revive is an error", () => {
  throws(() => decode(encode(branded({}, { extension: 1 }), options)), { kind: "corrupt" });
});

Deno.test("errors of extend and revive come out as they are", () => {
  const error = new Error("mine");
  const extend = () => {
    throw error;
  };
  throws(() => encode([branded({}, { inline: 1 })], { brand, extend }), (thrown) => thrown === error);
  const bytes = encode(branded({}, { extension: 1 }), options);
  throws(() => decode(bytes, { revive: extend }), (thrown) => thrown === error);
});

Deno.test("extend, getters and revive may use the codec themselves", () => {
  const extend = (): Extended => ({ extension: hex(encodeInto([{ a: 1 }, { b: 2 }])) });
  const value = {
    before: { a: 1 },
    handle: branded({}, { inline: 1 }),
    get nested() {
      return hex(encode({ z: [1, 2, { a: 1 }] }, { canonical: true }));
    },
    after: { a: 2 },
  };
  const bytes = encodeInto(value, { brand, extend });
  const copy = decode(bytes, { revive: (inner) => decode(encode([inner])) }) as Record<string, unknown>;
  deepStrictEqual(copy, {
    before: { a: 1 },
    handle: [hex(encode([{ a: 1 }, { b: 2 }]))],
    nested: hex(encode({ z: [1, 2, { a: 1 }] })),
    after: { a: 2 },
  });
});

Deno.test("an error of a nested encoding keeps its own path as the cause", () => {
  const value = {
    get broken() {
      return encode({ inner: () => {} });
    },
  };
  throws(() => encode(value), (error) => {
    ok(error instanceof CodecError && error.cause instanceof CodecError);
    strictEqual(error.path, "value.broken");
    strictEqual(error.cause.path, "value.inner");
    return true;
  });
});

/** Random values of every type the codec knows, with shared references and cycles, and small changes to them. */

import fc from "fast-check";

const key = fc.oneof(
  fc.constantFrom("a", "b", "c", "id", "name", "__proto__", "constructor", "toString", "10", "2", "é"),
  fc.string({ unit: "binary", maxLength: 5 }),
);

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((units) =>
    String.fromCharCode(...units)
  ),
  fc.integer({ min: 60, max: 300 }).map((length) => "x".repeat(length)),
);

/** Values without identity. */
export const primitive: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(undefined, null, true, false, NaN, 0, -0, Infinity, -Infinity, 63, 64, "", 0n),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt(),
  text,
);

const VIEWS: readonly (new (buffer: ArrayBuffer) => ArrayBufferView)[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Float16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];

const bytes = fc.uint8Array({ maxLength: 24 });

const leafObject: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer().map((time) => new Date(time)),
  fc.constantFrom("", "g", "giu", "dy").map((flags) => new RegExp("a|[b-z]+", flags)),
  fc.double().map((value) => Object(value)),
  text.map((value) => Object(value)),
  fc.boolean().map((value) => Object(value)),
  fc.bigInt().map((value) => Object(value)),
  fc.tuple(bytes, fc.constantFrom(...VIEWS)).map(([content, View]) =>
    new View(content.slice(0, content.length & ~7).buffer)
  ),
  bytes.map((content) => content.slice().buffer),
  fc.tuple(bytes, fc.nat(16)).map(([content, more]) => {
    const buffer = new ArrayBuffer(content.length, { maxByteLength: content.length + more });
    new Uint8Array(buffer).set(content);
    return buffer;
  }),
);

function record(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, value] of entries) put(object, name, value);
  return object;
}

function put(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

const ERRORS = [Error, TypeError, RangeError, SyntaxError, URIError];

const tree: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => {
  const value = tie("value");
  const entries = fc.array(fc.tuple(key, value), { maxLength: 5 });
  return {
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      primitive,
      leafObject,
      entries.map(record),
      fc.array(value, { maxLength: 5 }),
      fc.array(fc.tuple(fc.nat(3), value), { maxLength: 4 }).map((items) => {
        const array: unknown[] = [];
        for (const [gap, item] of items) array[array.length + gap] = item;
        array.length += items.length % 3;
        return array;
      }),
      fc.tuple(fc.array(value, { maxLength: 3 }), entries).map(([array, names]) => {
        for (const [name, item] of names) if (!/^\d+$/.test(name)) put(array, name, item);
        return array;
      }),
      fc.array(fc.tuple(value, value), { maxLength: 4 }).map((items) => new Map(items)),
      fc.array(value, { maxLength: 4 }).map((items) => new Set(items)),
      fc.tuple(fc.constantFrom(...ERRORS), text, text, value, entries, fc.nat(7)).map(
        ([Type, message, stack, cause, own, flags]) => {
          const error = new Type(message, flags & 1 ? { cause } : undefined);
          Object.defineProperty(error, "stack", { value: flags & 2 ? stack : undefined });
          for (const [name, item] of own) if (name !== "name") put(error, name, item);
          if (flags & 4) error.name = "Custom";
          return error;
        },
      ),
    ),
  };
}).value;

/** All own places in a value where something can be changed: a setter for each. */
function places(root: unknown): { object: object; keys: string[] }[] {
  const found: { object: object; keys: string[] }[] = [];
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Map) { for (const [name, item] of value) (visit(name), visit(item)); }
    if (value instanceof Set) { for (const item of value) visit(item); }
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof String) return;
    // The name of an error is text in stored form.
    const keys = Object.keys(value).filter((name) => !(value instanceof Error && name === "name"));
    found.push({ object: value, keys });
    for (const name of keys) visit((value as Record<string, unknown>)[name]);
  };
  visit(root);
  return found;
}

/** Makes `object[key]` of some place another value: a leaf, or an object met elsewhere (sharing, cycles). */
export function change(root: unknown, where: number, leaf: unknown): void {
  const all = places(root).filter((place) => place.keys.length > 0);
  if (all.length === 0) return;
  const place = all[where % all.length]!;
  const name = place.keys[where % place.keys.length]!;
  const value = where % 3 === 0 ? all[(where >>> 3) % all.length]!.object : leaf;
  put(place.object, name, value);
}

/** A value of any type, some with shared references and cycles. */
export const anything: fc.Arbitrary<unknown> = fc.tuple(
  tree,
  fc.array(fc.nat(), { maxLength: 2 }),
).map(([value, links]) => {
  for (const link of links) if (link % 2 === 0) change(value, link * 3, undefined);
  return value;
});

/** What cannot be stored is refused with the place and the way out: the whole text of each message. */

import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { encode, type EncodeOptions } from "../../../src/model/codec/encode.ts";
import { CodecError } from "../../../src/model/codec/error.ts";

function refusal(value: unknown, options?: EncodeOptions): CodecError {
  try {
    encode(value, options);
  } catch (error) {
    ok(error instanceof CodecError, `not a CodecError: ${error}`);
    return error;
  }
  throw new Error("it was encoded");
}

class Tagged {
  get [Symbol.toStringTag](): string {
    return "Tagged";
  }
}

class FakeMap {
  get [Symbol.toStringTag](): string {
    return "Map";
  }
}

function circumvent(): object {
  const buffer = new ArrayBuffer(4);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

const messages: readonly (readonly [() => unknown, string])[] = [
  [
    () => function callback() {},
    'value is a function "callback", which cannot be stored: define it inside the task\'s module instead',
  ],
  [
    () => [0, (() => () => {})()],
    "value[1] is a function, which cannot be stored: define it inside the task's module instead",
  ],
  [
    () => ({ s: Symbol("me") }),
    "value.s is a symbol, Symbol(me), which cannot be stored: pass a string instead",
  ],
  [
    () => [Object(Symbol())],
    "value[0] is a Symbol, which cannot be stored: pass its description, or leave it out",
  ],
  [() => new WeakMap(), "value is a WeakMap, which cannot be stored: pass a Map"],
  [() => new WeakSet(), "value is a WeakSet, which cannot be stored: pass a Set"],
  [() => new WeakRef({}), "value is a WeakRef, which cannot be stored: pass `ref.deref()`"],
  [() => Promise.resolve(), "value is a Promise, which cannot be stored: `await` it first"],
  [
    () => new Proxy([], {}),
    "value is a Proxy, which cannot be stored: pass a plain copy of it, such as `{ ...proxy }`",
  ],
  [
    () => new SharedArrayBuffer(1),
    "value is a SharedArrayBuffer, which cannot be stored: pass a copy: `new Uint8Array(shared).slice()`",
  ],
  [
    () => new Uint8Array(new SharedArrayBuffer(1)),
    "value is a Uint8Array on a SharedArrayBuffer, which cannot be stored: pass a copy, `view.slice()`",
  ],
  [
    () => (function* () {})(),
    "value is a Generator, which cannot be stored: collect its items into an array first: `[...generator]`",
  ],
  [
    () => [1].values(),
    "value is an Array Iterator, which cannot be stored: collect its items into an array first",
  ],
  [() => new URL("http://a/"), "value is a URL, which cannot be stored: pass `url.href`"],
  [() => new Blob([]), "value is a Blob, which cannot be stored: pass its bytes: `await blob.bytes()`"],
  [
    () => new File([], "f"),
    "value is a File, which cannot be stored: pass its name and bytes: `await file.bytes()`",
  ],
  [() => new Headers(), "value is a Headers, which cannot be stored: pass its entries: `[...headers]`"],
  [
    () => new Request("http://a/"),
    "value is a Request, which cannot be stored: pass what is needed of it, such as `request.url` and its body",
  ],
  [
    () => new ReadableStream(),
    "value is a ReadableStream, which cannot be stored: read it first, or store the data in a file and pass the path",
  ],
  [() => Math, "value is a Math, which cannot be stored: pass plain data taken from it"],
  [() => new Tagged(), "value is a Tagged, which cannot be stored: pass plain data taken from it"],
  [() => new FakeMap(), "value is a Map, which cannot be stored: pass plain data taken from it"],
  [circumvent, "value is a detached ArrayBuffer: its bytes were transferred elsewhere"],
];

for (const [make, message] of messages) {
  Deno.test(`refused: ${message.slice(0, 60)}`, () => {
    const error = refusal(make());
    strictEqual(error.message, message);
    strictEqual(error.kind, "unsupported");
    ok(message.startsWith(error.path));
  });
}

Deno.test("the path names the place", () => {
  const bad = () => {};
  const paths = (value: unknown): string => refusal(value, { root: "input" }).path;
  deepStrictEqual(
    [
      paths(bad),
      paths({ opts: { callback: bad } }),
      paths([1, 2, 3, { x: { "odd key": bad } }]),
      paths({ ok: [], "ünï": { "": bad } }),
      paths(new Map([["k", [bad]]])),
      paths({ m: new Map<unknown, unknown>([[1n, 0], [{ a: bad }, 1]]) }),
      paths(new Map([[bad, 1]])),
      paths(new Map([[{}, bad]])),
      paths({ s: new Set([1, { f: bad }]) }),
      paths(Object.assign([1], { extra: bad })),
      // deno-lint-ignore no-sparse-arrays
      paths([, , bad]),
      paths(new Error("x", { cause: { deep: bad } })),
      paths(new AggregateError([1, bad])),
      paths(Object.assign(new Error("x"), { request: bad })),
      paths(Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`k${i}`, i === 69 ? bad : i]))),
    ],
    [
      "input",
      "input.opts.callback",
      'input[3].x["odd key"]',
      'input.ünï[""]',
      'input.get("k")[0]',
      "input.m Map key #1.a",
      "input Map key #0",
      "input.get(#0)",
      "input.s Set value #1.f",
      "input.extra",
      "input[2]",
      "input.cause.deep",
      "input.errors[1]",
      "input.request",
      "input.k69",
    ],
  );
});

Deno.test("a path of great depth keeps its start and its end", () => {
  let value: unknown = { end: () => {} };
  for (let i = 0; i < 100_000; i++) value = [value];
  const { path } = refusal(value);
  ok(path.startsWith("value[0][0]") && path.includes("…") && path.endsWith("[0].end"), path);
  ok(path.length < 400);
});

Deno.test("a getter that throws is reported with its place and cause", () => {
  const cause = new TypeError("no luck");
  const error = refusal({
    a: [{
      get b() {
        throw cause;
      },
    }],
  });
  strictEqual(error.message, "value.a[0].b cannot be read: no luck");
  strictEqual(error.cause, cause);
});

Deno.test("after a refusal the encoder works as before", () => {
  const before = encode({ a: [1, { b: 2 }] });
  throws(() => encode({ a: [1, { b: () => {} }] }), CodecError);
  deepStrictEqual(encode({ a: [1, { b: 2 }] }), before);
});

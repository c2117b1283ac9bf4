/** Calls: their keys, that they never change, what they are made of, and how they travel as data. */
import { deepStrictEqual, match, notStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { type Call, clearing, link, makeCall, PickError, unlink } from "../../src/model/call.ts";
import { encode } from "../../src/model/codec/encode.ts";
import { decode } from "../../src/model/codec/decode.ts";
import { type Expression, packExpression, unpackCalls } from "../../src/model/expression.ts";
import { all, isFuture, value } from "../../src/model/future.ts";
import { definitionOf, type Task, task } from "../../src/model/task.ts";
import { anything } from "./codec/arbitrary.ts";
import { describe } from "./codec/describe.ts";

const first = task("first", (input: unknown) => input) as Task<unknown, unknown>;
const second = task("second", (input: unknown) => input) as Task<unknown, unknown>;
const known = new Map([first, second].map((one) => [one.taskName, definitionOf(one)!]));

/** A call of a random input, calls within calls, and a text that is equal exactly for equal ones. */
interface Made {
  readonly call: Call<unknown>;
  readonly text: string;
}
const calls: fc.Arbitrary<Made> =
  fc.letrec<{ call: Made; input: { input: unknown; text: string } }>((tie) => ({
    call: fc.tuple(fc.boolean(), tie("input")).map(([which, { input, text }]) => ({
      call: (which ? first : second)(input) as Call<unknown>,
      text: `${which ? "first" : "second"}(${text})`,
    })),
    input: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(0, -0, "", "a", null, undefined, 1n, NaN).map((input) => ({
        input,
        text: describe(input, true),
      })),
      tie("call").map(({ call, text }) => ({ input: call, text })),
      fc.array(tie("input"), { maxLength: 3 }).map((items) => ({
        input: items.map(({ input }) => input),
        text: `[${items.map(({ text }) => text)}]`,
      })),
      fc.dictionary(fc.constantFrom("a", "b", "c"), tie("input")).map((record) => ({
        input: Object.fromEntries(Object.entries(record).map(([key, { input }]) => [key, input])),
        text: `{${Object.entries(record).map(([key, { text }]) => `${key}:${text}`).sort()}}`,
      })),
    ),
  })).call;

Deno.test("keys are equal exactly when task and input are, nested calls included", () => {
  const seen = new Map<string, string>();
  const keys = new Map<string, string>();
  fc.assert(
    fc.property(calls, ({ call, text }) => {
      match(call.key, /^[0-9a-f]{40}$/);
      strictEqual(seen.get(call.key) ?? text, text);
      strictEqual(keys.get(text) ?? call.key, call.key);
      seen.set(call.key, text);
      keys.set(text, call.key);
    }),
    { numRuns: 3_000 },
  );
  ok(seen.size > 500, `${seen.size} different calls`);
});

Deno.test("keys of inputs without futures are equal exactly when the inputs are", () => {
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(anything, (input) => {
      const { key } = makeCall(known.get("first")!, input);
      const text = describe(input, true);
      strictEqual(seen.get(key) ?? text, text);
      seen.set(key, text);
      strictEqual(makeCall(known.get("first")!, decode(encode(input))).key, key);
    }),
    { numRuns: 1_000 },
  );
  strictEqual(new Set(seen.values()).size, seen.size);
});

Deno.test("what a key tells apart, and what it does not", () => {
  const key = (input: unknown) => first(input).key;
  const upstream = second(1);
  strictEqual(key({ a: 1, b: 2 }), key({ b: 2, a: 1 }));
  strictEqual(key({ x: second(1) }), key({ x: upstream }));
  strictEqual(key(value(5)), key(5));
  strictEqual(key(all([1, upstream])), key([1, upstream]));
  const different = [
    0,
    -0,
    "0",
    0n,
    null,
    undefined,
    [],
    {},
    [undefined],
    new Map(),
    new Set(),
    upstream,
    [upstream],
    upstream.key,
    { key: upstream.key },
    second(2),
    [second(1), second(2)],
    [second(2), second(1)],
    [second(1), second(1)],
    upstream.pick("x" as never),
    upstream.pick("y" as never),
    upstream.pick(0 as never),
    upstream.pick("0" as never),
    upstream.pick("x" as never).pick("y" as never),
  ];
  strictEqual(new Set(different.map(key)).size, different.length);
  notStrictEqual(first(1).key, second(1).key);
});

Deno.test("a key goes as deep as calls are nested", () => {
  const nest = (bottom: number) => {
    let call = first(bottom);
    for (let level = 0; level < 20_000; level++) call = second({ call });
    return call.key;
  };
  strictEqual(nest(1), nest(1));
  notStrictEqual(nest(1), nest(2));
});

Deno.test("changing an input after the call changes nothing", () => {
  const input = { list: [1, { deep: "a" }], bytes: new Uint8Array([1, 2]), map: new Map([["k", [1]]]) };
  const copy = structuredClone(input);
  const call = first(input);
  const { key } = call;
  const bytes = call.bytes.slice();
  (input.list[1] as { deep: string }).deep = "b";
  input.list.push(3);
  input.bytes[0] = 9;
  input.map.get("k")!.push(2);
  strictEqual(call.key, key);
  deepStrictEqual(call.bytes, bytes);
  deepStrictEqual(unlink(call.bytes, () => undefined), copy);
  notStrictEqual(first(input).key, key);
});

Deno.test("calls made later do not touch the bytes of earlier ones", () => {
  const made = Array.from({ length: 3_000 }, (_, n) => first({ n, text: "x".repeat(n % 700) }));
  made.forEach((call, n) => {
    deepStrictEqual(unlink(call.bytes, () => undefined), { n, text: "x".repeat(n % 700) });
  });
});

Deno.test("a call is no thenable: await gives the call and runs nothing", async () => {
  let runs = 0;
  const counted = task("counted", () => ++runs);
  const call = counted();
  strictEqual("then" in call, false);
  strictEqual(await call, call);
  strictEqual(await Promise.resolve(call), call);
  strictEqual(runs, 0);
  for (const future of [call, value(1), all([1]), call.pick("x" as never)]) {
    ok(isFuture(future));
    strictEqual("then" in future, false);
  }
});

Deno.test("what cannot be cloned is refused with its path", () => {
  throws(() => first({ opts: { callback: () => 1 } }), /input\.opts\.callback/);
  throws(() => first([1, Symbol("s")]), /input\[1\]/);
  throws(() => first({ a: all({ b: [() => 1] }) }), /input\.a\.b\[0\]/);
});

Deno.test("picks: read from the value when it is there, refused when it does not fit", () => {
  const { bytes, upstreams } = link(
    { a: first(1).pick("x" as never).pick(0 as never), b: first(1) },
    { canonical: true, root: "input" },
  );
  strictEqual(upstreams.length, 1);
  deepStrictEqual(unlink(bytes, () => ({ x: [5] })), { a: 5, b: { x: [5] } });
  for (const odd of [{ y: 1 }, null, undefined, 5]) {
    throws(() => unlink(bytes, () => odd), { name: "PickError", message: /^pick\("x"\)/ });
  }
  // Nothing inherited: a result that was stored has none of it.
  const inherited = link(first(1).pick("toString" as never), { canonical: true, root: "input" });
  throws(() => unlink(inherited.bytes, () => ({})), PickError);
  throws(() => first(1).pick(Symbol("s") as never), /has no symbol properties/);
});

Deno.test("clear asks for this key, clearAll for all of the task", async () => {
  const asked: unknown[] = [];
  const before = clearing.clear;
  clearing.clear = (...call) => {
    asked.push(call);
    return Promise.resolve(3);
  };
  try {
    const call = first(1);
    strictEqual(await call.clear(), 3);
    strictEqual(await call.clear({ cache: "/c" }), 3);
    strictEqual(await first.clearAll(), 3);
    deepStrictEqual(asked, [
      ["first", [call.key], {}],
      ["first", [call.key], { cache: "/c" }],
      ["first", "all", {}],
    ]);
    clearing.clear = () => Promise.reject(new Error("no cache"));
    await rejects(call.clear(), /no cache/);
  } finally {
    clearing.clear = before;
  }
});

/** Packs a structure, and lets it travel. */
function sent(structure: unknown): Expression {
  const { bytes, upstreams } = link(structure, { canonical: false, root: "result" });
  return decode(encode(packExpression(bytes, upstreams))) as Expression;
}

Deno.test("expressions: calls come back with their keys, inputs and upstreams", () => {
  fc.assert(
    fc.property(fc.array(calls, { maxLength: 5 }), (made) => {
      const structure = { list: made.map(({ call }) => call), n: 1 };
      const expression = sent(structure);
      const unpacked = unpackCalls(expression, (call) => known.get(call.task));
      ok("calls" in unpacked);
      const keys = unlink(expression.bytes, (number) => unpacked.calls[number]!.key);
      deepStrictEqual(keys, { list: made.map(({ call }) => call.key), n: 1 });
      const packed = expression.calls.map(({ task, input, upstreams }) =>
        [task, input.join(), upstreams].join("|")
      );
      strictEqual(new Set(packed).size, packed.length, "each call is packed once");
      expression.calls.forEach(({ upstreams }, index) => ok(upstreams.every((up) => up < index)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("expressions: a task that is not there is named", () => {
  const unpacked = unpackCalls(
    sent(second(first(1))),
    (call) => call.task === "first" ? known.get("first") : undefined,
  );
  ok("missing" in unpacked);
  strictEqual(unpacked.missing.task, "second");
  match(unpacked.missing.frames[0]!.module, /call_test\.ts$/);
});

Deno.test("expressions: long chains and wide sharing are packed without recursion, each call once", () => {
  let chain = first(0);
  for (let length = 1; length < 50_000; length++) chain = first([chain]);
  strictEqual(sent(chain).calls.length, 50_000);
  // Each level uses the one below twice: 2^40 paths, 41 calls.
  let shared = first(0);
  for (let level = 0; level < 40; level++) shared = second({ left: shared, right: shared });
  strictEqual(sent(shared).calls.length, 41);
});

Deno.test("a call is no text and no number: it is not its value", () => {
  const one = task("call-text", ({ n }: { n: number }) => ({ n }));
  const call = one({ n: 1 }) as unknown as string;
  const part = one({ n: 1 }).pick("n") as unknown as number;
  for (
    const use of [() => `${call}`, () => call + "", () => Number(call), () => part * 2, () => [call].join()]
  ) {
    throws(use, /^TypeError: A call of "call-text" is not its value/);
  }
});

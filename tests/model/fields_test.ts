/** Declared fields: texts cast, values checked, choices kept, and what is said when they are not. */
import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { unlink } from "../../src/model/call.ts";
import type { FieldType, StandardSchema } from "../../src/model/definition.ts";
import { DefinitionError } from "../../src/model/failure.ts";
import { castText } from "../../src/model/field.ts";
import { all, type Future, value } from "../../src/model/future.ts";
import { definitionOf, type Task, task } from "../../src/model/task.ts";

/** The input that a call was made of. */
function inputOf(call: { readonly bytes: Uint8Array }): unknown {
  return unlink(call.bytes, () => "‹call›");
}

/** What a declaration or a call is refused with, without the place. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    match(error.message, /\n {4}(at|the task is defined at) \S+fields_test\.ts:\d+:\d+$/);
    return error.message.slice(0, error.message.lastIndexOf("\n"));
  }
  throw new Error("it was not refused");
}

/** A schema by a function that gives the value, or throws what is wrong with it. */
function schema<Output>(check: (value: unknown) => Output): StandardSchema<unknown, Output> {
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => {
        try {
          return { value: check(value) };
        } catch (error) {
          return { issues: [{ message: (error as Error).message, path: ["x", { key: 0 }] }] };
        }
      },
    },
  };
}

/** By type: texts and their values; `undefined` is refused. */
const TEXTS: Readonly<Record<FieldType, readonly [text: string, value: unknown][]>> = {
  string: [["", ""], ["007", "007"], ["true", "true"]],
  number: [
    ["1", 1],
    ["-2.5", -2.5],
    ["+.5e-3", 0.0005],
    ["5.", 5],
    ["1E3", 1000],
    ["-0", 0],
    ["", undefined],
    [" 1", undefined],
    ["1_000", undefined],
    ["0x10", undefined],
    ["1e999", undefined],
    ["NaN", undefined],
    ["Infinity", undefined],
    [".", undefined],
  ],
  integer: [["01", 1], ["-7", -7], ["-0", 0], ["1.0", undefined], ["1e3", undefined], ["", undefined]],
  boolean: [
    ...["true", "YES", "On", "1"].map((one): [string, boolean] => [one, true]),
    ...["false", "No", "OFF", "0"].map((one): [string, boolean] => [one, false]),
    ["", undefined],
    ["y", undefined],
    ["2", undefined],
  ],
  bigint: [["12345678901234567890", 12345678901234567890n], ["+5", 5n], ["-5", -5n], ["1.5", undefined], [
    "",
    undefined,
  ]],
};

Deno.test("texts are cast by the declared type, strictly", () => {
  for (const [type, cases] of Object.entries(TEXTS)) {
    for (const [text, expected] of cases) {
      const cast = castText({ type: type as FieldType, schema: undefined }, text);
      const got = "value" in cast ? cast.value : undefined;
      deepStrictEqual(got, expected, `${type} of ${JSON.stringify(text)}`);
      strictEqual(Object.is(got, -0), false);
    }
  }
  deepStrictEqual(castText({ type: "integer", schema: undefined }, "9007199254740993"), {
    problem: 'it is too large for "integer": declare "bigint"',
  });
});

Deno.test("a value written out and cast again is the same", () => {
  const types: readonly [FieldType, fc.Arbitrary<unknown>][] = [
    ["number", fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0))],
    ["integer", fc.maxSafeInteger()],
    ["boolean", fc.boolean()],
    ["bigint", fc.bigInt()],
    ["string", fc.string()],
  ];
  for (const [type, values] of types) {
    fc.assert(fc.property(values, (one) => {
      deepStrictEqual(castText({ type, schema: undefined }, String(one)), { value: one });
    }));
  }
});

Deno.test("a schema is given the text, then the JSON value", () => {
  const numbers = schema((one) => {
    if (typeof one !== "number") throw new Error("no number");
    return one + 1;
  });
  // The value is what a call is given: what the schema makes of it comes with the call.
  deepStrictEqual(castText({ type: undefined, schema: numbers }, "3"), { value: 3 });
  deepStrictEqual(castText({ type: undefined, schema: numbers }, "x"), { problem: "x.0: no number" });
  deepStrictEqual(castText({ type: undefined, schema: numbers }, '"3"'), { problem: "x.0: no number" });
  deepStrictEqual(castText({ type: undefined, schema: schema((one) => one) }, "3"), { value: "3" });
});

Deno.test("values in code are checked, not cast, and the field is named", () => {
  const one = task("fields-1::[n]::[b]", { fields: { n: "number", b: "boolean" }, run: () => 1 });
  deepStrictEqual(inputOf(one({ n: 0.5, b: false })), { n: 0.5, b: false });
  const loose = one as unknown as Task<Record<string, unknown>, number>;
  const cases: readonly [input: Record<string, unknown>, problem: string][] = [
    [{ n: NaN, b: true }, 'the field "n" is NaN: it takes a number'],
    [{ n: Infinity, b: true }, 'the field "n" is Infinity: it takes a number'],
    [{ n: "1", b: true }, 'the field "n" is "1": it takes a number'],
    [{ n: [value(1)], b: true }, 'the field "n" is [{ constant: 1 }]: it takes a number'],
    [{ n: 1, b: "true" }, 'the field "b" is "true": it takes true or false'],
    [{ n: 1 }, 'the field "b" is missing: it takes true or false'],
    [3 as never, "the input is 3: it is an object with the fields n, b"],
    [undefined as never, 'the field "n" is missing: it takes a number'],
  ];
  for (const [input, problem] of cases) {
    strictEqual(refusal(() => loose(input)), `Task "fields-1::[n]::[b]": ${problem}`);
  }
});

Deno.test("whole numbers and bigints", () => {
  const one = task("fields-2", { fields: { i: "integer", big: "bigint" }, run: () => 1 });
  deepStrictEqual(inputOf(one({ i: -3, big: 2n ** 70n })), { i: -3, big: 2n ** 70n });
  strictEqual(
    refusal(() => one({ i: 1.5, big: 1n })),
    'Task "fields-2": the field "i" is 1.5: it takes a whole number',
  );
  strictEqual(
    refusal(() => one({ i: 1, big: 1 as never })),
    'Task "fields-2": the field "big" is 1: it takes a whole number of any size (a bigint)',
  );
});

Deno.test("futures are let through: nobody knows their values yet", () => {
  const source = task("fields-3", () => 1);
  const one = task("fields-4", {
    fields: { n: "number", list: schema((one) => one as number[]) },
    choices: { n: [7] },
    run: () => 1,
  });
  deepStrictEqual(inputOf(one({ n: source(), list: [source()] })), { n: "‹call›", list: ["‹call›"] });
  deepStrictEqual(inputOf(one(all({ n: source(), list: [] }) as Future<never>)), { n: "‹call›", list: [] });
});

Deno.test("schemas convert what calls are given, and say what is wrong", () => {
  const length = schema((one) => {
    if (typeof one !== "string") throw new Error("no text");
    return one.length;
  });
  const one = task("fields-5", {
    fields: { a: length, b: schema((one) => one ?? "default") },
    run: () => 1,
  });
  deepStrictEqual(inputOf(one({ a: "four" })), { a: 4, b: "default" });
  strictEqual(refusal(() => one({ a: 4 })), 'Task "fields-5": the field "a" is 4: x.0: no text');
  const whole = task("fields-6", { fields: schema((one) => ({ got: one })), run: () => 1 });
  deepStrictEqual(inputOf(whole({ a: 1 })), { got: { a: 1 } });
  const never = task("fields-7", {
    fields: schema((): { n: number } => {
      throw new Error("not that");
    }),
    run: () => 1,
  });
  strictEqual(refusal(() => never({ n: 1 })), 'Task "fields-7": the input is { n: 1 }: x.0: not that');
});

Deno.test("a schema that answers later is refused, and its failure is nobody's", async () => {
  const later: StandardSchema<number, number> = {
    "~standard": { version: 1, vendor: "test", validate: () => Promise.reject(new Error("late")) },
  };
  const one = task("fields-8", { fields: { n: later }, run: () => 1 });
  strictEqual(
    refusal(() => one({ n: 1 })),
    'Task "fields-8": the field "n" is 1: its schema checks asynchronously, and inputs are checked at once: leave that to the task',
  );
  await new Promise((turned) => setImmediate(turned));
  const broken: StandardSchema<number, number> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: () => {
        throw new RangeError("broken");
      },
    },
  };
  const other = task("fields-9", { fields: { n: broken }, run: () => 1 });
  strictEqual(
    refusal(() => other({ n: 1 })),
    'Task "fields-9": the field "n" is 1: its schema threw RangeError: broken',
  );
});

Deno.test("choices: lists, functions of the fields before, and a function of all", () => {
  const asked: unknown[] = [];
  const one = task("choices-1::[env]::[os]", {
    choices: () => ({
      env: ["dev", "prod"],
      os: (fields) => {
        asked.push(fields);
        return fields.env === "prod" ? ["linux", "mac"] : [];
      },
    }),
    run: () => 1,
  });
  deepStrictEqual(inputOf(one({ env: "prod", os: "mac" })), { env: "prod", os: "mac" });
  deepStrictEqual(asked, [{ env: "prod" }]);
  const problem = (env: string, os: string) => refusal(() => one({ env, os })).replace(/^Task "[^"]*": /, "");
  strictEqual(
    problem("prdo", "mac"),
    'the field "env" is "prdo": it takes "dev" or "prod"; did you mean "prod"?',
  );
  strictEqual(problem("prod", "windows"), 'the field "os" is "windows": it takes "linux" or "mac"');
  strictEqual(
    problem("dev", "mac"),
    'the field "os" is "mac": there is nothing that it may be, given the fields before it',
  );
  strictEqual(
    refusal(() => (one as unknown as Task<object, number>)({ os: "mac" })),
    'Task "choices-1::[env]::[os]": the field "env" is missing: it takes "dev" or "prod"',
  );
  const later = value("dev") as Future<string>;
  deepStrictEqual(inputOf(one({ env: later, os: "anything" })), { env: "dev", os: "anything" });
});

Deno.test("choices are compared by value, before or after a schema", () => {
  const one = task("choices-2", {
    fields: { n: "number", at: schema((one) => one as object), text: schema((one) => String(one).trim()) },
    choices: { n: [1, 2], at: [{ x: 1, y: [2] }], text: ["a"] },
    run: () => 1,
  });
  one({ n: 2, at: { y: [2], x: 1 }, text: " a " });
  strictEqual(
    refusal(() => one({ n: 3, at: { y: [2], x: 1 }, text: "a" })),
    'Task "choices-2": the field "n" is 3: it takes 1 or 2',
  );
  strictEqual(
    refusal(() => one({ n: 1, at: { x: 1, y: [3] }, text: "a" })),
    'Task "choices-2": the field "at" is { x: 1, y: [3] }: it takes { x: 1, y: [2] }',
  );
});

Deno.test("choices that fail, or give what cannot be, are the task's fault", () => {
  const one = task("choices-3::[n]", {
    choices: (): never => {
      throw new RangeError("no list today");
    },
    run: () => 1,
  });
  strictEqual(
    refusal(() => one({ n: "1" })),
    'Task "choices-3::[n]": its `choices` threw RangeError: no list today',
  );
  const two = task("choices-4::[n]", { choices: { n: () => 5 as never }, run: () => 1 });
  strictEqual(
    refusal(() => two({ n: "1" })),
    'Task "choices-4::[n]": `choices.n` is a list, or a function of the fields before it, not 5',
  );
  const three = task("choices-5::[n]", { choices: () => ({ m: ["1"] }) as never, run: () => 1 });
  strictEqual(
    refusal(() => three({ n: "1" })),
    'Task "choices-5::[n]": `choices` has a field that the task does not have, "m"; did you mean "n"?',
  );
});

Deno.test("a task that declares nothing takes anything, as ever", () => {
  const one = task("nothing-declared::[n]", ({ n }) => n);
  deepStrictEqual(inputOf(one({ n: 5 as never })), { n: 5 });
  strictEqual(definitionOf(one)!.choices, undefined);
  throws(() => one({ n: (() => 1) as never }), { name: "CodecError" });
});

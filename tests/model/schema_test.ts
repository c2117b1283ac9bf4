/** Schemas of the libraries that people use: zod, valibot and arktype, as declared fields. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { type } from "npm:arktype@2";
import * as v from "npm:valibot@1";
import * as z from "npm:zod@4";
import { unlink } from "../../src/model/call.ts";
import { callsNamed } from "../../src/model/catalogue.ts";
import { definitionOf, task } from "../../src/model/task.ts";

const inputOf = (call: { readonly bytes: Uint8Array }): unknown => unlink(call.bytes, () => undefined);
const placeless = (error: unknown): string => (error as Error).message.replace(/\n[^]*$/, "");

/** One field of a template by each library: what a name gives it, and what it refuses. */
const NUMBERS = {
  zod: [z.number().int().min(1), "Too small: expected number to be >=1"],
  valibot: [v.pipe(v.number(), v.integer(), v.minValue(1)), "Invalid value: Expected >=1 but received 0"],
  arktype: [type("number.integer >= 1"), "must be at least 1 (was 0)"],
} as const;

for (const [library, [schema, refusal]] of Object.entries(NUMBERS)) {
  Deno.test(`schemas: a field of ${library}`, () => {
    const one = task(`schema-${library}::[n]`, { fields: { n: schema }, run: ({ n }) => n });
    const tasks = [definitionOf(one)!];
    const found = callsNamed(`schema-${library}::7`, { tasks });
    ok(found.kind === "one", JSON.stringify(found));
    strictEqual(found.call.key, one({ n: 7 }).key);
    deepStrictEqual(inputOf(found.call), { n: 7 });
    throws(() => one({ n: 0 }), (error: unknown) => {
      strictEqual(placeless(error), `Task "schema-${library}::[n]": the field "n" is 0: ${refusal}`);
      return true;
    });
    const refused = callsNamed(`schema-${library}::x`, { tasks });
    ok(refused.kind === "problem" && !refused.missing);
  });
}

Deno.test("schemas: of the whole input, with what they make of it", () => {
  const one = task("schema-whole", {
    fields: z.object({ n: z.coerce.number<string | number>(), tags: z.array(z.string()).default(["none"]) }),
    run: ({ n, tags }) => [n, tags],
  });
  deepStrictEqual(inputOf(one({ n: "7" })), { n: 7, tags: ["none"] });
  const two = task("schema-whole-two::[n]", {
    fields: v.object({ n: v.pipe(v.string(), v.decimal(), v.transform(Number)) }),
    run: ({ n }) => n,
  });
  deepStrictEqual(inputOf(two({ n: "7" })), { n: 7 });
  const found = callsNamed("schema-whole-two::07", { tasks: [definitionOf(two)!] });
  ok(found.kind === "one");
  strictEqual(found.name, "schema-whole-two::7");
  throws(() => two({ n: "x" }), (error: unknown) => {
    strictEqual(
      placeless(error),
      'Task "schema-whole-two::[n]": the input is { n: "x" }: n: Invalid decimal: Received "x"',
    );
    return true;
  });
});

Deno.test("schemas: one that checks asynchronously is refused", () => {
  const one = task("schema-async", {
    fields: { n: z.string().refine((text) => Promise.resolve(text !== "")) },
    run: ({ n }) => n,
  });
  throws(() => one({ n: "x" }), (error: unknown) => {
    strictEqual(
      placeless(error),
      'Task "schema-async": the field "n" is "x": its schema checks asynchronously, and inputs are checked at once: leave that to the task',
    );
    return true;
  });
});

/** Targets that are none. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { all, DefinitionError, run, task } from "../../mod.ts";

const square = task("targets square", ({ x }: { x: number }) => x * x);
const sum = task("targets sum", (input: unknown) => input);

const PROBLEM = 'is the task "targets square", not a call of it: call it, with its input if it takes one';

Deno.test("a task in the place of a call of it is told, wherever it stands, all at once", async () => {
  const call = square({ x: 1 });
  for (
    const [target, ...where] of [
      [square, "target"],
      [{ a: square }, "target.a"],
      [[call, square], "target[1]"],
      [
        { a: { b: square }, c: [[square], call], "d e": square },
        "target.a.b",
        "target.c[0][0]",
        'target["d e"]',
      ],
      [new Map([["k", { s: new Set([square]) }]]), 'target.get("k").s Set value #0'],
      [all({ a: [all({ b: square })], c: square }), "target.c", "target.a[0].b"],
    ] as const
  ) {
    const { message } = await assertRejects(() => run(target, { cache: "none" }), DefinitionError);
    const told = message.split(PROBLEM).slice(0, -1).map((text: string) => text.trim());
    assertEquals(told.sort(), where.toSorted(), message);
  }
});

Deno.test("what else is no value is told with its place", async () => {
  const error = await assertRejects(() => run({ a: [() => 1] }, { cache: "none" }), DefinitionError);
  assertEquals(
    error.message,
    "target.a[0] is a function, which cannot be stored: define it inside the task's module instead",
  );
});

Deno.test("in an input too, and the stack is that of whoever made the call", () => {
  const error = assertThrows(() => sum({ a: [square], b: 1 }), Error, `input.a[0] ${PROBLEM}`);
  assertEquals(error.stack!.includes("targets_test.ts:"), true, error.stack);
});

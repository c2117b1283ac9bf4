/** Targets that are none. */
import { assertRejects } from "@std/assert";
import { DefinitionError, run, task } from "../../mod.ts";

const square = task("targets square", ({ x }: { x: number }) => x * x);

Deno.test("a task in the place of a call of it is told, wherever it stands", async () => {
  const problem = 'is the task "targets square", not a call of it';
  for (
    const [target, where] of [[square, "target"], [{ a: square }, "target.a"], [
      [square({ x: 1 }), square],
      "target.1",
    ]]
  ) {
    await assertRejects(() => run(target, { cache: "none" }), DefinitionError, `${where} ${problem}`);
  }
});

/** Attempts whose branches wait by themselves: each gets its answers, whenever it asks. */
import { assertEquals } from "@std/assert";
import { run } from "runner";
import { tree } from "../fixtures/branches.ts";
import { tempFolder } from "../support/temp.ts";

for (const [workers, parallel] of [[1, 1], [1, 3], [2, 2]] as const) {
  Deno.test(`branches of one task ask at their own pace: ${workers} workers, ${parallel} at once`, async () => {
    using folder = tempFolder();
    const [branches, steps] = [12, 6];
    const expected = Array.from({ length: branches }, (_, branch) => branch * 100 * steps + 15)
      .reduce((one, other) => one + other, 0);
    // Twice the same task beside others: what is asked meets what is about to go on in many orders.
    const { value, stats } = await run(
      [tree({ branches, steps }), tree({ branches: 5, steps: 3 }), tree({ branches: 2, steps: 6 })],
      { cache: "none", state: folder.path, workers, parallel },
    );
    assertEquals(value[0], expected);
    assertEquals(stats.ran, 3 + branches * steps);
  });
}

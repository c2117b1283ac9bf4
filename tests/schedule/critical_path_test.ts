/** The simulation of `bench/critical_path.ts` comes to its end, and critical-path order keeps what it promises there. */
import { ok, strictEqual } from "node:assert/strict";
import { boundOf, compare, corpus, report, simulate } from "../../bench/critical_path.ts";

Deno.test("the simulation: all nodes succeed, no order beats the bound, one lane takes as long as all work", () => {
  for (const shape of corpus(0.2)) {
    const { fifo, criticalPath, bound, nodes } = compare(shape);
    strictEqual(fifo.succeeded, nodes);
    strictEqual(criticalPath.succeeded, nodes);
    ok(fifo.wall >= bound && criticalPath.wall >= bound, shape.name);
    const alone = { ...shape, lanes: 1 };
    strictEqual(simulate(alone, "critical-path").wall, boundOf(alone));
  }
});

Deno.test("critical-path order: at least 10 % less wall than first come, at most 1.05 times the bound", () => {
  for (const seed of [1, 2, 3]) {
    const all = corpus(1, seed).map(compare);
    const saved = 1 -
      all.reduce((sum, { fifo, criticalPath }) => sum + criticalPath.wall / fifo.wall, 0) / all.length;
    ok(saved >= 0.1, `${report(all)}`);
    for (const { criticalPath, bound } of all) ok(criticalPath.wall <= 1.05 * bound, report(all));
  }
});

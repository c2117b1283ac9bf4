/** A graph that is planned and not run: `planned.ts <nodes>`; half of them read one node each, the other half none. */
import { type Call, task } from "runner";
import { plan } from "../../src/engine/plan.ts";
import { numberArgument, tell } from "./measure.ts";

/** A task with an input, which may be another's result. */
export const item = task("item", ({ i, from }: { i: number; from?: number }) => i + (from ?? 0));

const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});
function held(): number {
  collect();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

if (import.meta.main) {
  const nodes = numberArgument(0);
  const before = held();
  const begun = performance.now();
  const calls: Call<number>[] = [];
  for (let i = 0; i < nodes; i++) calls.push(i % 2 === 0 ? item({ i }) : item({ i, from: calls[i - 1]! }));
  const { graph } = plan(calls, {}, () => {
    throw new Error("these tasks declare no files");
  });
  const seconds = (performance.now() - begun) / 1_000;
  if (graph.nodes.length !== nodes) throw new Error(`${graph.nodes.length} nodes`);
  const bytesPerNode = (held() - before) / graph.nodes.length;
  tell({ seconds, bytesPerNode });
}

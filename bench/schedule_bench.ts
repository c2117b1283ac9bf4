/** Speed of the scheduler alone: 10^4 nodes from `idle` to `succeeded`. Run with `deno bench bench/schedule_bench.ts`. */
import { retryRule } from "../src/model/retry.ts";
import type { Effect } from "../src/schedule/effect.ts";
import type { Group, Input, NodeSpec } from "../src/schedule/input.ts";
import { newSchedule } from "../src/schedule/state.ts";
import { step } from "../src/schedule/step.ts";

const NODES = 10_000;

const group = (lookup: boolean): Group => ({
  pool: "worker",
  single: false,
  lookup,
  retry: retryRule(undefined),
});

/** Nodes whose upstreams are given by a function of their number. */
function nodes(upstreamsOf: (node: number) => readonly number[]): NodeSpec[] {
  return Array.from({ length: NODES }, (_, node) => ({
    group: 0,
    upstreams: upstreamsOf(node),
    open: false,
    kept: false,
  }));
}

/** Answers every effect at once, until the end. */
function drive(specs: readonly NodeSpec[], lookup: boolean): void {
  const state = newSchedule({ parallel: 2, policy: "stop", trace: false });
  let inputs: Input[] = [{ kind: "groups-added", groups: [group(lookup)] }, {
    kind: "nodes-added",
    nodes: specs,
  }];
  let ended = false;
  while (!ended) {
    const effects: Effect[] = step(state, { kind: "together", inputs });
    inputs = [];
    for (const effect of effects) {
      if (effect.kind === "look-up") inputs.push({ kind: "lookup-answered", node: effect.node, hit: true });
      else if (effect.kind === "start") {
        for (const node of effect.nodes) inputs.push({ kind: "attempt-succeeded", node, millis: 0 });
      } else if (effect.kind === "end") ended = true;
    }
  }
}

const shapes = {
  "independent": nodes(() => []),
  "a chain": nodes((node) => node === 0 ? [] : [node - 1]),
  "a tree": nodes((node) => node === 0 ? [] : [(node - 1) >> 1]),
};
for (const [name, specs] of Object.entries(shapes)) {
  Deno.bench(`schedule 10^4 nodes, ${name}`, { group: "run" }, () => drive(specs, false));
  Deno.bench(`schedule 10^4 nodes, ${name}, up to date`, { group: "hits" }, () => drive(specs, true));
}

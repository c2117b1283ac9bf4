/** Speed of the scheduler alone: nodes from `idle` to `succeeded`. Run with `deno bench bench/schedule_bench.ts`. */
import { retryRule } from "../src/model/retry.ts";
import type { Effect } from "../src/schedule/effect.ts";
import type { Group, Input, NodeSpec } from "../src/schedule/input.ts";
import { newSchedule } from "../src/schedule/state.ts";
import { step } from "../src/schedule/step.ts";

const group = (lookup: boolean, locks: readonly string[] = []): Group => ({
  pool: "worker",
  single: false,
  lookup,
  retry: retryRule(undefined),
  locks,
  needs: [],
  wave: 0,
  priority: 0,
});

/** Nodes whose upstreams are given by a function of their number. */
function nodes(count: number, upstreamsOf: (node: number) => readonly number[] = () => []): NodeSpec[] {
  return Array.from({ length: count }, (_, node) => ({
    group: 0,
    upstreams: upstreamsOf(node),
    open: false,
    kept: false,
  }));
}

/** Answers every effect at once, until the end. */
function drive(specs: readonly NodeSpec[], { lookup = false, locks = [] as readonly string[] } = {}): void {
  const state = newSchedule({ parallel: 2, policy: "stop", trace: false });
  let inputs: Input[] = [{ kind: "groups-added", groups: [group(lookup, locks)] }, {
    kind: "nodes-added",
    nodes: specs,
  }];
  let ended = false;
  while (!ended) {
    const effects: Effect[] = step(state, { kind: "together", inputs });
    inputs = [];
    for (const effect of effects) {
      if (effect.kind === "look-up") inputs.push({ kind: "entries-found", nodes: effect.nodes });
      else if (effect.kind === "start") {
        for (const node of effect.nodes) inputs.push({ kind: "attempt-succeeded", node, millis: 0 });
      } else if (effect.kind === "end") ended = true;
    }
  }
}

/** Attempts that each call the next one and wait for it, or one that calls all the others. */
function calls(count: number, deep: boolean): void {
  const state = newSchedule({ parallel: 1, policy: "stop", trace: false });
  const open: Input[] = [{ kind: "groups-added", groups: [group(false)] }, {
    kind: "nodes-added",
    nodes: nodes(1),
  }];
  const caller: number[] = [];
  let left = count - 1;
  let known = 1;
  for (let input = open.shift(); input !== undefined; input = open.shift()) {
    for (const effect of step(state, input)) {
      if (effect.kind === "resume") open.push({ kind: "attempt-succeeded", node: effect.node, millis: 1 });
      if (effect.kind !== "start") continue;
      for (const node of effect.nodes) {
        const more = deep ? Math.min(1, left) : left;
        left -= more;
        if (more === 0) open.push({ kind: "attempt-succeeded", node, millis: 0 });
        else {
          const on = Array.from({ length: more }, (_, index) => known + index);
          for (const one of on) caller[one] = node;
          known += more;
          const inputs: Input[] = [{ kind: "nodes-added", nodes: nodes(more) }];
          open.push({ kind: "together", inputs: [...inputs, { kind: "attempt-waits", node, on }] });
        }
      }
    }
    // The engine says that a wait is over in an event of its own.
    for (const node of state.due) open.push({ kind: "wait-over", node });
  }
}

const FEW = 10_000;
const MANY = 100_000;
const shapes = {
  "independent": nodes(FEW),
  "a chain": nodes(FEW, (node) => node === 0 ? [] : [node - 1]),
  "a tree": nodes(FEW, (node) => node === 0 ? [] : [(node - 1) >> 1]),
};
for (const [name, specs] of Object.entries(shapes)) {
  Deno.bench(`schedule 10^4 nodes, ${name}`, { group: "run" }, () => drive(specs));
  Deno.bench(
    `schedule 10^4 nodes, ${name}, up to date`,
    { group: "hits" },
    () => drive(specs, { lookup: true }),
  );
}

const large = {
  "independent": nodes(MANY),
  "a chain": nodes(MANY, (node) => node === 0 ? [] : [node - 1]),
  "a fan-in": nodes(MANY, (node) => node === MANY - 1 ? Array.from({ length: MANY - 1 }, (_, up) => up) : []),
};
const few = { group: "large", n: 3, warmup: 1 };
for (const [name, specs] of Object.entries(large)) {
  Deno.bench(`schedule 10^5 nodes, ${name}`, few, () => drive(specs));
}
Deno.bench(`schedule 10^5 nodes, one lock for all`, few, () => drive(large.independent, { locks: ["one"] }));
Deno.bench(`schedule 10^5 nodes, each called by the one before`, few, () => calls(MANY, true));
Deno.bench(`schedule 10^5 nodes, all called by the first`, few, () => calls(MANY, false));

const million = nodes(1_000_000, (node) => node === 0 ? [] : [node >> 1]);
Deno.bench("schedule: 10^6 nodes of a tree added", { group: "add", n: 3, warmup: 1 }, () => {
  const state = newSchedule({ parallel: 2, policy: "stop", trace: false });
  step(state, { kind: "groups-added", groups: [group(false)] });
  step(state, { kind: "nodes-added", nodes: million });
});

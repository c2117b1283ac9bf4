/** Large graphs: no stack overflow, and work that grows with the graph, counted in steps and effects. */
import { ok, strictEqual } from "node:assert/strict";
import type { Effect } from "../../src/schedule/effect.ts";
import type { Input, NodeSpec } from "../../src/schedule/input.ts";
import { countOf } from "../../src/schedule/set.ts";
import { newSchedule, type ScheduleState } from "../../src/schedule/state.ts";
import { step } from "../../src/schedule/step.ts";
import { group, node } from "./support.ts";

/** What a large run took. */
interface Work {
  readonly state: ScheduleState;
  readonly steps: number;
  readonly effects: number;
  readonly bytes: number;
}

/** Runs nodes to the end: lanes give back whole portions, lookups are answered together. */
function work(nodes: readonly NodeSpec[], lookup: boolean, parallel = 8): Work {
  const state = newSchedule({ parallel, policy: "stop", trace: false });
  const held: number[][] = Array.from({ length: parallel }, () => []);
  let [steps, effects] = [0, 0];
  let answers: Input[] = [];
  let ended = false;
  const feed = (input: Input) => {
    steps++;
    const todo: Effect[] = step(state, input);
    effects += todo.length;
    for (const effect of todo) {
      if (effect.kind === "start") held[effect.lane]!.push(...effect.nodes);
      else if (effect.kind === "look-up") {
        answers.push({ kind: "entries-found", nodes: effect.nodes });
      } else if (effect.kind === "end") ended = true;
    }
  };
  const begun = performance.now();
  feed({ kind: "groups-added", groups: [group({ lookup })] });
  ended = false;
  feed({ kind: "nodes-added", nodes });
  while (!ended) {
    if (answers.length > 0) {
      const inputs = answers;
      answers = [];
      feed({ kind: "together", inputs });
      continue;
    }
    const lane = held.findIndex((one) => one.length > 0);
    ok(lane >= 0, "nothing runs, and the run has not ended");
    const inputs = held[lane]!.map((one): Input => ({ kind: "attempt-succeeded", node: one, millis: 0.01 }));
    held[lane] = [];
    feed({ kind: "together", inputs });
  }
  const seconds = (performance.now() - begun) / 1_000;
  const tables = Object.values(state).flatMap((value) => value?.data instanceof Int32Array ? [value] : []);
  const bytes = tables.reduce((sum, table) => sum + table.length * 4, 0);
  Deno.stderr.writeSync(
    new TextEncoder().encode(
      `  ${nodes.length} nodes: ${steps} steps, ${effects} effects, ${
        Math.round(nodes.length / seconds)
      } nodes/s, ${Math.round(steps / seconds)} steps/s, ${(bytes / nodes.length).toFixed(1)} bytes/node\n`,
    ),
  );
  return { state, steps, effects, bytes };
}

/** Nodes that wait for the one before. */
function chain(length: number): NodeSpec[] {
  return Array.from({ length }, (_, index) => node(index === 0 ? [] : [index - 1]));
}

for (const length of [10_000, 1_000_000]) {
  Deno.test(`size: a chain of ${length}, run and looked up`, () => {
    for (const lookup of [false, true]) {
      const { state, steps, effects, bytes } = work(chain(length), lookup);
      strictEqual(countOf(state, lookup ? "up-to-date" : "succeeded"), length);
      // A start or a question, and a release, for each.
      strictEqual(effects, 2 * length + 1 + 1);
      strictEqual(steps, length + 2);
      ok(bytes <= 52 * length, `${bytes} bytes`);
    }
  });
}

Deno.test("size: a fan-in and a fan-out of 100,000", () => {
  const width = 100_000;
  const middle = Array.from({ length: width }, () => node([0]));
  const last = node(Array.from({ length: width }, (_, index) => index + 1));
  const { state, effects, steps } = work([node(), ...middle, last], false);
  strictEqual(countOf(state, "succeeded"), width + 2);
  ok(steps < width / 50, `${steps} steps`);
  ok(effects < width * 1.1, `${effects} effects`);
});

Deno.test("size: a million nodes that wait for nothing, in portions", () => {
  const length = 1_000_000;
  const { state, effects, steps, bytes } = work(Array.from({ length }, () => node()), false);
  strictEqual(countOf(state, "succeeded"), length);
  ok(steps < length / 200, `${steps} steps`);
  ok(effects < length * 1.01, `${effects} effects`);
  ok(bytes <= 36 * length, `${bytes} bytes`);
});

Deno.test("size: a million hits", () => {
  const length = 1_000_000;
  const { state, steps } = work(Array.from({ length }, () => node()), true);
  strictEqual(countOf(state, "up-to-date"), length);
  strictEqual(steps, 3);
});

Deno.test("size: each result of a long chain is lost once, from the end to the start", () => {
  const length = 2_000;
  const state = newSchedule({ parallel: 2, policy: "stop", trace: false });
  step(state, { kind: "groups-added", groups: [group()] });
  step(state, { kind: "nodes-added", nodes: chain(length) });
  let steps = 0;
  let going = 0;
  let deepest = false;
  while (state.states.length > 0 && !state.ended) {
    steps++;
    // The last one misses its upstream, which misses its own, and so on to the first.
    if (going === length - 1) deepest = true;
    if (deepest && going > 0 && steps < 2 * length) {
      step(state, { kind: "results-lost", node: going, during: "attempt", upstreams: [going - 1] });
      going--;
    } else {
      step(state, { kind: "attempt-succeeded", node: going, millis: 0 });
      going++;
    }
  }
  strictEqual(countOf(state, "succeeded"), length);
  strictEqual(steps, 3 * length - 2);
});

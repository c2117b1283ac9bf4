/** The one setter of states, the table of lawful changes, and the tables of numbers. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { isSuccess, isTerminal, LAWFUL, type NodeState, STATES } from "../../src/model/state.ts";
import { addIdle, countOf, setState, stateOf } from "../../src/schedule/set.ts";
import { newSchedule, type ScheduleState } from "../../src/schedule/state.ts";
import { NodeQueue } from "../../src/schedule/queue.ts";
import { Numbers } from "../../src/schedule/table.ts";
import { queued } from "./invariants.ts";
import { check } from "./world.ts";

/** A schedule of one node, brought to a state by lawful changes. */
function nodeIn(wanted: NodeState): ScheduleState {
  const ways = new Map<NodeState, readonly NodeState[]>([["idle", []]]);
  for (const [from, way] of ways) {
    for (const to of LAWFUL[from]) if (!ways.has(to)) ways.set(to, [...way, to]);
  }
  const state = newSchedule({ parallel: 1, policy: "stop", trace: true });
  addIdle(state);
  state.firstUp.push(-1);
  for (const to of ways.get(wanted)!) setState(state, 0, to);
  state.changes.length = 0;
  return state;
}

Deno.test("every change of state is lawful, or throws and changes nothing", () => {
  for (const from of STATES) {
    for (const to of STATES) {
      const state = nodeIn(from);
      if (LAWFUL[from].includes(to)) {
        setState(state, 0, to);
        strictEqual(stateOf(state, 0), to);
        deepStrictEqual([...state.changes.data.subarray(0, 3)], [
          0,
          STATES.indexOf(from),
          STATES.indexOf(to),
        ]);
      } else {
        throws(
          () => setState(state, 0, to),
          new Error(`Internal error: node 0 cannot go from ${from} to ${to}`),
        );
        strictEqual(stateOf(state, 0), from);
        strictEqual(state.changes.length, 0);
      }
      strictEqual(countOf(state, stateOf(state, 0)), 1);
      strictEqual(STATES.reduce((sum, name) => sum + countOf(state, name), 0), 1);
    }
  }
});

Deno.test("the table of lawful changes: every state can be reached, ends only lead to wanted, none to idle", () => {
  deepStrictEqual(Object.keys(LAWFUL).sort(), [...STATES].sort());
  deepStrictEqual(LAWFUL.idle, ["wanted"]);
  for (const name of STATES) {
    ok(!LAWFUL[name].includes("idle"), `${name} leads to idle`);
    ok(!LAWFUL[name].includes(name), `${name} leads to itself`);
    if (isSuccess(name)) ok(isTerminal(name));
    // A hit that stands for calls is blocked until they are computed, and then a hit.
    if (isTerminal(name)) deepStrictEqual(LAWFUL[name].filter((to) => to !== "blocked"), ["wanted"]);
    else ok(LAWFUL[name].length > 0 && (name === "idle" || LAWFUL[name].includes("cancelled")), name);
    // `skipped` is kept for what is to come: only an attempt could give it.
    nodeIn(name);
  }
  deepStrictEqual(
    STATES.filter((name) => LAWFUL[name].includes("running")),
    ["ready"],
    "only what is ready may run",
  );
});

Deno.test("changes are noted only when somebody reads them", () => {
  const state = newSchedule({ parallel: 1, policy: "stop", trace: false });
  addIdle(state);
  state.firstUp.push(-1);
  setState(state, 0, "wanted");
  strictEqual(state.changes.length, 0);
});

Deno.test("Numbers holds what an array holds, at any size", () => {
  check(fc.property(fc.nat(3), fc.array(fc.integer(), { maxLength: 300 }), (capacity, values) => {
    const numbers = new Numbers(capacity);
    for (const value of values) numbers.push(value);
    strictEqual(numbers.length, values.length);
    deepStrictEqual(values.map((_, index) => numbers.at(index)), values);
    if (values.length === 0) return;
    numbers.set(0, 40);
    strictEqual(numbers.add(0, 2), 42);
    strictEqual(numbers.at(0), 42);
    deepStrictEqual(values.map((_, index) => numbers.at(index)).slice(1), values.slice(1));
  }));
});

Deno.test("NodeQueue gives what came first, first", () => {
  const actions = fc.array(
    fc.oneof({ weight: 3, arbitrary: fc.nat() }, { weight: 2, arbitrary: fc.constant(-1) }),
  );
  check(fc.property(actions, (list) => {
    const queue = new NodeQueue();
    const model: number[] = [];
    for (const action of list) {
      strictEqual(queue.peek(), model[0] ?? -1);
      if (action < 0) strictEqual(queue.shift(), model.shift() ?? -1);
      else {
        queue.push(action);
        model.push(action);
      }
      strictEqual(queue.length, model.length);
    }
    deepStrictEqual(queued(queue), model);
  }));
});

Deno.test("NodeQueue lets go of what was taken", () => {
  const queue = new NodeQueue();
  for (let value = 0; value < 100_000; value++) {
    queue.push(value);
    if (value >= 10) strictEqual(queue.shift(), value - 10);
  }
  strictEqual(queue.length, 10);
  const { items } = queue as unknown as { readonly items: readonly number[] };
  ok(items.length < 3_000, `${items.length} numbers are kept for 10`);
});

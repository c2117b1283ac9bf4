/** Named mutual exclusions. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { newSchedule } from "../../src/schedule/state.ts";
import { step } from "../../src/schedule/step.ts";
import { group, kinds, loose, node, starts, Subject, succeeded } from "./support.ts";

Deno.test("nodes that need one lock run one after another, others pass them by", () => {
  const subject = new Subject({ parallel: 3, groups: [group({ locks: ["a"] }), group()] });
  deepStrictEqual(starts(subject.add(...loose(3), node([], { group: 1 }))), ["0: 0", "1: 3"]);
  deepStrictEqual(starts(subject.succeed(0)), ["0: 1"]);
  deepStrictEqual(starts(subject.succeed(3)), []);
  deepStrictEqual(starts(subject.fail(1)), ["0: 2"]);
});

Deno.test("a node takes all its locks or none", () => {
  const groups = [group({ locks: ["a"] }), group({ locks: ["b"] }), group({ locks: ["b", "a"] })];
  const subject = new Subject({ parallel: 4, groups });
  subject.add(node([], { group: 0 }), node([], { group: 2 }), node([], { group: 1 }), node([], { group: 0 }));
  deepStrictEqual(subject.lanes, [[0], [2], [], []]);
  deepStrictEqual(starts(subject.succeed(0)), ["0: 3"]);
  deepStrictEqual(starts(subject.succeed(2)), []);
  deepStrictEqual(starts(subject.succeed(3)), ["0: 1"]);
});

Deno.test("small nodes with locks do not travel together, nor behind others", () => {
  const subject = new Subject({ parallel: 2, groups: [group({ locks: ["a"] }), group()] });
  subject.add(node(), node([], { group: 1 }));
  subject.feed(succeeded(0, 0.01), succeeded(1, 0.01));
  deepStrictEqual(starts(subject.add(...loose(2, { group: 1 }), ...loose(3))), ["0: 2 3", "1: 4"]);
  deepStrictEqual(starts(subject.succeed(2, 3)), []);
  deepStrictEqual(starts(subject.succeed(4)), ["0: 5"]);
});

Deno.test("a lock is kept while its holder waits, and given back with its attempt", () => {
  const retry = { limit: 1 };
  const subject = new Subject({ parallel: 2, groups: [group({ locks: ["a"], retry }), group()] });
  subject.add(node(), node());
  subject.feed({ kind: "nodes-added", nodes: [node([], { group: 1 })] }, {
    kind: "attempt-waits",
    node: 0,
    on: [2],
  });
  deepStrictEqual(subject.states, ["blocked", "ready", "running"]);
  deepStrictEqual(kinds(subject.fail(0)), ["pause 0", "start"]);
  deepStrictEqual(subject.states, ["blocked", "running", "running"]);
});

Deno.test("what was taken back has no lock", () => {
  const subject = new Subject({ parallel: 1, groups: [group({ locks: ["a"] })] });
  subject.add(...loose(2));
  deepStrictEqual(starts(subject.feed({ kind: "recalled", nodes: [0] })).length, 1);
  strictEqual(subject.state.locked.size, 1);
});

Deno.test("the most important of those that wait for a lock gets it", () => {
  const groups = [group({ locks: ["a"] }), group({ locks: ["a"], priority: 1 })];
  const subject = new Subject({ parallel: 2, groups });
  subject.add(...loose(3), ...loose(1, { group: 1 }));
  // All became ready at once: the important one was first.
  deepStrictEqual(subject.lanes, [[3], []]);
  subject.add(...loose(1, { group: 1 }));
  deepStrictEqual(starts(subject.succeed(3)), ["0: 4"]);
});

Deno.test("100,000 nodes that wait for one lock are woken one at a time", () => {
  const state = newSchedule({ parallel: 4, policy: "stop", trace: false });
  step(state, { kind: "groups-added", groups: [group({ locks: ["a"] }), group({ locks: ["b", "a"] })] });
  const nodes = Array.from({ length: 100_000 }, (_, index) => node([], { group: index % 2 }));
  const count = () =>
    state.arrived.length + [...state.ready.values()].reduce((sum, { length }) => sum + length, 0);
  let [running] = starts(step(state, { kind: "nodes-added", nodes }));
  for (let left = nodes.length - 1; left > 0; left--) {
    const effects = step(state, succeeded(Number(running!.slice(3))));
    [running] = starts(effects);
    ok(count() === 0, `${count()} nodes were queued though the lock is taken`);
  }
});

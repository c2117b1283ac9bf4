/** What starts first, and how long a run is expected to take. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { remaining } from "../../src/schedule/rank.ts";
import { RankedQueue } from "../../src/schedule/ranked_queue.ts";
import { ranked } from "./invariants.ts";
import { group, loose, node, starts, Subject } from "./support.ts";
import { check } from "./world.ts";

/** Durations by node. */
const learned = (...millis: number[]) =>
  ({
    kind: "durations-learned",
    groups: [],
    nodes: millis.map((time, node) => [node, time] as const),
  }) as const;

/** The order in which all nodes start, one at a time. */
function order(subject: Subject): number[] {
  const seen: number[] = [];
  for (let running = subject.lanes[0]![0]; running !== undefined; running = subject.lanes[0]![0]) {
    seen.push(running);
    subject.succeed(running);
  }
  return seen;
}

Deno.test("what the longest chain waits for comes first", () => {
  const subject = new Subject({ parallel: 1 });
  // Node 3 ends a chain, and is itself short.
  subject.feed(learned(100, 300, 900, 50, 500), {
    kind: "nodes-added",
    nodes: [node(), node(), node([1]), node([2]), node()],
  });
  deepStrictEqual(order(subject), [1, 2, 4, 0, 3]);
});

Deno.test("first come, first served, if that is asked for", () => {
  const subject = new Subject({ parallel: 1, order: "fifo" });
  subject.feed(learned(100, 900, 500), { kind: "nodes-added", nodes: loose(3) });
  deepStrictEqual(order(subject), [0, 1, 2]);
});

Deno.test("durations may be told with the nodes, in any order", () => {
  const subject = new Subject({ parallel: 1 });
  subject.feed({ kind: "nodes-added", nodes: loose(3) }, learned(100, 900, 500));
  deepStrictEqual(order(subject), [1, 2, 0]);
});

Deno.test("a node's own duration counts before that of its task, that of earlier runs before that of this one", () => {
  const subject = new Subject({ parallel: 1, groups: [group(), group(), group()] });
  subject.feed({ kind: "durations-learned", groups: [[1, 700]], nodes: [[1, 2_000]] });
  subject.add(node([], { group: 0 }), node([], { group: 1 }), node([], { group: 1 }), node([], { group: 2 }));
  deepStrictEqual(order(subject), [1, 2, 0, 3]);
});

Deno.test("declared priority decides between equals, then order of readiness", () => {
  const groups = [group(), group({ priority: 1 }), group({ priority: -1 })];
  const subject = new Subject({ parallel: 1, groups });
  subject.add(...[2, 0, 1, 0, 1].map((group) => node([], { group })));
  deepStrictEqual(order(subject), [2, 4, 1, 3, 0]);
});

Deno.test("a priority does not beat a longer chain", () => {
  const subject = new Subject({ parallel: 1, groups: [group(), group({ priority: 1e12 })] });
  subject.feed(learned(1_000, 100), { kind: "nodes-added", nodes: [node(), node([], { group: 1 })] });
  deepStrictEqual(order(subject), [0, 1]);
});

Deno.test("durations that differ by little count as equal", () => {
  const subject = new Subject({ parallel: 1 });
  subject.feed(learned(1_000, 1_010, 1_300), { kind: "nodes-added", nodes: loose(3) });
  deepStrictEqual(order(subject), [2, 0, 1]);
});

Deno.test("calls are as urgent as the attempt that waits for them", () => {
  const subject = new Subject({ parallel: 1 });
  subject.feed({ kind: "durations-learned", groups: [], nodes: [[0, 5_000], [1, 3_000]] });
  subject.add(node(), node());
  subject.feed({ kind: "nodes-added", nodes: [node()] }, { kind: "attempt-waits", node: 0, on: [2] });
  deepStrictEqual(subject.lanes, [[2]]);
});

Deno.test("ranks are the same whatever the order of the list", () => {
  const subject = new Subject({ parallel: 1 });
  subject.feed(learned(5, 10, 20, 40), {
    kind: "nodes-added",
    nodes: [node([1]), node([2]), node([3]), node()],
  });
  deepStrictEqual([0, 1, 2, 3].map((one) => subject.state.ranks.at(one)), [5, 15, 35, 75]);
  const back = new Subject({ parallel: 1 });
  back.feed(learned(40, 20, 10, 5), {
    kind: "nodes-added",
    nodes: [node(), node([0]), node([1]), node([2])],
  });
  deepStrictEqual([0, 1, 2, 3].map((one) => back.state.ranks.at(one)), [75, 35, 15, 5]);
});

Deno.test("a longer rank never comes later", () => {
  check(fc.property(fc.nat(2 ** 30), fc.nat(2 ** 30), (one, other) => {
    const subject = new Subject({ parallel: 1 });
    subject.feed(learned(1, one, other), { kind: "nodes-added", nodes: loose(3) });
    const [first, second] = order(subject).filter((node) => node > 0);
    const [early, late] = first === 1 ? [one, other] : [other, one];
    // Nothing takes less than a millisecond.
    ok(second !== undefined && Math.max(1, early!) >= late! * 0.88, `${early} before ${late}`);
  }));
});

Deno.test("what is left of a run: the longest chain, or all work over all lanes, and how much of it is known", () => {
  const subject = new Subject({ parallel: 2, groups: [group({ lookup: true })] });
  strictEqual(remaining(subject.state, () => 0), undefined);
  subject.feed(learned(1_000, 2_000), { kind: "nodes-added", nodes: [node(), node([0]), node()] });
  // Also before anything was queued.
  deepStrictEqual(remaining(subject.state, () => 0), { millis: 3_000, known: 3_000 / 3_001 });
  subject.feed({ kind: "lookup-answered", node: 0, hit: false }, {
    kind: "lookup-answered",
    node: 2,
    hit: true,
  });
  deepStrictEqual(remaining(subject.state, () => 400), { millis: 2_600, known: 1 });
  subject.add(...loose(8));
  subject.feed(learned(0, 0, 0, ...Array(8).fill(1_000)));
  ok(remaining(subject.state, () => 400)!.millis >= 4_000);
  const fifo = new Subject({ order: "fifo" });
  fifo.add(node());
  strictEqual(remaining(fifo.state, () => 0)!.millis, 1);
});

Deno.test("RankedQueue gives the most important first, equals as they came", () => {
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.record({ node: fc.nat(), importance: fc.integer({ min: -3, max: 3 }) }) },
    { weight: 2, arbitrary: fc.constant(undefined) },
  );
  check(fc.property(fc.array(action), (list) => {
    const queue = new RankedQueue();
    const model: { readonly node: number; readonly importance: number }[] = [];
    for (const one of list) {
      strictEqual(queue.peek(), model[0]?.node ?? -1);
      if (one === undefined) strictEqual(queue.shift(), model.shift()?.node ?? -1);
      else {
        queue.push(one.node, one.importance);
        const at = model.findIndex(({ importance }) => importance < one.importance);
        model.splice(at < 0 ? model.length : at, 0, one);
      }
      strictEqual(queue.length, model.length);
    }
    deepStrictEqual(ranked(queue), model.map(({ node }) => node));
  }));
});

Deno.test("nodes of one chunk are handed out together, however long they take", () => {
  const subject = new Subject({
    parallel: 2,
    groups: [group(), group({ single: true }), group({ locks: ["a"] })],
  });
  const chunk = (count: number, chunk: number, group = 0) => loose(count, { chunk, group });
  deepStrictEqual(starts(subject.add(...chunk(3, 7), ...chunk(2, 8), node())), ["0: 0 1 2", "1: 3 4"]);
  // What was to stay together is not taken apart for an idle lane.
  deepStrictEqual(starts(subject.succeed(3, 4)), ["1: 5"]);
  const effects = subject.succeed(5);
  deepStrictEqual(effects.filter(({ kind }) => kind === "recall"), []);
  // Those that must be alone, and those with locks, are.
  subject.succeed(0, 1, 2);
  deepStrictEqual(starts(subject.add(...chunk(2, 9, 1))), ["0: 6", "1: 7"]);
  subject.succeed(6, 7);
  deepStrictEqual(starts(subject.add(...chunk(2, 10, 2))), ["0: 8"]);
});

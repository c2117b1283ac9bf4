/** Which nodes go to which lane, in what portions, and when they are taken back. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Effect } from "../../src/schedule/effect.ts";
import { group, kinds, loose, node, starts, Subject, succeeded } from "./support.ts";

/** The sizes of the portions handed out. */
function sizes(effects: readonly Effect[]): number[] {
  return effects.flatMap((effect) => effect.kind === "start" ? [effect.nodes.length] : []);
}

/** A schedule that knows how long the tasks of group 0 take. */
function knowing(millis: number, options: ConstructorParameters<typeof Subject>[0] = {}): Subject {
  const subject = new Subject(options);
  subject.add(node());
  subject.feed(succeeded(0, millis));
  return subject;
}

Deno.test("tasks of unknown duration are handed out one by one", () => {
  const subject = new Subject({ parallel: 3 });
  deepStrictEqual(starts(subject.add(...loose(10))), ["0: 0", "1: 1", "2: 2"]);
});

Deno.test("small tasks travel together, in fair shares", () => {
  const subject = knowing(0.01, { parallel: 3 });
  // 9 among 3 are 3; the rest among 3 is 2; and so on: each portion a share of what is left.
  deepStrictEqual(sizes(subject.add(...loose(9))), [3, 2, 2]);
  deepStrictEqual(subject.lanes, [[1, 2, 3], [4, 5], [6, 7]]);
});

Deno.test("a portion holds about five milliseconds of work, and 512 nodes at most", () => {
  // More portions follow at once, until the lane holds 64 nodes.
  deepStrictEqual(sizes(knowing(0.4, { parallel: 1 }).add(...loose(1_000))), [12, 12, 12, 12, 12, 12]);
  strictEqual(sizes(knowing(0.1, { parallel: 1 }).add(...loose(1_000)))[0], 50);
  strictEqual(sizes(knowing(0, { parallel: 1 }).add(...loose(5_000)))[0], 512);
});

Deno.test("half a millisecond is not small", () => {
  strictEqual(sizes(knowing(0.49, { parallel: 1 }).add(...loose(50)))[0], 10);
  deepStrictEqual(sizes(knowing(0.5, { parallel: 1 }).add(...loose(50))), [1]);
});

Deno.test("the duration of a task is a moving average", () => {
  const subject = knowing(0.1, { parallel: 1 });
  subject.add(node());
  subject.feed(succeeded(1, 10.1));
  strictEqual(subject.state.millis[0]!.toFixed(3), "3.100");
  deepStrictEqual(sizes(subject.add(...loose(50))), [1]);
});

Deno.test("tasks that must be alone are, however small", () => {
  const subject = knowing(0.01, { parallel: 2, groups: [group(), group({ single: true })] });
  subject.add(node([], { group: 1 }));
  subject.feed(succeeded(1, 0.01));
  deepStrictEqual(sizes(subject.add(...loose(10, { group: 1 }))), [1, 1]);
});

Deno.test("a portion ends where a task that is not small comes", () => {
  const subject = knowing(0.01, { parallel: 1, groups: [group(), group({ single: true })] });
  const first = subject.add(node(), node(), node([], { group: 1 }), node());
  deepStrictEqual(starts(first), ["0: 1 2"]);
  deepStrictEqual(starts(subject.succeed(1, 2)), ["0: 3"]);
});

Deno.test("a lane takes nodes of one kind", () => {
  const subject = knowing(0.01, { parallel: 2, groups: [group(), group({ pool: "process" })] });
  const effects = subject.add(...loose(4), ...loose(4, { group: 1 }));
  deepStrictEqual(starts(effects), ["0: 1 2", "1: 5"]);
  deepStrictEqual(subject.state.lanes.map(({ pool }) => pool), ["worker", "process"]);
});

Deno.test("a long queue of one kind does not keep the other kinds from running", () => {
  const subject = new Subject({ parallel: 1, groups: [group(), group({ pool: "process" })] });
  subject.add(...loose(6), node([], { group: 1 }));
  const order: number[] = [];
  for (let more = 0; more < 3; more++) {
    const running = subject.lanes[0]![0]!;
    order.push(running);
    subject.feed(succeeded(running, 20));
  }
  ok(order.includes(6), `${order} have run`);
});

Deno.test("an idle lane is given half of what the fullest has not begun", () => {
  const subject = knowing(0.01, { parallel: 2 });
  // 5 to lane 0, 3 to lane 1, 1 left, which waits for a lane.
  const first = subject.add(...loose(9));
  deepStrictEqual(starts(first), ["0: 1 2 3 4 5", "1: 6 7"]);
  deepStrictEqual(starts(subject.succeed(6, 7)), ["1: 8"]);
  deepStrictEqual(starts(subject.succeed(8)), ["1: 9"]);
  deepStrictEqual(subject.succeed(9), [
    { kind: "release", node: 9 },
    { kind: "recall", pool: "worker", lane: 0, count: 2 },
  ]);
  const back = subject.feed({ kind: "recalled", nodes: [4, 5] });
  deepStrictEqual(starts(back), ["1: 4"]);
  deepStrictEqual(subject.lanes, [[1, 2, 3], [4]]);
  strictEqual(subject.state.attempts.at(5), 0);
});

Deno.test("what becomes ready together starts in the order it was added", () => {
  const subject = new Subject({ parallel: 3 });
  subject.add(node(), node([0]), node([0]), node([0]));
  deepStrictEqual(starts(subject.succeed(0)), ["0: 1", "1: 2", "2: 3"]);
});

Deno.test("one lone node is left where it is", () => {
  const subject = new Subject({ parallel: 2 });
  deepStrictEqual(kinds(subject.add(node())), ["start"]);
});

Deno.test("an executor that gives nothing back is not asked in a circle", () => {
  const subject = knowing(0.01, { parallel: 2 });
  subject.add(...loose(2));
  subject.succeed(2);
  deepStrictEqual(kinds(subject.feed({ kind: "together", inputs: [] })), []);
});

Deno.test("a lane that runs low on small nodes gets more before it is idle", () => {
  const subject = knowing(0.01, { parallel: 1 });
  subject.add(...loose(2_000));
  strictEqual(subject.lanes[0]!.length, 500);
  const lane = () => subject.lanes[0]!;
  // 64 are left: still enough.
  deepStrictEqual(starts(subject.succeed(...lane().slice(0, 436))), []);
  const [next] = subject.succeed(lane()[0]!).filter(({ kind }) => kind === "start");
  ok(next !== undefined && lane().length > 500);
});

Deno.test("a lane that runs low is not given nodes that are large", () => {
  const subject = knowing(0.01, { parallel: 1, groups: [group(), group()] });
  subject.add(...loose(20), ...loose(5, { group: 1 }));
  deepStrictEqual(starts(subject.succeed(1, 2)), []);
});

Deno.test("after stop and after a cancel nothing is handed out", () => {
  const stop = new Subject({ parallel: 1, policy: "stop" });
  stop.add(...loose(3));
  deepStrictEqual(kinds(stop.fail(0)), ["end"]);
  deepStrictEqual(stop.states, ["failed", "ready", "ready"]);
  const cancel = new Subject({ parallel: 1 });
  cancel.add(...loose(2));
  deepStrictEqual(cancel.feed({ kind: "cancel-asked", hard: true }), [{
    kind: "cancel-running",
    hard: true,
  }]);
  deepStrictEqual(kinds(cancel.feed({ kind: "attempt-cancelled", node: 0 })), ["end"]);
  deepStrictEqual(cancel.states, ["cancelled", "cancelled"]);
});

Deno.test("stop takes back what was handed out and not begun; kill ends what runs, too", () => {
  for (const policy of ["stop", "kill"] as const) {
    const subject = knowing(0.01, { parallel: 2, policy });
    subject.add(...loose(6));
    const [begun] = subject.lanes[0]!;
    const effects = subject.fail(begun!).filter(({ kind }) => kind !== "release");
    deepStrictEqual(effects, [
      { kind: "recall", pool: "worker", lane: 0, count: 2 },
      { kind: "recall", pool: "worker", lane: 1, count: 2 },
      ...(policy === "kill" ? [{ kind: "cancel-running", hard: true } as const] : []),
    ]);
  }
});

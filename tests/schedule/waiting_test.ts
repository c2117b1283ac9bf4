/** Attempts that wait for calls they have made: their places, their locks, their ends. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Input } from "../../src/schedule/input.ts";
import { waitingAttempts } from "../../src/schedule/waiting.ts";
import { group, kinds, loose, lost, node, starts, Subject, succeeded } from "./support.ts";

const waits = (node: number, ...on: number[]): Input => ({ kind: "attempt-waits", node, on });
const over = (node: number): Input => ({ kind: "wait-over", node });
const added = (...nodes: ReturnType<typeof node>[]): Input => ({ kind: "nodes-added", nodes });

/** Node 0 runs on the only lane and waits for the nodes it has called. */
function calling(options: ConstructorParameters<typeof Subject>[0] = {}, calls = 1): Subject {
  const subject = new Subject({ parallel: 1, ...options });
  subject.add(node([], { kept: true }));
  subject.feed(added(...loose(calls)), waits(0, ...Array.from({ length: calls }, (_, index) => index + 1)));
  return subject;
}

Deno.test("a waiting attempt gives its lane away, and goes on before anything new", () => {
  const subject = calling({}, 1);
  deepStrictEqual(subject.states, ["blocked", "running"]);
  subject.add(...loose(2));
  // The scheduler does not take the run to be over before the engine has said what comes of it.
  deepStrictEqual(starts(subject.feed(succeeded(1, 20))), ["0: 2"]);
  deepStrictEqual(kinds(subject.feed(over(0))), []);
  deepStrictEqual(kinds(subject.succeed(2)), ["release 2", "resume 0"]);
  deepStrictEqual(starts(subject.succeed(0)), ["0: 3"]);
});

Deno.test("the run is not over between the end of a call and the word that the wait is over", () => {
  const subject = calling();
  deepStrictEqual(kinds(subject.succeed(1)), []);
  deepStrictEqual(kinds(subject.feed(over(0))), ["resume 0"]);
  deepStrictEqual(kinds(subject.succeed(0)), ["release 1", "end"]);
});

Deno.test("an attempt may wait again, for calls that exist or do not", () => {
  const subject = calling();
  subject.feed(succeeded(1), over(0));
  deepStrictEqual(subject.states, ["running", "succeeded"]);
  // What it waits for is there already: the engine is to say so.
  deepStrictEqual(kinds(subject.feed(waits(0, 1))), []);
  deepStrictEqual(kinds(subject.feed(over(0))), ["resume 0"]);
  deepStrictEqual(starts(subject.feed(added(node()), waits(0, 2))), ["0: 2"]);
});

Deno.test("an attempt that waits for several things separately goes on when it has all of them", () => {
  const subject = new Subject({ parallel: 2, groups: [group(), group({ wave: 1 })] });
  subject.add(node([], { kept: true }));
  subject.feed(added(node(), node([], { group: 1 })), waits(0, 1), waits(0, 2));
  deepStrictEqual(subject.states, ["blocked", "running", "ready"]);
  // Nothing else is left to do: the next wave begins for it.
  deepStrictEqual(starts(subject.succeed(1)), ["1: 2"]);
  deepStrictEqual(kinds(subject.succeed(2)), []);
  deepStrictEqual(kinds(subject.feed(over(0))), ["resume 0"]);
});

Deno.test("a wait is over when one of its nodes never succeeds", () => {
  const subject = new Subject({ parallel: 2, groups: [group(), group({ wave: 1 })] });
  subject.add(node([], { kept: true }));
  subject.feed(added(node(), node([], { group: 1 })), waits(0, 1, 2));
  // Wave 1 does not begin before the attempt has gone on.
  deepStrictEqual(kinds(subject.fail(1)), []);
  deepStrictEqual(kinds(subject.feed(over(0))), ["resume 0"]);
  deepStrictEqual(kinds(subject.feed(waits(0, 1))), []);
  deepStrictEqual(kinds(subject.feed(over(0))), ["resume 0"]);
  deepStrictEqual(starts(subject.fail(0)), ["0: 2"]);
});

Deno.test("an attempt goes on on its own lane", () => {
  const subject = new Subject({ parallel: 2 });
  subject.add(node(), node());
  subject.feed(added(node()), waits(1, 2));
  deepStrictEqual(subject.lanes, [[0], [2]]);
  subject.feed(succeeded(0), added(node()), waits(2, 3));
  // Best on a lane that nobody is to go on with.
  deepStrictEqual(subject.lanes, [[3], []]);
  deepStrictEqual(kinds(subject.feed(succeeded(3), over(2))).includes("resume 2"), true);
  deepStrictEqual(subject.lanes, [[], [2]]);
});

Deno.test("an attempt that waits can fail, be tried again, be cancelled, be outdated or lose an input", () => {
  const failing = calling({ groups: [group({ retry: { limit: 1 } })] });
  deepStrictEqual(kinds(failing.fail(0)), ["pause 0"]);
  deepStrictEqual(starts(failing.feed({ kind: "pause-ended", node: 0 })), []);
  deepStrictEqual(starts(failing.succeed(1)), ["0: 0"]);
  strictEqual(failing.state.attempts.at(0), 2);

  const cancelled = calling();
  cancelled.feed({ kind: "attempt-cancelled", node: 0 });
  deepStrictEqual(cancelled.states, ["cancelled", "running"]);

  const outdated = calling({ parallel: 2, groups: [group({ lookup: true })] });
  outdated.feed({ kind: "lookup-answered", node: 0, hit: false }, waits(0, 1));
  deepStrictEqual(kinds(outdated.feed({ kind: "attempt-outdated", node: 0 })), ["look-up 0"]);
  strictEqual(outdated.state.attempts.at(0), 0);

  const missing = new Subject({ parallel: 1 });
  missing.add(node(), node([0]));
  missing.succeed(0);
  missing.feed(added(node()), waits(1, 2));
  deepStrictEqual(starts(missing.feed(lost(1, 0))), []);
  deepStrictEqual(missing.states, ["ready", "blocked", "running"]);

  const losing = calling();
  // A call of its own is gone: the next attempt makes it again.
  losing.feed(succeeded(1, 20), over(0));
  deepStrictEqual(starts(losing.feed(lost(0, 1))), ["0: 1"]);
  deepStrictEqual(losing.states, ["ready", "running"]);
  deepStrictEqual(starts(losing.succeed(1)), ["0: 0"]);
  strictEqual(losing.state.attempts.at(0), 1);
});

Deno.test("a call that fails does not doom the attempt that made it, nor the next one", () => {
  const subject = calling({ groups: [group({ retry: { limit: 1 } })] });
  subject.feed({
    kind: "attempt-failed",
    node: 1,
    reason: "error",
    errorName: "",
    retriable: false,
    vary: 0,
  });
  deepStrictEqual(subject.states, ["blocked", "failed"]);
  deepStrictEqual(kinds(subject.feed(over(0))), ["resume 0"]);
  deepStrictEqual(kinds(subject.fail(0)), ["pause 0"]);
  deepStrictEqual(starts(subject.feed({ kind: "pause-ended", node: 0 })), ["0: 0"]);
});

Deno.test("the results of calls are kept until the attempt is over", () => {
  const subject = calling({}, 2);
  deepStrictEqual(kinds(subject.succeed(1)), ["start"]);
  deepStrictEqual(kinds(subject.succeed(2)), []);
  subject.feed(over(0));
  deepStrictEqual(kinds(subject.succeed(0)), ["release 2", "release 1", "end"]);
});

Deno.test("when the run stops, calls that have not begun never do, and those who wait for them hear of it", () => {
  const subject = calling({ policy: "stop", parallel: 1 }, 1);
  subject.feed(added(node()), waits(0, 2));
  deepStrictEqual(kinds(subject.fail(1)), []);
  deepStrictEqual(subject.states, ["blocked", "failed", "cancelled"]);
  deepStrictEqual(kinds(subject.feed(over(0))), ["resume 0"]);
  deepStrictEqual(kinds(subject.fail(0)), ["end"]);
});

Deno.test("a cancel leaves attempts that wait to end by themselves", () => {
  const subject = calling();
  subject.succeed(1);
  subject.feed(over(0));
  subject.feed(added(node()), waits(0, 2));
  deepStrictEqual(kinds(subject.feed({ kind: "cancel-asked", hard: false })), ["cancel-running"]);
  deepStrictEqual(subject.states, ["blocked", "succeeded", "running"]);
  deepStrictEqual(kinds(subject.feed({ kind: "attempt-cancelled", node: 2 })), []);
  deepStrictEqual(kinds(subject.feed({ kind: "attempt-cancelled", node: 0 })), ["end"]);
});

Deno.test("attempts that wait in vain let the run end, once when it is found out and once when they are over", () => {
  const subject = new Subject({ parallel: 1, groups: [group({ locks: ["a"] })] });
  subject.add(node());
  deepStrictEqual(kinds(subject.feed(added(node()), waits(0, 1))), ["end"]);
  deepStrictEqual(waitingAttempts(subject.state), [0]);
  deepStrictEqual(kinds(subject.feed(over(0))), ["resume 0"]);
  // Its lock is free now.
  deepStrictEqual(starts(subject.fail(0)), ["0: 1"]);
  deepStrictEqual(kinds(subject.succeed(1)), ["release 1", "end"]);
});

Deno.test("two attempts that wait for each other let the run end", () => {
  const subject = new Subject({ parallel: 2 });
  subject.add(node(), node());
  subject.feed(waits(0, 1));
  deepStrictEqual(kinds(subject.feed(waits(1, 0))), ["end"]);
  subject.feed({ kind: "cancel-asked", hard: true });
  subject.feed({ kind: "attempt-cancelled", node: 0 });
  deepStrictEqual(kinds(subject.feed({ kind: "attempt-cancelled", node: 1 })), ["end"]);
});

Deno.test("a thousand attempts wait for each other's calls on one lane", () => {
  const depth = 1_000;
  const subject = new Subject({ parallel: 1 });
  subject.add(node());
  for (let at = 0; at < depth; at++) subject.feed(added(node()), waits(at, at + 1));
  deepStrictEqual(subject.lanes, [[depth]]);
  subject.succeed(depth);
  for (let at = depth - 1; at >= 0; at--) {
    deepStrictEqual(kinds(subject.feed(over(at))), [`resume ${at}`]);
    subject.succeed(at);
  }
  strictEqual(subject.state.ended, true);
});

Deno.test("a cached entry that depends on calls is asked for again when they are settled, however they end", () => {
  for (const fails of [false, true]) {
    const subject = new Subject({ groups: [group({ lookup: true }), group()] });
    subject.add(node(), node([0]));
    const answer: Input = { kind: "lookup-answered", node: 0, hit: false, first: [2] };
    deepStrictEqual(starts(subject.feed(added(node([], { group: 1 })), answer)), ["0: 2"]);
    deepStrictEqual(subject.states, ["blocked", "blocked", "running"]);
    deepStrictEqual(kinds(fails ? subject.fail(2) : subject.succeed(2)), ["look-up 0"]);
    subject.feed({ kind: "lookup-answered", node: 0, hit: !fails });
    deepStrictEqual(subject.states.slice(0, 2), [
      fails ? "running" : "up-to-date",
      fails ? "blocked" : "ready",
    ]);
  }
});

Deno.test("a node that may not run is cancelled, and what needs it", () => {
  const subject = new Subject({ groups: [group({ lookup: true })] });
  subject.add(node(), node([0]), node([1]));
  deepStrictEqual(
    kinds(subject.feed({ kind: "lookup-answered", node: 0, hit: false, leftOut: true })),
    ["end"],
  );
  deepStrictEqual(subject.states, ["cancelled", "cancelled", "cancelled"]);
});

Deno.test("a skipped attempt is a success", () => {
  const subject = new Subject();
  subject.add(node(), node([0]));
  subject.feed({ kind: "attempt-succeeded", node: 0, millis: 1, skipped: true });
  deepStrictEqual(subject.states, ["skipped", "running"]);
});

Deno.test("an outdated attempt is made again, and its dependents wait for it", () => {
  const subject = new Subject({ groups: [group({ lookup: true })] });
  subject.add(node(), node([0]));
  subject.feed({ kind: "lookup-answered", node: 0, hit: false });
  deepStrictEqual(kinds(subject.feed({ kind: "attempt-outdated", node: 0 })), ["look-up 0"]);
  subject.feed({ kind: "lookup-answered", node: 0, hit: true });
  deepStrictEqual(subject.states, ["up-to-date", "ready"]);
});

/** Waves and conditions: what is held back until everything else is quiet. */
import { deepStrictEqual } from "node:assert/strict";
import { group, kinds, loose, node, starts, Subject } from "./support.ts";

const waves = [group(), group({ wave: 1 }), group({ wave: 5 })];

Deno.test("a wave begins when all of the one before have finished, whatever its number", () => {
  const subject = new Subject({ parallel: 4, groups: waves });
  deepStrictEqual(starts(subject.add(...loose(2), ...loose(2, { group: 2 }), node([], { group: 1 }))), [
    "0: 0",
    "1: 1",
  ]);
  deepStrictEqual(starts(subject.succeed(0)), []);
  deepStrictEqual(starts(subject.succeed(1)), ["0: 4"]);
  deepStrictEqual(starts(subject.fail(4)), ["0: 2", "1: 3"]);
});

Deno.test("a wave waits for questions and for retries, too", () => {
  const retry = { limit: 1, backoff: 100 };
  const subject = new Subject({ groups: [group({ lookup: true, retry }), group({ wave: 1 })] });
  subject.add(node(), node([], { group: 1 }));
  deepStrictEqual(starts(subject.feed({ kind: "lookup-answered", node: 0, hit: false })), ["0: 0"]);
  deepStrictEqual(kinds(subject.fail(0)), ["pause 0"]);
  deepStrictEqual(starts(subject.feed({ kind: "pause-ended", node: 0 })), ["0: 0"]);
  deepStrictEqual(starts(subject.succeed(0)), ["0: 1"]);
});

Deno.test("nodes of a later wave are neither looked up nor asked for their deps before", () => {
  const subject = new Subject({ groups: [group(), group({ wave: 1, lookup: true })] });
  deepStrictEqual(kinds(subject.add(node(), node([], { group: 1 }), node([], { group: 1, open: true }))), [
    "start",
  ]);
  deepStrictEqual(kinds(subject.succeed(0)), ["release 0", "look-up 1", "expand 2"]);
});

Deno.test("a node of a wave that has begun starts at once, also one of an earlier wave", () => {
  const subject = new Subject({ groups: [...waves] });
  subject.add(node([], { group: 1 }));
  deepStrictEqual(subject.lanes, [[0], []]);
  deepStrictEqual(starts(subject.add(node())), ["1: 1"]);
});

Deno.test("nodes of an earlier wave that need one of a later wave let it begin", () => {
  const subject = new Subject({ groups: waves });
  deepStrictEqual(starts(subject.add(node([1]), node([], { group: 1 }))), ["0: 1"]);
  deepStrictEqual(starts(subject.succeed(1)), ["0: 0"]);
});

Deno.test("a condition is judged when nothing else of its wave is left to do", () => {
  const subject = new Subject({ groups: [group(), group({ wave: 1 })] });
  subject.add(node(), node([], { conditional: true }), node([1]), node([], { group: 1 }));
  deepStrictEqual(subject.states, ["running", "ready", "blocked", "ready"]);
  deepStrictEqual(starts(subject.succeed(0)), ["0: 1"]);
  deepStrictEqual(starts(subject.succeed(1)), ["0: 2"]);
  deepStrictEqual(starts(subject.succeed(2)), ["0: 3"]);
});

Deno.test("after a failure what waits for there being none is cancelled, with its dependents", () => {
  const subject = new Subject();
  subject.add(...loose(2), node([1], { conditional: true }), node([2]));
  subject.fail(0);
  deepStrictEqual(kinds(subject.succeed(1)), ["release 1", "end"]);
  deepStrictEqual(subject.states, ["failed", "succeeded", "cancelled", "cancelled"]);
});

Deno.test("a condition can only be judged once its own dependencies are there", () => {
  const subject = new Subject();
  subject.add(node([], { conditional: true }), node([0], { conditional: true }), node());
  deepStrictEqual(starts(subject.succeed(2)), ["0: 0"]);
  deepStrictEqual(kinds(subject.fail(0)), ["end"]);
  deepStrictEqual(subject.states, ["failed", "cancelled", "succeeded"]);
});

Deno.test("conditions that are judged together start together", () => {
  const subject = new Subject();
  deepStrictEqual(starts(subject.add(...loose(2, { conditional: true }))), ["0: 0", "1: 1"]);
});

Deno.test("dependents of what has failed are cancelled at once, over any distance", () => {
  const subject = new Subject();
  subject.add(node(), node(), node([0]), node([2, 1]), node([3]));
  deepStrictEqual(subject.fail(0), []);
  deepStrictEqual(subject.states, ["failed", "running", "cancelled", "cancelled", "cancelled"]);
  deepStrictEqual(kinds(subject.succeed(1)), ["release 1", "end"]);
  subject.add(node([4]), node([1]));
  deepStrictEqual(subject.states.slice(5), ["cancelled", "running"]);
});

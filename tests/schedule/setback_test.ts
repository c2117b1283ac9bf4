/** Retries, failures, cancels, and stored results that are gone. */
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { group, kinds, loose, lost, node, starts, Subject, succeeded } from "./support.ts";

/** The pauses between attempts that all fail. */
function pauses(
  retry: Parameters<typeof group>[0],
  fail: Parameters<Subject["fail"]>[1] = {},
): (number | "failed")[] {
  const subject = new Subject({ groups: [group(retry)] });
  subject.add(node());
  const seen: (number | "failed")[] = [];
  while (subject.states[0] === "running" && seen.length < 20) {
    const [pause] = subject.fail(0, fail);
    seen.push(pause?.kind === "pause" ? pause.millis : "failed");
    if (pause?.kind === "pause") subject.feed({ kind: "pause-ended", node: 0 });
  }
  return seen;
}

Deno.test("retries: as many as the limit, each pause a multiple of the one before, none above the longest", () => {
  deepStrictEqual(pauses({}), ["failed"]);
  deepStrictEqual(pauses({ retry: { limit: 2 } }), [0, 0, "failed"]);
  const retry = { limit: 5, backoff: "1s", factor: 3, maxBackoff: "20s" } as const;
  deepStrictEqual(pauses({ retry }), [1_000, 3_000, 9_000, 20_000, 20_000, "failed"]);
});

Deno.test("retries: jitter takes a share of the pause away, as chance has it", () => {
  const retry = { limit: 1, backoff: 1_000, jitter: 0.4 };
  deepStrictEqual(pauses({ retry }, { vary: 0 }), [1_000, "failed"]);
  deepStrictEqual(pauses({ retry }, { vary: 0.5 }), [800, "failed"]);
  deepStrictEqual(pauses({ retry }, { vary: 0.999 }), [600, "failed"]);
});

Deno.test("retries: only for the reasons and error classes that are named, and what may be tried again", () => {
  const retry = { limit: 1, on: ["timeout", "NetworkError"] };
  deepStrictEqual(pauses({ retry }), ["failed"]);
  deepStrictEqual(pauses({ retry }, { errorName: "NetworkError" }), [0, "failed"]);
  deepStrictEqual(pauses({ retry }, { reason: "timeout" }), [0, "failed"]);
  deepStrictEqual(pauses({ retry: { limit: 1 } }, { retriable: false }), ["failed"]);
});

Deno.test("retries: none whose pause takes the time that is left; it is noted that this was why", () => {
  const retry = { limit: 5, backoff: "1s", factor: 3 } as const;
  deepStrictEqual(pauses({ retry }, { left: 9_000 }), [1_000, 3_000, "failed"]);
  deepStrictEqual(pauses({ retry }, { left: 9_001 }), [1_000, 3_000, 9_000, "failed"]);
  const subject = new Subject({ groups: [group({ retry: { limit: 1 } })] });
  subject.add(node());
  subject.fail(0, { left: 10 });
  deepStrictEqual([...subject.state.tooLate], []);
  subject.feed({ kind: "pause-ended", node: 0 });
  subject.fail(0, { left: 0 });
  deepStrictEqual(
    [subject.states, [...subject.state.tooLate]],
    [["failed"], []],
    "there was no other anyway",
  );
  const late = new Subject({ groups: [group({ retry: { limit: 1 } })] });
  late.add(node());
  late.fail(0, { left: 0 });
  deepStrictEqual([late.states, [...late.state.tooLate]], [["failed"], [0]]);
});

Deno.test("so many may fail: then nothing starts, what runs goes on, and what fails is not tried again", () => {
  const groups = [group(), group({ retry: { limit: 1 } })];
  const subject = new Subject({ parallel: 3, groups, maxFailures: 2, order: "fifo" });
  subject.add(node(), node(), node([], { group: 1 }), node(), node(), node([3]));
  deepStrictEqual(subject.states, ["running", "running", "running", "ready", "ready", "blocked"]);
  subject.fail(0);
  deepStrictEqual(subject.states, ["failed", "running", "running", "running", "ready", "blocked"]);
  subject.fail(1);
  deepStrictEqual(subject.states, ["failed", "failed", "running", "running", "ready", "blocked"]);
  subject.fail(2);
  subject.feed({ kind: "attempt-succeeded", node: 3, millis: 1 });
  deepStrictEqual(subject.states, ["failed", "failed", "failed", "succeeded", "ready", "ready"]);
  strictEqual(subject.state.ended, true);
});

Deno.test("a timeout has a state of its own", () => {
  const subject = new Subject();
  subject.add(node());
  subject.fail(0, { reason: "timeout" });
  deepStrictEqual(subject.states, ["timed-out"]);
});

Deno.test("attempts that were taken back leave the retries as they were", () => {
  const subject = new Subject({ parallel: 1, groups: [group({ retry: { limit: 1, backoff: 100 } })] });
  subject.add(node());
  for (let more = 0; more < 5; more++) {
    deepStrictEqual(starts(subject.feed({ kind: "recalled", nodes: [0] })), ["0: 0"]);
    strictEqual(subject.state.attempts.at(0), 1);
  }
  deepStrictEqual(subject.fail(0), [{ kind: "pause", node: 0, millis: 100 }]);
  subject.feed({ kind: "pause-ended", node: 0 });
  deepStrictEqual(kinds(subject.fail(0)), ["end"]);
});

Deno.test("a pause that ends after a cancel starts nothing, and the run does not wait for it", () => {
  const subject = new Subject({ groups: [group({ retry: { limit: 1, backoff: 100 } })] });
  subject.add(node());
  subject.fail(0);
  deepStrictEqual(kinds(subject.feed({ kind: "cancel-asked", hard: false })), ["cancel-running", "end"]);
  deepStrictEqual(subject.feed({ kind: "pause-ended", node: 0 }), []);
});

Deno.test("a result that is gone is made again, without asking the cache", () => {
  const subject = new Subject({ groups: [group({ lookup: true })] });
  subject.add(node(), node([0]));
  subject.feed({ kind: "lookup-answered", node: 0, hit: true });
  deepStrictEqual(kinds(subject.feed({ kind: "lookup-answered", node: 1, hit: false })), ["start"]);
  deepStrictEqual(starts(subject.feed(lost(1, 0))), ["0: 0"]);
  deepStrictEqual(subject.states, ["running", "blocked"]);
  deepStrictEqual(kinds(subject.succeed(0)), ["look-up 1"]);
  subject.feed({ kind: "lookup-answered", node: 1, hit: false });
  strictEqual(subject.state.attempts.at(1), 1);
  subject.succeed(1);
  deepStrictEqual(subject.states, ["succeeded", "succeeded"]);
});

Deno.test("a node that misses a second result waits for the first one, too", () => {
  const subject = new Subject();
  subject.add(node(), node(), node([0, 1]), node([0]));
  subject.succeed(0, 1);
  // 3 misses the result of 0 while 2 runs; then 2 misses that of 1.
  subject.feed(lost(3, 0));
  subject.feed(lost(2, 1));
  deepStrictEqual(subject.states, ["running", "running", "blocked", "blocked"]);
  subject.succeed(0);
  deepStrictEqual(subject.states, ["succeeded", "running", "blocked", "running"]);
  subject.succeed(1);
  deepStrictEqual(subject.states, ["succeeded", "succeeded", "running", "running"]);
});

Deno.test("a node that returned calls waits for them, whatever becomes of its inputs meanwhile", () => {
  const subject = new Subject();
  subject.add(node(), node([0]), node([0]));
  subject.succeed(0);
  subject.feed(lost(2, 0));
  subject.feed({ kind: "nodes-added", nodes: [node()] }, succeeded(1, 1, [3]));
  subject.succeed(0);
  deepStrictEqual(subject.states.slice(0, 2), ["succeeded", "blocked"]);
  deepStrictEqual(kinds(subject.succeed(3)), ["resolve 1"]);
});

Deno.test("a retry waits for an upstream that is being made again", () => {
  const subject = new Subject({ groups: [group({ retry: { limit: 1 } })] });
  subject.add(node(), node([0]), node([0]));
  subject.succeed(0);
  subject.feed(lost(2, 0));
  subject.fail(1);
  deepStrictEqual(subject.feed({ kind: "pause-ended", node: 1 }), []);
  deepStrictEqual(starts(subject.succeed(0)).length, 2);
});

Deno.test("a value that is being put together is not run for anew when a part of it is made again", () => {
  const subject = new Subject();
  subject.add(node([], { kept: true }), node([], { kept: true }), node());
  subject.feed(succeeded(1));
  deepStrictEqual(kinds(subject.feed(succeeded(0, 1, [1]))), ["resolve 0"]);
  subject.feed({ kind: "results-lost", node: -1, during: "end", upstreams: [1] });
  subject.succeed(1);
  deepStrictEqual(subject.states[0], "blocked");
  subject.feed({ kind: "resolved", node: 0 });
  deepStrictEqual(subject.states[0], "succeeded");
});

Deno.test("a hit that has to be made again has succeeded, not been up to date", () => {
  const subject = new Subject({ groups: [group({ lookup: true })] });
  subject.add(node([], { kept: true }));
  const joined = { kind: "nodes-added", nodes: [node([], { kept: true })] } as const;
  subject.feed(joined, { kind: "lookup-answered", node: 0, hit: true, follow: [1] });
  subject.feed({ kind: "lookup-answered", node: 1, hit: true });
  subject.feed({ kind: "resolved", node: 0 });
  deepStrictEqual(subject.states, ["up-to-date", "up-to-date"]);
  subject.feed({ kind: "results-lost", node: -1, during: "end", upstreams: [0] });
  subject.feed(succeeded(0, 1, [1]));
  subject.feed({ kind: "resolved", node: 0 });
  deepStrictEqual(subject.states, ["succeeded", "up-to-date"]);
});

Deno.test("results that are missed after a cancel leave everything cancelled", () => {
  const subject = new Subject();
  subject.add(node(), node([0]), node([0], { open: true }));
  subject.succeed(0);
  subject.feed({ kind: "cancel-asked", hard: false });
  subject.feed({ kind: "results-lost", node: 2, during: "expand", upstreams: [0] });
  deepStrictEqual(subject.states, ["succeeded", "running", "cancelled"]);
  deepStrictEqual(kinds(subject.feed(lost(1, 0))), ["end"]);
  deepStrictEqual(subject.states, ["cancelled", "cancelled", "cancelled"]);
});

Deno.test("a result that is missed by a node that does not use it is a bug", () => {
  const subject = new Subject();
  subject.add(node(), node());
  throws(() => subject.feed(lost(0)), /Internal error: node 0 lost results that it does not wait for/);
});

Deno.test("a result is released when the last node that needs it has finished, or has failed for good", () => {
  const subject = new Subject({ parallel: 3 });
  subject.add(node(), node([0]), node([0]), node([], { kept: true }));
  subject.succeed(0);
  deepStrictEqual(kinds(subject.succeed(1)), ["release 1"]);
  deepStrictEqual(kinds(subject.fail(2)), ["release 0"]);
  deepStrictEqual(kinds(subject.succeed(3)), ["end"]);
});

Deno.test("after a stop nothing is looked up or expanded", () => {
  const subject = new Subject({ policy: "stop", groups: [group(), group({ lookup: true })] });
  subject.add(...loose(2), node([0], { group: 1 }), node([0], { open: true }));
  subject.fail(1);
  deepStrictEqual(kinds(subject.succeed(0)), ["end"]);
});

Deno.test("a node that is refused has failed", () => {
  const subject = new Subject({ policy: "stop" });
  deepStrictEqual(kinds(subject.add(node([], { open: true }), ...loose(3))), ["expand 0", "start", "start"]);
  deepStrictEqual(subject.feed({ kind: "node-refused", node: 0 }), []);
  deepStrictEqual(subject.states, ["failed", "running", "running", "ready"]);
  deepStrictEqual(kinds(subject.succeed(1, 2)), ["release 1", "release 2", "end"]);
});

Deno.test("nodes that wait for each other let the run end", () => {
  const subject = new Subject();
  deepStrictEqual(kinds(subject.add(node([1]), node([0]))), ["end"]);
  deepStrictEqual(subject.states, ["blocked", "blocked"]);
});

Deno.test("an upstream that is made again does not cut a pause short", () => {
  const subject = new Subject({ groups: [group({ retry: { limit: 1, backoff: 100 } })] });
  subject.add(node(), node([0]), node([0]));
  subject.succeed(0);
  subject.fail(1);
  subject.feed(lost(2, 0));
  deepStrictEqual(starts(subject.succeed(0)), ["0: 2"]);
  deepStrictEqual(subject.states, ["succeeded", "blocked", "running"]);
  deepStrictEqual(starts(subject.feed({ kind: "pause-ended", node: 1 })), ["1: 1"]);
});

Deno.test("a result that is made again is not looked up, even if it has to wait for another first", () => {
  const subject = new Subject({ groups: [group({ lookup: true })] });
  subject.add(node(), node([0]), node([1]));
  subject.feed({ kind: "lookup-answered", node: 0, hit: true });
  subject.feed({ kind: "lookup-answered", node: 1, hit: true });
  subject.feed({ kind: "lookup-answered", node: 2, hit: false });
  deepStrictEqual(starts(subject.feed(lost(2, 1))), ["0: 1"]);
  deepStrictEqual(starts(subject.feed(lost(1, 0))), ["0: 0"]);
  deepStrictEqual(kinds(subject.succeed(0)), ["start"]);
  deepStrictEqual(subject.states, ["succeeded", "running", "blocked"]);
});

Deno.test("a followed value that is lost is computed by its task, not put together from what it once returned", () => {
  const subject = new Subject();
  subject.add(node([], { kept: true }), node([0], { kept: true }));
  subject.succeed(0);
  subject.feed({ kind: "nodes-added", nodes: [node()] }, succeeded(1, 1, [2]));
  subject.succeed(2);
  subject.feed({ kind: "resolved", node: 1 });
  subject.feed({ kind: "results-lost", node: -1, during: "end", upstreams: [1] });
  subject.feed(lost(1, 0));
  deepStrictEqual(kinds(subject.succeed(0)), ["start"]);
  deepStrictEqual(subject.states, ["succeeded", "running", "succeeded"]);
});

Deno.test("a result is released once, and once more when it has been made again", () => {
  const subject = new Subject();
  const late = () => subject.add(node([0], { kept: true }));
  subject.add(node(), node([0], { kept: true }));
  subject.succeed(0);
  deepStrictEqual(kinds(subject.succeed(1)), ["release 0", "end"]);
  late();
  deepStrictEqual(kinds(subject.succeed(2)), ["end"]);
  late();
  subject.feed(lost(3, 0));
  subject.succeed(0);
  deepStrictEqual(kinds(subject.succeed(3)), ["release 0", "end"]);
});

Deno.test("a cancel takes back what was handed out and not begun", () => {
  const subject = new Subject({ parallel: 1 });
  subject.add(node([], { kept: true }));
  subject.feed(succeeded(0));
  subject.add(...loose(5));
  deepStrictEqual(subject.feed({ kind: "cancel-asked", hard: false }), [
    { kind: "recall", pool: "worker", lane: 0, count: 5 },
    { kind: "cancel-running", hard: false },
  ]);
  deepStrictEqual(subject.feed({ kind: "recalled", nodes: [2, 3, 4, 5] }), []);
  deepStrictEqual(subject.states, ["succeeded", "running", ...Array(4).fill("cancelled")]);
});

Deno.test("a retry whose upstream was lost and has failed since is given up; so is a node that misses it then", () => {
  const subject = new Subject({ parallel: 3, groups: [group({ retry: { limit: 5 } })] });
  subject.add(node(), node([0]), node([0]), node([0]));
  subject.succeed(0);
  subject.feed(lost(1, 0));
  subject.fail(0, { retriable: false });
  deepStrictEqual(subject.states, ["failed", "cancelled", "running", "running"]);
  deepStrictEqual(kinds(subject.fail(2)), []);
  deepStrictEqual(kinds(subject.feed(lost(3, 0))), ["end"]);
  deepStrictEqual(subject.states, ["failed", "cancelled", "failed", "cancelled"]);
});

Deno.test("after a stop a node that returns calls is given up, and what needs it", () => {
  const subject = new Subject({ policy: "stop" });
  subject.add(node(), node(), node([1]));
  subject.fail(0);
  subject.feed({ kind: "nodes-added", nodes: [node()] }, succeeded(1, 1, [3]));
  deepStrictEqual(subject.states, ["failed", "cancelled", "cancelled", "cancelled"]);
});

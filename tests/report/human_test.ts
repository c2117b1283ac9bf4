/** The reporter for people, on a terminal that is moved by hand. */
import { assert, assertEquals } from "@std/assert";
import { HumanReporter } from "../../src/report/human.ts";
import { FakeTerminal, screen, STATS, transition } from "./support.ts";

const STARTED = { kind: "run-started", run: "r", time: 1_000, nodes: 10, workers: 2 } as const;
const ENDED = { kind: "run-ended", run: "r", time: 9_000, stats: STATS } as const;
const FAILED = {
  kind: "node-failed",
  node: 1,
  failure: {
    call: "step({ n: 1 })",
    task: "step",
    key: "k",
    reason: "exit",
    attempts: 1,
    error: Object.assign(new Error("gone"), { stack: "" }),
    at: undefined,
    output: { stdout: "", stderr: "", files: [] },
  },
} as const;
const SUMMARY =
  "✗ failed step({ n: 1 }) (exit)\n  Error: gone\n\n✗ ran 1 · up to date 0 · failed 1 · skipped 0 · 1.5 s\n";

Deno.test("without a terminal: a line for each task that ends, nothing is drawn", () => {
  const terminal = new FakeTerminal(undefined);
  const reporter = new HumanReporter(terminal, false);
  reporter.handle(STARTED);
  assertEquals(terminal.interval, 0);
  reporter.handle(transition(0, "ready", "running", 2_000));
  reporter.handle(transition(1, "ready", "running", 2_000));
  reporter.handle(transition(2, "ready", "up-to-date", 2_000));
  assertEquals(terminal.take(), "");
  reporter.handle(transition(0, "running", "succeeded", 2_250));
  reporter.handle({
    kind: "attempt-ended",
    node: 1,
    call: "step({ n: 1 })",
    task: "step",
    key: "k1",
    attempt: 1,
    outcome: "timed-out",
    error: "TimeoutError",
    retryInMillis: 1_500,
  });
  reporter.handle(transition(1, "running", "failed", 5_000));
  reporter.handle(FAILED);
  reporter.handle({ kind: "warning", message: "the disk is slow" });
  reporter.note("stopping");
  reporter.handle(ENDED);
  assertEquals(
    terminal.take(),
    `ran step({ n: 0 }) 250 ms
again: step({ n: 1 }) ran out of time at attempt 1; the next in 1.5 s
failed step({ n: 1 }) 3.0 s
warning: the disk is slow
stopping
${SUMMARY}`,
  );
});

Deno.test("without a terminal: after 500 lines the rest is left out", () => {
  const terminal = new FakeTerminal(undefined);
  const reporter = new HumanReporter(terminal, false);
  reporter.handle(STARTED);
  for (let node = 0; node < 600; node++) {
    reporter.handle(transition(node, "ready", "running"));
    reporter.handle(transition(node, "running", "succeeded"));
  }
  const lines = terminal.take().trimEnd().split("\n");
  assertEquals([lines.length, lines.at(-1)], [501, "… (further lines are left out)"]);
});

Deno.test("quiet: warnings and failures only, on a terminal too", () => {
  for (const columns of [undefined, 80]) {
    const terminal = new FakeTerminal(columns);
    const reporter = new HumanReporter(terminal, true);
    reporter.handle(STARTED);
    reporter.handle(transition(1, "ready", "running"));
    terminal.pass();
    reporter.handle(transition(1, "running", "failed"));
    reporter.handle(FAILED);
    reporter.handle(ENDED);
    assertEquals(terminal.take(), "✗ failed step({ n: 1 }) (exit)\n  Error: gone\n\n");
  }
});

Deno.test("on a terminal: a few lines, drawn anew in place, gone at the end", () => {
  const terminal = new FakeTerminal(81);
  const reporter = new HumanReporter(terminal, false);
  let all = "";
  const shown = () => screen(all += terminal.take());
  reporter.handle(STARTED);
  assert(terminal.interval >= 100, "at most ten times a second");
  for (let node = 0; node < 7; node++) reporter.handle(transition(node, "ready", "running", 1_000));
  assertEquals(shown(), [], "nothing is drawn before its time");
  terminal.pass();
  assertEquals(shown(), [
    "░░░░░░░░░░░░░░░░░░░░ 0/10 · 0 ran · 100 ms",
    "  ▸ step({ n: 0 }) 100 ms",
    "  ▸ step({ n: 1 }) 100 ms",
    "  ▸ step({ n: 2 }) 100 ms",
    "  ▸ step({ n: 3 }) 100 ms",
    "  and 3 more",
  ]);
  for (let node = 0; node < 6; node++) reporter.handle(transition(node, "running", "succeeded", 1_150));
  terminal.pass();
  assertEquals(terminal.writes.length, 1, "one write a drawing, or it flickers");
  assertEquals(terminal.writes[0]!.slice(0, 8), "\r\x1b[6A\x1b[J");
  assertEquals(shown(), ["████████████░░░░░░░░ 6/10 · 6 ran · 200 ms", "  ▸ step({ n: 6 }) 200 ms"]);

  reporter.handle({ kind: "warning", message: "the disk is slow" });
  reporter.note("stopping");
  assertEquals(shown(), [
    "warning: the disk is slow",
    "stopping",
    "████████████░░░░░░░░ 6/10 · 6 ran · 200 ms",
    "  ▸ step({ n: 6 }) 200 ms",
  ]);
  terminal.columns = 30;
  terminal.pass();
  assertEquals(shown().slice(2), ["6/10 · 6 ran · 300 ms", "  ▸ step({ n: 6 }) 300 ms"]);
  reporter.handle(FAILED);
  reporter.handle(ENDED);
  assertEquals(terminal.interval, 0, "nothing is drawn any more");
  assertEquals(`${shown().slice(2).join("\n")}\n`, SUMMARY);
});

Deno.test("at most six lines, however many tasks run", () => {
  const terminal = new FakeTerminal(80);
  const reporter = new HumanReporter(terminal, false);
  reporter.handle(STARTED);
  for (let node = 0; node < 5_000; node++) reporter.handle(transition(node, "ready", "running"));
  terminal.pass();
  assertEquals(screen(terminal.take()).length, 6);
});

/** The reporter for people: which lines there are, and when. */
import { assert, assertEquals } from "@std/assert";
import { HumanReporter } from "../../src/report/human.ts";
import { ENDED, FAILED, FakeTerminal, running, screen, STARTED, SUMMARY, transition } from "./support.ts";

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

Deno.test("a task that returns calls has its line when they have ended, with why it ran", () => {
  const terminal = new FakeTerminal(undefined);
  const reporter = new HumanReporter(terminal, false);
  reporter.handle(STARTED);
  const causes = [{ kind: "forced" } as const];
  reporter.handle({ ...transition(0, "ready", "running", 2_000), causes });
  reporter.handle(transition(0, "running", "blocked", 2_100));
  assertEquals(terminal.take(), "");
  reporter.handle({ ...transition(0, "blocked", "succeeded", 3_000), millis: 100 });
  assertEquals(terminal.take(), "ran step({ n: 0 }) 100 ms (forced)\n");
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

Deno.test("a large run on a terminal tells only of what took its time and of failures, and asks for no other causes", () => {
  const terminal = new FakeTerminal(100);
  const reporter = new HumanReporter(terminal);
  let asked = 0;
  const start = (node: number) => reporter.handle(running(node, undefined, () => asked++));
  reporter.handle({ ...STARTED, nodes: 201 });
  for (let node = 0; node < 100; node++) start(node);
  for (let node = 3; node < 100; node++) reporter.handle(transition(node, "running", "succeeded", 1_900));
  reporter.handle({ kind: "node-skipped", node: 2, call: "step({ n: 2 })", why: "nothing new" });
  reporter.handle({ kind: "outputs-restored", node: 4, call: "step({ n: 4 })", paths: ["x"] });
  assertEquals([asked, terminal.take()], [0, ""]);
  terminal.time = 1_950;
  terminal.pass();
  assertEquals(asked, 3, "of those that have been running for nearly a second");
  terminal.pass();
  assertEquals(asked, 3, "and once");
  const drawn = terminal.take();
  reporter.handle(transition(0, "running", "succeeded", 2_500));
  reporter.handle(transition(1, "running", "timed-out", 2_600));
  reporter.handle(transition(2, "running", "cancelled", 2_600));
  start(100);
  reporter.handle(transition(100, "running", "failed", 1_001));
  assertEquals(screen(drawn + terminal.take()).slice(0, 3), [
    "ran step({ n: 0 }) 1.5 s (always runs)",
    "timed-out step({ n: 1 }) 1.6 s (always runs)",
    "failed step({ n: 100 }) 1 ms",
  ]);
});

Deno.test("causes are asked for only as often as lines can tell them", () => {
  const terminal = new FakeTerminal(undefined);
  const reporter = new HumanReporter(terminal, { lines: 3 });
  let asked = 0;
  reporter.handle(STARTED);
  for (let node = 0; node < 10; node++) reporter.handle(running(node, undefined, () => asked++));
  for (let node = 0; node < 10; node++) reporter.handle(transition(node, "running", "succeeded", 1_001));
  reporter.handle(running(10, undefined, () => asked++));
  assertEquals(asked, 3);
  assertEquals(
    terminal.take(),
    `ran step({ n: 0 }) 1 ms (always runs)
ran step({ n: 1 }) 1 ms (always runs)
ran step({ n: 2 }) 1 ms (always runs)
… (further lines are left out)
`,
  );
});

Deno.test("one run after another: the second is told by itself", () => {
  const terminal = new FakeTerminal(80);
  const reporter = new HumanReporter(terminal);
  reporter.handle({ ...STARTED, estimate: () => ({ millis: 5_000, known: 1 }) });
  reporter.handle(running(1));
  terminal.pass();
  reporter.handle(transition(1, "running", "failed", 1_100));
  reporter.handle(FAILED);
  reporter.handle(ENDED);
  terminal.take();
  reporter.handle({ ...STARTED, time: 9_000, nodes: 3 });
  reporter.handle(transition(0, "ready", "up-to-date"));
  terminal.time = 8_900;
  terminal.pass();
  const drawn = terminal.take();
  assertEquals(screen(drawn), ["██████████░░░░░░░░░░░░░░░░░░░░ 1/3 · 0 ran · 1 up to date · 0 ms"]);
  reporter.handle(ENDED);
  assertEquals(screen(drawn + terminal.take()), ["✗ ran 1 · up to date 0 · failed 1 · skipped 0 · 1.5 s"]);
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
    "░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0/10 · 0 ran · 100 ms",
    "  ▸ step({ n: 0 }) 100 ms",
    "  ▸ step({ n: 1 }) 100 ms",
    "  ▸ step({ n: 2 }) 100 ms",
    "  ▸ step({ n: 3 }) 100 ms",
    "  and 3 more",
  ]);
  for (let node = 0; node < 6; node++) reporter.handle(transition(node, "running", "succeeded", 1_150));
  shown();
  terminal.pass();
  assertEquals(terminal.writes.length, 1, "one write a drawing, or it flickers");
  assertEquals(terminal.writes[0]!.slice(0, 8), "\r\x1b[6A\x1b[J");
  const ran = [0, 1, 2, 3, 4, 5].map((node) => `ran step({ n: ${node} }) 150 ms`);
  const [bar, rest] = ["██████████████████░░░░░░░░░░░░", "6/10 · 6 ran · 200 ms"];
  assertEquals(shown(), [...ran, `${bar} ${rest}`, "  ▸ step({ n: 6 }) 200 ms"]);

  reporter.handle({ kind: "warning", message: "the disk is slow" });
  reporter.note("stopping");
  const above = [...ran, "warning: the disk is slow", "stopping"];
  assertEquals(shown(), [...above, `${bar} ${rest}`, "  ▸ step({ n: 6 }) 200 ms"]);
  terminal.columns = 30;
  terminal.pass();
  assertEquals(shown(), [...above, "6/10 · 6 ran · 300 ms", "  ▸ step({ n: 6 }) 300 ms"]);
  reporter.handle(FAILED);
  reporter.handle(ENDED);
  assertEquals(terminal.interval, 0, "nothing is drawn any more");
  assertEquals(`${shown().slice(above.length).join("\n")}\n`, SUMMARY);
});

Deno.test("what a queue says of every job that it does not take stands once, with the calls; all else by itself", () => {
  const terminal = new FakeTerminal(undefined);
  const reporter = new HumanReporter(terminal, { rerun: ({ call }) => `runner run p.ts '${call}'` });
  const refused = (n: number, says = "no such partition") => ({
    ...FAILED,
    node: n,
    failure: {
      ...FAILED.failure,
      call: `step({ n: ${n} })`,
      reason: "infra" as const,
      error: Object.assign(new Error(`Slurm did not take it: ${says}\n    to try it by hand: sbatch ${n}`), {
        name: "JobError",
        stack: "",
      }),
    },
  });
  reporter.handle(STARTED);
  for (const n of [1, 2, 3]) reporter.handle(refused(n));
  reporter.handle(refused(4, "the disk is full"));
  reporter.handle(FAILED);
  reporter.handle(refused(5));
  reporter.handle(ENDED);
  assertEquals(
    terminal.take(),
    `✗ failed 4 calls (infra)
  JobError: Slurm did not take it: no such partition
      to try it by hand: sbatch 1
  the calls:
    step({ n: 1 })
    step({ n: 2 })
    step({ n: 3 })
    step({ n: 5 })
  rerun the first: runner run p.ts 'step({ n: 1 })'

✗ failed step({ n: 4 }) (infra)
  JobError: Slurm did not take it: the disk is full
      to try it by hand: sbatch 4
  rerun: runner run p.ts 'step({ n: 4 })'

✗ failed step({ n: 1 }) (exit)
  Error: gone
  rerun: runner run p.ts 'step({ n: 1 })'

✗ ran 1 · up to date 0 · failed 1 · skipped 0 · 1.5 s
`,
  );
  for (let n = 0; n < 12; n++) reporter.handle(n === 0 ? STARTED : refused(n));
  reporter.handle(ENDED);
  const lines = terminal.take().split("\n");
  assertEquals([lines[0], lines[13], lines[14]], [
    "✗ failed 11 calls (infra)",
    "    step({ n: 10 })",
    "    and 1 more (--json tells all)",
  ]);
});

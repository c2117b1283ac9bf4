/** The live display, on a terminal that is moved by hand. */
import { assert, assertEquals } from "@std/assert";
import type { Estimate } from "../../src/model/event.ts";
import { HumanReporter } from "../../src/report/human.ts";
import { ENDED, FAILED, FakeTerminal, running, screen, STARTED, transition } from "./support.ts";

Deno.test("on a terminal: lines of tasks stand above the display, which stays", () => {
  const terminal = new FakeTerminal(61);
  const reporter = new HumanReporter(terminal, { rerun: ({ call }) => `runner run p.ts '${call}'` });
  reporter.handle(STARTED);
  reporter.handle(running(0, [{ kind: "file", path: "src/a.ts", change: "changed" }, { kind: "gone" }]));
  reporter.handle(running(1, [{ kind: "first" }]));
  reporter.handle(running(2));
  terminal.pass();
  reporter.handle(transition(0, "running", "succeeded", 2_200));
  reporter.handle(transition(1, "running", "failed", 2_210));
  reporter.handle({ kind: "node-skipped", node: 2, call: "step({ n: 2 })", why: "nothing\nnew" });
  reporter.handle(transition(2, "running", "skipped", 2_220));
  reporter.handle({
    kind: "outputs-restored",
    node: 3,
    call: "step({ n: 3 })",
    paths: ["dist/a.js", "dist/b.js", "dist/c.js"],
  });
  reporter.handle({ kind: "outputs-restored", node: 4, call: "step({ n: 4 })", paths: ["x"] });
  reporter.handle({ kind: "warning", message: "the disk is slow" });
  const before = terminal.take();
  const lines = [
    "ran step({ n: 0 }) 1.2 s (src/a.ts changed, +1 more)",
    "failed step({ n: 1 }) 1.2 s",
    "skipped step({ n: 2 }): nothing new",
    "restored dist/a.js (+2 more) of step({ n: 3 })",
    "restored x of step({ n: 4 })",
    "warning: the disk is slow",
  ];
  assertEquals(screen(before), [
    ...lines,
    "░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0/10 · 0 ran · 100 ms",
    "  ▸ step({ n: 0 }) 100 ms",
    "  ▸ step({ n: 1 }) 100 ms",
    "  ▸ step({ n: 2 }) 100 ms",
  ]);
  terminal.pass();
  reporter.handle(FAILED);
  reporter.handle(ENDED);
  assertEquals(screen(before + terminal.take()), [
    ...lines,
    "✗ failed step({ n: 1 }) (exit)",
    "  Error: gone",
    "  rerun: runner run p.ts 'step({ n: 1 })'",
    "",
    "✗ ran 1 · up to date 0 · failed 1 · skipped 0 · 1.5 s",
  ]);
});

Deno.test("a task that prints nothing for more than a minute is shown as silent, and asked about now and then only", () => {
  const terminal = new FakeTerminal(80);
  const reporter = new HumanReporter(terminal);
  reporter.handle(STARTED);
  const asked = [0, 0];
  const prints = (node: number, last: () => number | undefined) =>
    reporter.handle({ ...running(node), lastPrinted: () => (asked[node]!++, last()) });
  let last = 0;
  prints(0, () => last);
  prints(1, () => undefined);
  reporter.handle(running(2));
  const begun = terminal.time;
  let written = "";
  const shown = (millis: number): string[] => {
    terminal.time = begun + millis;
    terminal.pass();
    return screen(written += terminal.take()).slice(1, 3);
  };
  assertEquals(shown(59_000), ["  ▸ step({ n: 0 }) 59.1 s", "  ▸ step({ n: 1 }) 59.1 s"]);
  assertEquals(asked, [0, 0]);
  assertEquals(shown(130_000), [
    "  ▸ step({ n: 0 }) 2 min 10 s, no output for 2 min",
    "  ▸ step({ n: 1 }) 2 min 10 s",
  ]);
  last = begun + 131_000;
  for (let millis = 131_000; millis < 135_000; millis += 100) shown(millis);
  assertEquals(asked, [1, 1]);
  assertEquals(shown(140_000)[0], "  ▸ step({ n: 0 }) 2 min 20 s");
  assertEquals(shown(131_000 + 3_700_000)[0], "  ▸ step({ n: 0 }) 1 h 3 min, no output for 1 h 1 min");
});

Deno.test("while a task asks, nothing is drawn; what there is to say waits", () => {
  const terminal = new FakeTerminal(80);
  const reporter = new HumanReporter(terminal);
  reporter.handle(STARTED);
  reporter.handle(running(0));
  reporter.handle(running(1));
  terminal.pass();
  const drawn = terminal.take();
  reporter.handle({ kind: "prompt-began", call: "step({ n: 0 })" });
  assertEquals(screen(drawn + terminal.take()), [], "the display makes room");
  reporter.handle(transition(1, "running", "succeeded", 1_010));
  reporter.handle({ kind: "warning", message: "the disk is slow" });
  terminal.pass();
  assertEquals(terminal.take(), "");
  reporter.note("stopping: Ctrl-C again ends it");
  assertEquals(terminal.take(), "stopping: Ctrl-C again ends it\n", "a note answers whoever sits there");
  reporter.handle({ kind: "prompt-ended" });
  assertEquals(terminal.take(), "ran step({ n: 1 }) 10 ms\nwarning: the disk is slow\n");
  terminal.pass();
  assertEquals(screen(terminal.take()), [
    "███░░░░░░░░░░░░░░░░░░░░░░░░░░░ 1/10 · 1 ran · 300 ms",
    "  ▸ step({ n: 0 }) 300 ms",
  ]);
  reporter.handle({ kind: "prompt-began", call: "step({ n: 0 })" });
  reporter.handle({ kind: "warning", message: "late" });
  terminal.take();
  reporter.handle(ENDED);
  assertEquals(
    terminal.take(),
    "warning: late\n✗ ran 1 · up to date 0 · failed 1 · skipped 0 · 1.5 s\n",
    "a run that ends says what was held back",
  );
});

Deno.test("the time that is left: asked for once a second, counted down, and no number rather than a wrong one", () => {
  const terminal = new FakeTerminal(80);
  const reporter = new HumanReporter(terminal);
  let asked = 0;
  let estimate: Estimate | undefined = { millis: 90_000, known: 0.5 };
  reporter.handle({
    ...STARTED,
    estimate: () => {
      asked++;
      return estimate;
    },
  });
  const left = () => {
    terminal.take();
    terminal.pass();
    return /· ([^·]* left)/.exec(terminal.take())?.[1];
  };
  assertEquals([left(), asked], ["~2m left", 1]);
  for (let drawing = 0; drawing < 9; drawing++) left();
  assertEquals(asked, 1);
  estimate = { millis: 10_900, known: 1 };
  assertEquals([left(), asked], ["~11s left", 2]);
  for (let drawing = 0; drawing < 8; drawing++) left();
  assertEquals([left(), asked], ["~10s left", 2]);
  estimate = { millis: 1, known: 0.49 };
  assertEquals([left(), asked], [undefined, 3]);
  estimate = undefined;
  for (let drawing = 0; drawing < 10; drawing++) assertEquals(left(), undefined);
  estimate = { millis: 5 * 3_600_000, known: 1 };
  for (let drawing = 0; drawing < 9; drawing++) left();
  assertEquals(left(), "~5h left");
});

Deno.test("at most six lines, however many tasks run", () => {
  const terminal = new FakeTerminal(80);
  const reporter = new HumanReporter(terminal, false);
  reporter.handle(STARTED);
  for (let node = 0; node < 5_000; node++) reporter.handle(transition(node, "ready", "running"));
  terminal.pass();
  assertEquals(screen(terminal.take()).length, 6);
});

Deno.test("a run of 100,000 small tasks costs the reporter next to nothing, on a terminal and without", () => {
  for (const columns of [undefined, 80]) {
    const terminal = new FakeTerminal(columns);
    const reporter = new HumanReporter(terminal);
    reporter.handle({ ...STARTED, nodes: 100_000, estimate: () => ({ millis: 1, known: 1 }) });
    const begin = performance.now();
    for (let node = 0; node < 100_000; node++) {
      reporter.handle(transition(node, "ready", "running", 1_000));
      reporter.handle(transition(node, "running", "succeeded", 1_001));
      if (node % 1_000 === 0) terminal.pass();
    }
    const millis = performance.now() - begin;
    assert(millis < 1_000, `${millis} ms for 200,000 events`);
    assert(terminal.take().split("\n").length < 1_000);
  }
});

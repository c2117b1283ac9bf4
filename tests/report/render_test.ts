/** Reports as text, by string equality. */
import { assert, assertEquals } from "@std/assert";
import type { RunStats } from "../../src/model/event.ts";
import type { NodeFailure } from "../../src/model/failure.ts";
import { cut, cutMiddle, spread, width } from "../../src/report/columns.ts";
import { fold, newProgress, type Progress } from "../../src/report/progress.ts";
import { renderFailure, renderProgress, renderSummary, renderTask } from "../../src/report/render.ts";
import { COLOURED, PLAIN, styleFor } from "../../src/report/style.ts";
import { renderTree } from "../../src/report/tree.ts";
import { transition } from "./support.ts";

/** A run in its middle: six tasks run, one failed, one was skipped. */
function middle(): Progress {
  const progress = newProgress();
  fold(progress, { kind: "run-started", run: "r", time: 1_000, nodes: 90, workers: 6 });
  fold(progress, { kind: "nodes-added", nodes: 10 });
  for (let node = 0; node < 20; node++) fold(progress, transition(node, "ready", "up-to-date"));
  for (let node = 20; node < 50; node++) {
    fold(progress, transition(node, "ready", "running"));
    fold(
      progress,
      transition(node, "running", node === 30 ? "failed" : node === 31 ? "skipped" : "succeeded"),
    );
  }
  for (let node = 50; node < 56; node++) {
    fold(progress, {
      ...transition(node, "ready", "running", 2_000 + node),
      call: node === 51 ? `train({ text: "${"とても".repeat(60)}" })` : `step({ n: ${node} })`,
    });
  }
  return progress;
}

const PICTURES: Readonly<Record<number, readonly string[]>> = {
  20: [
    "50/100 · 1 failed",
    "  ▸ step…0 }) 60.0 s",
    '  ▸ trai…" }) 59.9 s',
    "  ▸ step…2 }) 59.9 s",
    "  ▸ step…3 }) 59.9 s",
    "  and 2 more",
  ],
  40: [
    "50/100 · 1 failed · 28 ran · ~2m left",
    "  ▸ step({ n: 50 }) 60.0 s",
    '  ▸ train({ text: …てもとても" }) 59.9 s',
    "  ▸ step({ n: 52 }) 59.9 s",
    "  ▸ step({ n: 53 }) 59.9 s",
    "  and 2 more",
  ],
  80: [
    "50/100 · 1 failed · 28 ran · 20 up to date · 1 skipped · 1 min 1 s · ~2m left",
    "  ▸ step({ n: 50 }) 60.0 s",
    '  ▸ train({ text: "とてもとてもとても…とてもとてもとてもとてもとても" }) 59.9 s',
    "  ▸ step({ n: 52 }) 59.9 s",
    "  ▸ step({ n: 53 }) 59.9 s",
    "  and 2 more",
  ],
  200: [
    "███████████████░░░░░░░░░░░░░░░ 50/100 · 1 failed · 28 ran · 20 up to date · 1 skipped · 1 min 1 s · ~2m left",
    "  ▸ step({ n: 50 }) 60.0 s",
    `  ▸ train({ text: "${"とても".repeat(13)}…${"とても".repeat(15)}" }) 59.9 s`,
    "  ▸ step({ n: 52 }) 59.9 s",
    "  ▸ step({ n: 53 }) 59.9 s",
    "  and 2 more",
  ],
};

Deno.test("the live display at 40, 80 and 200 columns, and at 20", () => {
  for (const columns of [20, 40, 80, 200]) {
    assertEquals(renderProgress(middle(), columns, 4, 62_000, PLAIN, 130_000), PICTURES[columns]);
  }
});

Deno.test("no line of the live display is wider than the terminal, coloured or not", () => {
  // deno-lint-ignore no-control-regex -- colours are control sequences
  const bare = (line: string) => line.replaceAll(/\x1b\[\d+m/g, "");
  for (let columns = 10; columns < 220; columns++) {
    const plain = renderProgress(middle(), columns, 4, 62_000, PLAIN);
    const coloured = renderProgress(middle(), columns, 4, 62_000, COLOURED);
    assertEquals(coloured.map(bare), plain, "colours change nothing else");
    assert(plain.every((line) => width(line) <= columns), `${columns}: ${plain.join("\n")}`);
    assertEquals(plain.length, 6);
  }
});

Deno.test("the live display before anything is known, and when all is done", () => {
  const progress = newProgress();
  assertEquals(renderProgress(progress, 80, 4, 0, PLAIN), ["░".repeat(30) + " 0/0 · 0 ran · 0 ms"]);
  fold(progress, { kind: "run-started", run: "r", time: 5_000, nodes: 1, workers: 1 });
  fold(progress, transition(0, "ready", "running"));
  fold(progress, transition(0, "running", "succeeded"));
  // A clock that was put back.
  assertEquals(renderProgress(progress, 80, 4, 4_000, PLAIN), ["█".repeat(30) + " 1/1 · 1 ran · 0 ms"]);
});

Deno.test("a node that leaves an end again is not counted twice; skipped is no failure", () => {
  const progress = newProgress();
  const counts = () => [
    progress.ran + progress.skipped,
    progress.upToDate,
    progress.failed,
    progress.running.size,
  ];
  fold(progress, transition(0, "ready", "up-to-date"));
  assertEquals(counts(), [0, 1, 0, 0]);
  fold(progress, transition(0, "up-to-date", "wanted"));
  fold(progress, transition(0, "ready", "running"));
  assertEquals(counts(), [0, 0, 0, 1]);
  fold(progress, transition(0, "running", "skipped"));
  assertEquals(counts(), [1, 0, 0, 0]);
  assertEquals(progress.skipped, 1);
  fold(progress, transition(1, "running", "timed-out"));
  fold(progress, transition(2, "running", "cancelled"));
  assertEquals(counts(), [1, 0, 1, 0]);
});

Deno.test("widths and cuts", () => {
  assertEquals(["abc", "とて", "é", "👩", ""].map(width), [3, 4, 1, 2, 0]);
  assertEquals([cut("abcdef", 6), cut("abcdef", 5), cut("とても", 5), cut("とても", 6), cut("abc", 0)], [
    "abcdef",
    "abcd…",
    "とて…",
    "とても",
    "",
  ]);
  assertEquals(cut("a\nb\x1b[2Jc", 20), "a b [2Jc");
  const names = ["web", "cli"].map((name) => `build::production::${name}`);
  assertEquals(names.map((name) => cutMiddle(name, 16)), ["build::p…on::web", "build::p…on::cli"]);
  assertEquals(
    [cutMiddle("abcdef", 6), cutMiddle("abcdef", 5), cutMiddle("とても", 5), cutMiddle("abc", 1)],
    [
      "abcdef",
      "ab…ef",
      "と…も",
      "…",
    ],
  );
  assertEquals(spread([["ab", (text) => `<${text}>`], ["cdef"], ["gh"]], 5), "<ab>cd…");
});

const STATS: RunStats = {
  nodes: 10,
  ran: 3,
  upToDate: 7,
  failed: 0,
  skipped: 0,
  notRun: 0,
  seconds: 1.25,
  ranByTask: { a: 3 },
  abandoned: 0,
};

Deno.test("the summary", () => {
  assertEquals(renderSummary(STATS, PLAIN), "✓ ran 3 · up to date 7 · failed 0 · skipped 0 · 1.3 s");
  assertEquals(
    renderSummary({ ...STATS, failed: 1, skipped: 2, seconds: 250 }, PLAIN),
    "✗ ran 3 · up to date 7 · failed 1 · skipped 2 · 4 min 10 s",
  );
  const end = (stats: Partial<RunStats>) => renderSummary({ ...STATS, ...stats }, PLAIN);
  assertEquals(
    end({ skipped: 2, notRun: 0 }),
    "✓ ran 3 · up to date 7 · failed 0 · skipped 2 · 1.3 s",
    "a task that says that there is nothing to do is no failure",
  );
  assertEquals(
    end({ failed: 1, skipped: 2, notRun: 4 }),
    "✗ ran 3 · up to date 7 · failed 1 · skipped 2 · not run 4 · 1.3 s",
  );
  assertEquals(
    end({ skipped: 2, notRun: 4, cancelled: true }),
    "✗ ran 3 · up to date 7 · failed 0 · skipped 2 · cancelled 4 · 1.3 s",
  );
  assertEquals(
    renderSummary({ ...STATS, abandoned: 2 }, PLAIN).split("\n")[1],
    "2 busy threads could not be stopped and ended with the program",
  );
  assertEquals(
    renderSummary({ ...STATS, abandoned: 1 }, PLAIN).split("\n")[1]!.slice(0, 13),
    "1 busy thread",
  );
  assertEquals(renderSummary(STATS, COLOURED).slice(0, 11), "\x1b[32m✓\x1b[39m");
});

/** An error as it comes out of a task. */
function thrown(message: string, stack: readonly string[], cause?: unknown): Error {
  const error = new TypeError(message, cause === undefined ? {} : { cause });
  error.stack = [`TypeError: ${message}`, ...stack.map((line) => `    at ${line}`)].join("\n");
  return error;
}

const FAILURE: NodeFailure = {
  call: "bad({ n: 1 })",
  task: "bad",
  key: "k",
  reason: "error",
  attempts: 1,
  error: thrown("no", ["check (file:///home/me/p.ts:3:9)", "ext:deno_node/x.ts:1:1"]),
  at: { module: "file:///home/me/p.ts", line: 3, column: 9 },
  output: { stdout: "", stderr: "", files: [] },
};

Deno.test("a failure: places of the user only, causes, logs", () => {
  assertEquals(
    renderFailure(FAILURE, PLAIN),
    "✗ failed bad({ n: 1 })\n  TypeError: no\n    at check (/home/me/p.ts:3:9)",
  );
  const error = thrown("two\nlines", [], thrown("inner", ["file:///home/me/q.ts:1:2"], "a text"));
  assertEquals(
    renderFailure({
      ...FAILURE,
      error,
      attempts: 3,
      output: { stdout: "a\nb\n", stderr: " \n", files: ["/x/stdout.txt"] },
    }, PLAIN),
    `✗ failed bad({ n: 1 }), after 3 attempts
  TypeError: two
  lines
    at /home/me/p.ts:3:9
  caused by TypeError: inner
    at /home/me/q.ts:1:2
  caused by a text
  ── stdout ──
  a
  b
  log: /x/stdout.txt`,
  );
});

Deno.test("a failure: what matters of the log, where it is, and how to run it again", () => {
  const noise = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}\n`).join("");
  const failure: NodeFailure = {
    ...FAILURE,
    output: {
      stdout: `${noise(1, 20)}\x1b[31merror: harmless\x1b[0m\n${noise(22, 40)}error: real\n${noise(42, 60)}`,
      stderr: noise(1, 30),
      files: ["/x/stdout.txt", "/x/stderr.txt"],
    },
    logIgnore: [/harmless/],
  };
  assertEquals(
    renderFailure(failure, PLAIN, { again: "runner run p.ts 'bad::1'" }),
    `✗ failed bad({ n: 1 })
  TypeError: no
    at check (/home/me/p.ts:3:9)
  ── stdout (5 of 60 lines) ──
  …
  39 │ line 39
  40 │ line 40
  41 │ error: real
  42 │ line 42
  43 │ line 43
  …
  ── stderr (16 of 30 lines) ──
  …
${Array.from({ length: 16 }, (_, n) => `  ${15 + n} │ line ${15 + n}\n`).join("")}  log: /x/stdout.txt
  log: /x/stderr.txt
  rerun: runner run p.ts 'bad::1'`,
  );
  const full = renderFailure(failure, PLAIN, { fullLog: true }).split("\n");
  assertEquals([full.length, full[3], full[24]], [97, "  ── stdout ──", "  error: harmless"]);
});

Deno.test("the line of a task: cut where the terminal ends, the cause last", () => {
  const call = `train({ rate: 0.1, text: "${"x".repeat(100)}" })`;
  const line = (columns: number | undefined) => renderTask("ran", call, 1_234, "src/a.ts changed", columns);
  assertEquals(line(undefined), `ran ${call} 1.2 s (src/a.ts changed)`);
  assertEquals(line(200), line(undefined));
  assertEquals(line(80), `ran train({ rate: 0.1, text: …${"x".repeat(21)}" }) 1.2 s (src/a.ts changed)`);
  assertEquals(line(40), 'ran train({ rate…xxxxxxx" }) 1.2 s (src…');
  assertEquals(renderTask("failed", "x", 5, "", 40), "failed x 5 ms");
});

Deno.test("a narrow display has no room for silence", () => {
  const shown = (columns: number) =>
    renderProgress(middle(), columns, 1, 3_600_000, PLAIN, undefined, () => 90_000)[1]!;
  assertEquals(shown(80).endsWith(", no output for 1 min"), true, shown(80));
  assertEquals(shown(40).includes("no output"), false, shown(40));
});

Deno.test("an error that is its own cause does not go on for ever", () => {
  const error = thrown("round", []);
  error.cause = error;
  const text = renderFailure({ ...FAILURE, error, reason: "timeout" }, PLAIN);
  assertEquals(text.split("\n").length, 8);
  assertEquals(text.split("\n")[0], "✗ failed bad({ n: 1 }) (timeout)");
});

Deno.test("why a failure was not tried again stands below its error", () => {
  const text = renderFailure({ ...FAILURE, notAgain: "its time is over" }, PLAIN);
  assertEquals(text.split("\n")[2], "  not tried again: its time is over");
});

Deno.test("how the attempt before failed stands below the time limit that has ended the last one", () => {
  const before = {
    error: thrown("no luck", ["run (/w/p.ts:3:4)", "/w/p.ts:9:1"]),
    files: ["/x/1.stderr.txt"],
  };
  const text = renderFailure({ ...FAILURE, reason: "timeout", before }, PLAIN).split("\n");
  const at = text.findIndex((line) => line.startsWith("  the attempt before:"));
  assertEquals(text.slice(at, at + 3), [
    "  the attempt before: TypeError: no luck",
    "    at run (/w/p.ts:3:4)",
    "    log: /x/1.stderr.txt",
  ]);
});

Deno.test("where the folder of a failed attempt was kept stands below its logs", () => {
  const text = renderFailure({ ...FAILURE, directory: "/cache/bad/failed/run-k-1" }, PLAIN);
  assertEquals(text.split("\n").at(-1), "  kept: /cache/bad/failed/run-k-1");
});

Deno.test("a tree: shared calls stand once, states, many lines", () => {
  const nodes = [
    { call: "main", state: "wanted", upstreams: [1, 2] },
    { call: "left", state: "failed", upstreams: [3] },
    { call: "right", state: "wanted", upstreams: [3] },
    { call: "base", state: "up-to-date", upstreams: [4] },
    { call: "leaf", state: "up-to-date", upstreams: [] },
  ] as const;
  assertEquals(
    renderTree(nodes, [0, 4, 0], PLAIN),
    `main  · would run
├─ left  ✗ failed
│  └─ base  ✓ up to date
│     └─ leaf  ✓ up to date
└─ right  · would run
   └─ base  ✓ up to date (see above)
leaf  ✓ up to date
`,
  );
  const chain = Array.from({ length: 3_000 }, (_, n) => ({
    call: `c${n}`,
    state: "wanted" as const,
    upstreams: n < 2_999 ? [n + 1] : [],
  }));
  const lines = renderTree(chain, [0], PLAIN).trimEnd().split("\n");
  assertEquals([lines.length, lines.at(-1)], [2_001, "… (3000 calls in all; --json lists every one)"]);
});

Deno.test("colours: on a terminal, unless the environment says otherwise", () => {
  assertEquals(styleFor(true, {}), COLOURED);
  assertEquals(styleFor(false, {}), PLAIN);
  assertEquals(styleFor(true, { NO_COLOR: "1" }), PLAIN);
  assertEquals(styleFor(true, { NO_COLOR: "" }), COLOURED);
  assertEquals(styleFor(true, { TERM: "dumb" }), PLAIN);
  assertEquals(styleFor(false, { FORCE_COLOR: "1" }), COLOURED);
  assertEquals(styleFor(false, { FORCE_COLOR: "1", NO_COLOR: "1" }), COLOURED);
  assertEquals(styleFor(true, { FORCE_COLOR: "0" }), PLAIN);
});

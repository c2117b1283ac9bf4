/** The texts of `runner history`, by string equality, at 40, 80 and 200 columns. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { comparisonText, flakyText, pastText, runsText, table } from "../../src/cli/history_text.ts";
import type { Comparison } from "../../src/history/compare.ts";
import type { PastRun } from "../../src/history/history.ts";
import { width } from "../../src/report/columns.ts";
import { node, run } from "./support.ts";

const time = (millis: number): string => new Date(millis).toISOString().slice(0, 19).replace("T", " ");
const WIDTHS = [40, 80, 200, undefined] as const;

/** A run as it was noted. */
const pastRun = (id: string, changes: Partial<PastRun> = {}): PastRun => ({
  ...run(id, [node("a"), node("b", { state: "failed" })]),
  command: undefined,
  ...changes,
});
const RUNS = [
  pastRun("2026-01-02T03-04-05-abc123", {
    command: "runner run pipeline.ts 'build::*' test::unit --keep-going",
    stats: { ...run("", [node("a"), node("b", { state: "failed" })]).stats, upToDate: 4, notRun: 2 },
  }),
  pastRun("2026-01-01T10-00-00-zzz999", { status: "cancelled" }),
] as const;
const CUT_OFF = {
  ...pastRun("2026-01-01T09-00-00-cut000", { command: "runner run p.ts" }),
  status: "cut off",
  stats: undefined,
} as const;

/** Texts by width; the widest is also what there is without a terminal. */
function assertTexts(
  make: (columns: number | undefined) => string,
  expected: Readonly<Record<40 | 80 | 200, string>>,
): void {
  for (const columns of WIDTHS) {
    const text = make(columns);
    assertEquals(text, expected[columns ?? 200], `${columns} columns`);
    assert(text.split("\n").every((line) => width(line) <= (columns ?? 200)));
  }
}

Deno.test("runs", () => {
  assertTexts((columns) => runsText([...RUNS, CUT_OFF], { columns, time }), {
    40: `began                run     outcome
2026-01-02 03:04:05  abc123  failed
2026-01-02 03:04:05  zzz999  cancelled
2026-01-02 03:04:05  cut000  cut off
`,
    80: `began                run     outcome       took  calls                 runner r…
2026-01-02 03:04:05  abc123  failed       1.5 s  1 ran, 1 failed, 4 …  pipeline…
2026-01-02 03:04:05  zzz999  cancelled    1.5 s  1 ran, 1 failed       (a progr…
2026-01-02 03:04:05  cut000  cut off    ≥ 1.5 s                        p.ts
`,
    200:
      `began                run     outcome       took  calls                                     runner run
2026-01-02 03:04:05  abc123  failed       1.5 s  1 ran, 1 failed, 4 up to date, 2 not run  pipeline.ts 'build::*' test::unit --keep-going
2026-01-02 03:04:05  zzz999  cancelled    1.5 s  1 ran, 1 failed                           (a program)
2026-01-02 03:04:05  cut000  cut off    ≥ 1.5 s                                            p.ts
`,
  });
  const [none] = [{ ...RUNS[0], stats: { ...RUNS[0].stats, ran: 0, failed: 0, upToDate: 0, notRun: 0 } }];
  assertStringIncludes(runsText([none], { columns: 200, time }), "  none  ");
});

Deno.test("the past of a task", () => {
  const past = [
    {
      ...node("build::prod", {
        millis: 1_234,
        causes: "src/a.ts changed, +2 more",
        started: RUNS[0].started,
      }),
      error: undefined,
      run: RUNS[0].run,
    },
    {
      ...node("build::dev", { state: "failed", attempts: 3, started: RUNS[1].started }),
      error: "TypeError: no",
      run: RUNS[1].run,
    },
  ];
  const task = { task: "build", millis: 1_100, succeeded: 12, failed: 1 };
  assertTexts((columns) => pastText("build", task, past, { columns, time }), {
    40: `build: 12 succeeded · 1 failed · expect…

began                outcome      took
2026-01-02 03:04:05  succeeded   1.2 s
2026-01-02 03:04:05  failed     100 ms
`,
    80: `build: 12 succeeded · 1 failed · expected to take 1.1 s a call

began                outcome      took  tries  call         why
2026-01-02 03:04:05  succeeded   1.2 s         build::prod  src/a.ts changed, +…
2026-01-02 03:04:05  failed     100 ms      3  build::dev   TypeError: no
`,
    200: `build: 12 succeeded · 1 failed · expected to take 1.1 s a call

began                outcome      took  tries  call         why                        run
2026-01-02 03:04:05  succeeded   1.2 s         build::prod  src/a.ts changed, +2 more  abc123
2026-01-02 03:04:05  failed     100 ms      3  build::dev   TypeError: no              zzz999
`,
  });
  assertEquals(
    pastText("build::dev", undefined, past.slice(1), { columns: undefined, time }),
    `build::dev

began                outcome    took  tries  call        why            run
2026-01-02 03:04:05  failed   100 ms      3  build::dev  TypeError: no  zzz999
`,
  );
  assertEquals(
    pastText("build", { ...task, millis: undefined }, [], { columns: 80, time }).split("\n")[0],
    "build: 12 succeeded · 1 failed",
  );
});

Deno.test("two runs", () => {
  const comparison: Comparison = {
    onlyBefore: ["lint", "docs", "site"],
    onlyNow: [`train({ text: "${"とても".repeat(20)}" })`],
    slower: [{ call: "build::prod", before: 1_200, now: 2_400 }, { call: "tiny", before: 0, now: 80 }],
    faster: [{ call: "test::unit", before: 1_000, now: 250 }],
    keys: [{ call: "build::dev", before: "0123456789", now: "abcdef0123" }],
    states: [{ call: "check", before: "succeeded", now: "failed" }],
    both: 5,
  };
  assertTexts((columns) => comparisonText(RUNS[1], RUNS[0], comparison, 2, { columns, time }), {
    40: `        began                run
first   2026-01-02 03:04:05  zzz999
second  2026-01-02 03:04:05  abc123

ended differently (1)
  check  succeeded → failed

slower (2)
  build::prod  1.2 s → 2.4 s  (+100 %)
  tiny  0 ms → 80 ms

faster (1)
  test::unit  1.0 s → 250 ms  (−75 %)

other input (1)
  build::dev  01234567 → abcdef01

ran in the first only (3)
  lint
  docs
  … and 1 more

ran in the second only (1)
  train({ text: "とてもとてもとてもとて…
`,
    80: `        began                run     outcome     took  calls
first   2026-01-02 03:04:05  zzz999  cancelled  1.5 s  1 ran, 1 failed
second  2026-01-02 03:04:05  abc123  failed     1.5 s  1 ran, 1 failed, 4 …

ended differently (1)
  check  succeeded → failed

slower (2)
  build::prod  1.2 s → 2.4 s  (+100 %)
  tiny  0 ms → 80 ms

faster (1)
  test::unit  1.0 s → 250 ms  (−75 %)

other input (1)
  build::dev  01234567 → abcdef01

ran in the first only (3)
  lint
  docs
  … and 1 more

ran in the second only (1)
  train({ text: "とてもとてもとてもとてもとてもとてもとてもとてもとてもとてもと…
`,
    200: `        began                run     outcome     took  calls
first   2026-01-02 03:04:05  zzz999  cancelled  1.5 s  1 ran, 1 failed
second  2026-01-02 03:04:05  abc123  failed     1.5 s  1 ran, 1 failed, 4 up to date, 2 not run

ended differently (1)
  check  succeeded → failed

slower (2)
  build::prod  1.2 s → 2.4 s  (+100 %)
  tiny  0 ms → 80 ms

faster (1)
  test::unit  1.0 s → 250 ms  (−75 %)

other input (1)
  build::dev  01234567 → abcdef01

ran in the first only (3)
  lint
  docs
  … and 1 more

ran in the second only (1)
  train({ text: "とてもとてもとてもとてもとてもとてもとてもとてもとてもとてもとてもとてもとてもとてもとてもとてもとてもとてもとてもとても" })
`,
  });
  const nothing = { onlyBefore: [], onlyNow: [], slower: [], faster: [], keys: [], states: [] };
  const last = (both: number) =>
    comparisonText(RUNS[1], RUNS[0], { ...nothing, both }, 2, { columns: 80, time }).split("\n").at(-2);
  assertEquals([0, 1, 7].map(last), [
    "No call ran in either.",
    "Nothing differs much in the 1 call that ran in both.",
    "Nothing differs much in the 7 calls that ran in both.",
  ]);
});

Deno.test("flaky calls", () => {
  const flaky = {
    call: `train({ text: "${"x".repeat(60)}" })`,
    task: "train",
    key: "0123456789abcdef",
    succeeded: 12,
    failed: 3,
    retried: 0,
    error: "NetworkError: the other side has closed the connection",
  };
  assertTexts(
    (columns) => flakyText([flaky, { ...flaky, call: "ping", error: undefined }], { columns, time }),
    {
      40: `call                        succeeded
train({ text: "xxxxxxxxxx…         12
ping                               12
`,
      80: `call                        succeeded  failed  after retry  an error
train({ text: "xxxxxxxxxx…         12       3            0  NetworkError: the o…
ping                               12       3            0
`,
      200:
        `call                                                                             succeeded  failed  after retry  an error                                                key
train({ text: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" })         12       3            0  NetworkError: the other side has closed the connection  01234567
ping                                                                                    12       3            0                                                          01234567
`,
    },
  );
});

Deno.test("tables without rows, with wide characters, with control characters", () => {
  assertEquals(table(["a", "n "], [], 80), "a  n\n");
  assertEquals(
    table(["a", "n "], [["とて", "1"], ["x\x1b[2J\ny", "22"]], 80),
    "a         n\nとて      1\nx [2J y  22\n",
  );
});

/** `runner history` as a program: words, options, exit codes. */
import fs from "node:fs";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { HISTORY_HELP } from "../../src/cli/commands/history.ts";
import { openHistory } from "../../src/history/sqlite_history.ts";
import { fromFileUrl } from "../support/paths.ts";
import { start } from "../support/program.ts";
import { node, run, State } from "./support.ts";

/** Runs the command in a time zone of its own, since times are local. */
async function history(state: State, ...words: readonly string[]): Promise<string> {
  const program = fromFileUrl("../history/command_program.ts");
  const { code, stdout, stderr } = await start(program, [...words, "--state", state.path], {
    env: { TZ: "Asia/Tokyo" },
  }).ended;
  const text = `${stdout}${stderr}`.replaceAll(state.path, "<state>");
  return code === 0 ? text : `${text}exit code ${code}\n`;
}

/** Three runs. */
function threeRuns(state: State): void {
  const notes = openHistory(state.file);
  notes.record(run("2026-01-02T03-04-05-abc123", [node("build::prod", { millis: 1_200 }), node("lint")], {
    command: "runner run pipeline.ts",
  }));
  notes.record(run("2026-01-02T03-05-05-abd456", [
    node("build::prod", { millis: 2_400, causes: "src/a.ts changed" }),
    node("lint", { state: "failed", error: "Error: no" }),
  ]));
  notes.record(run("2026-01-02T03-06-05-xyz789"));
}

Deno.test("without a history: said, and no error, except where runs are named", async () => {
  using state = new State();
  const none = "There is no history yet: <state>/history.db is written by runner run\n";
  const texts = await Promise.all([
    history(state),
    history(state, "build"),
    history(state, "--json"),
    history(state, "build", "--json"),
    history(state, "compare", "last-1", "last"),
    history(state, "--help"),
  ]);
  assertEquals(texts, [none, none, "[]\n", "null\n", `error: ${none}exit code 2\n`, HISTORY_HELP]);
  assertEquals(fs.readdirSync(state.path), [], "asking makes nothing");
});

Deno.test("runs, a task, a call, flaky calls", async () => {
  using state = new State();
  threeRuns(state);
  const [runs, task, call, flaky, json] = await Promise.all([
    history(state, "--limit", "2"),
    history(state, "build"),
    history(state, "build::prod", "--limit", "1"),
    history(state, "--flaky"),
    history(state, "lint", "--json", "--limit", "1"),
  ]);
  assertEquals(
    runs,
    `began                run     outcome   took  calls            runner run
2026-01-02 12:04:05  xyz789  ok       1.5 s  none             (a program)
2026-01-02 12:04:05  abd456  failed   1.5 s  1 ran, 1 failed  (a program)
`,
  );
  assertEquals(
    task,
    `build: 2 succeeded · 0 failed · expected to take 1.6 s a call

began                outcome     took  tries  call         why               run
1970-01-01 09:00:01  succeeded  2.4 s         build::prod  src/a.ts changed  abd456
1970-01-01 09:00:01  succeeded  1.2 s         build::prod                    abc123
`,
  );
  assertEquals(call!.split("\n").length, 5);
  assertEquals(
    flaky,
    `call  succeeded  failed  after retry  an error   key
lint          1       1            0  Error: no  key-lint
`,
  );
  assertEquals(JSON.parse(json!), {
    task: { task: "lint", millis: 100, succeeded: 1, failed: 1 },
    past: [{ ...node("lint", { state: "failed", error: "Error: no" }), run: "2026-01-02T03-05-05-abd456" }]
      .map(({ causes: _, ...rest }) => rest),
  });
});

Deno.test("globs mean tasks and calls, as they do in the options of run; brackets of names are no classes", async () => {
  using state = new State();
  const notes = openHistory(state.file);
  const calls = [
    node("build::prod", { task: "build::[env]" }),
    node("build::dev", { task: "build::[env]" }),
    node("size({ n: 1 })", { task: "size", state: "failed", error: "Error: no" }),
    node("builder", { task: "builder" }),
  ];
  notes.record(run("2026-01-02T03-04-05-abc123", calls));
  const asked = async (...words: readonly string[]) => {
    const { past } = JSON.parse(await history(state, "--json", ...words)) as { past: { call: string }[] };
    return past.map(({ call }) => call).sort();
  };
  const found = await Promise.all(
    ["*", "build::*", "build::p?od", "build", "build::[env]", "s?ze", "size({ n: 1 })", "*({ n: 1 })"].map((
      word,
    ) => asked(word)),
  );
  const [dev, prod, size, builder] = ["build::dev", "build::prod", "size({ n: 1 })", "builder"];
  assertEquals(found, [
    [dev, prod, builder, size],
    [dev, prod],
    [prod],
    [dev, prod],
    [dev, prod],
    [size],
    [size],
    [size],
  ]);
  assertEquals(
    await history(state, "tset*"),
    'error: The history has no task that fits "tset*"; there are: build::[env], builder, size\nexit code 2\n',
  );
  for (const word of ["tag:cpu", "build..."]) {
    assertEquals(
      await history(state, word),
      `error: The history knows names, no labels and no graphs: runner history takes names and globs, not "${word}"\nexit code 2\n`,
    );
  }
});

Deno.test("two runs, by id, by its beginning or its end, by how long ago", async () => {
  using state = new State();
  threeRuns(state);
  const text = `        began                run     outcome   took  calls
first   2026-01-02 12:04:05  abc123  ok       1.5 s  2 ran
second  2026-01-02 12:04:05  abd456  failed   1.5 s  1 ran, 1 failed

ended differently (1)
  lint  succeeded → failed

slower (1)
  build::prod  1.2 s → 2.4 s  (+100 %)
`;
  const texts = await Promise.all([
    history(state, "compare", "last-2", "last-1"),
    history(state, "compare", "2026-01-02T03-04", "abd456"),
    history(state, "compare", "last-2", "last-1", "--json"),
  ]);
  assertEquals(texts.slice(0, 2), [text, text]);
  const json = JSON.parse(texts[2]!);
  assertEquals([json.before.run, json.now.status, json.both, json.slower], [
    "2026-01-02T03-04-05-abc123",
    "failed",
    2,
    [{ call: "build::prod", before: 1_200, now: 2_400 }],
  ]);
});

Deno.test("wrong words say what would have been right; a file that cannot be read is an environment error", async () => {
  using state = new State();
  threeRuns(state);
  const ids = "2026-01-02T03-06-05-xyz789, 2026-01-02T03-05-05-abd456, 2026-01-02T03-04-05-abc123";
  const cases: readonly (readonly [words: string, problem: string])[] = [
    ["buidl", 'The history has no task "buidl"; did you mean "build"?'],
    ["elephant", 'The history has no task "elephant"; there are: build, lint'],
    ["compare last", "Name two runs: runner history compare last-1 last"],
    ["compare last-3 last", 'There is no run "last-3": the history has 3 runs'],
    ["compare 2026 last", `"2026" is the beginning or the end of 3 runs: ${ids}`],
    [
      "compare last 2026-01-02T03-04-05-abc122",
      'There is no run "2026-01-02T03-04-05-abc122"; did you mean "2026-01-02T03-04-05-abc123"?',
    ],
    ["compare last x", `There is no run "x"; there are: ${ids}`],
    ["compare last last-1 --flaky", "--flaky is for all runs, not for two of them"],
    ["build lint", "Name one task, not 2: runner history build"],
    ["--limit 0", '--limit takes a whole number from 1 up, not "0"'],
    ["--flakey", "There is no option --flakey; did you mean --flaky?"],
  ];
  const texts = await Promise.all(cases.map(([words]) => history(state, ...words.split(" "))));
  assertEquals(texts, cases.map(([, problem]) => `error: ${problem}\nexit code 2\n`));
  fs.writeFileSync(state.file, "no database ".repeat(1_000));
  assertEquals(
    await history(state),
    "error: <state>/history.db is damaged (file is not a database); it may be deleted: the next run begins a new one\nexit code 3\n",
  );
});

Deno.test("runs that were cut off are listed among the others, and count as such; they cannot be compared", async () => {
  using state = new State();
  const cut = "2026-01-02T03-05-30-cut000";
  const folder = `${state.path}/runs/${cut}`;
  const began = Date.UTC(2026, 0, 2, 3, 4, 30);
  fs.mkdirSync(folder, { recursive: true });
  const note = (more: Readonly<Record<string, unknown>> = {}): void => {
    const record = {
      run: cut,
      began,
      host: Deno.hostname(),
      pid: Deno.pid,
      process: "gone",
      cwd: "/",
      jobs: "/none",
    };
    fs.writeFileSync(
      `${folder}/run.json`,
      JSON.stringify({ ...record, args: ["run", "p.ts", "a b"], ...more }),
    );
    for (const path of [folder, `${folder}/run.json`]) {
      fs.utimesSync(path, began / 1_000 + 3, began / 1_000 + 3);
    }
  };
  note();
  const head = "began                run     outcome     took  calls            runner run\n";
  const line = "2026-01-02 12:04:30  cut000  cut off  ≥ 3.0 s                   p.ts 'a b'\n";
  assertEquals(
    (await history(state)).replaceAll(/ {2,}/g, "  "),
    `${head}${line}`.replaceAll(/ {2,}/g, "  "),
    "there need be no history",
  );
  threeRuns(state);
  const [listed, json, compared] = await Promise.all([
    history(state, "--limit", "2"),
    history(state, "--json", "--limit", "1"),
    history(state, "compare", "last-1", "last"),
  ]);
  assertEquals(
    listed,
    `began                run     outcome     took  calls  runner run
2026-01-02 12:04:30  cut000  cut off  ≥ 3.0 s         p.ts 'a b'
2026-01-02 12:04:05  xyz789  ok         1.5 s  none   (a program)
`,
  );
  assertEquals(JSON.parse(json), [{
    run: cut,
    started: began,
    ended: began + 3_000,
    command: "runner run p.ts 'a b'",
    status: "cut off",
  }]);
  assertEquals(
    compared,
    `error: ${cut} was cut off, and so nothing was noted of its calls: name another run\nexit code 2\n`,
  );
  note({ ended: "done" });
  assertStringIncludes(await history(state, "--limit", "1"), "  xyz789  ok ");
});

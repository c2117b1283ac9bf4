/** The history in a file: averages, limits, and everything that may happen to the file. */
import fs from "node:fs";
import { assert, assertEquals } from "@std/assert";
import type { NodeRecord } from "../../src/history/history.ts";
import { HistoryReader } from "../../src/history/reader.ts";
import { openHistory } from "../../src/history/sqlite_history.ts";
import { lastLine, start } from "../support/program.ts";
import { fromFileUrl } from "../support/paths.ts";
import { node, run, State } from "./support.ts";

/** Averages as plain objects. */
function averages(state: State): { task: Record<string, number>; call: Record<string, number> } {
  const { task, call } = openHistory(state.file).durations();
  return { task: Object.fromEntries(task), call: Object.fromEntries(call) };
}

Deno.test("nothing is made before a run is noted", () => {
  using state = new State();
  const history = openHistory(`${state.path}/deep/er/history.db`);
  assertEquals(history.durations(), { task: new Map(), call: new Map() });
  history.close();
  assertEquals([...fs.readdirSync(state.path)], []);
  history.record(run("a"));
  assertEquals([history.warnings(), fs.readdirSync(`${state.path}/deep/er`)], [[], ["history.db"]]);
});

Deno.test("durations are moving averages of successes, the newest counts 0.3", () => {
  using state = new State();
  const history = openHistory(state.file);
  const call = (millis: number, changes = {}) => node("build::prod", { millis, ...changes });
  history.record(run("a", [call(100), node("build::dev", { millis: 300 }), node("test", { millis: 7 })]));
  assertEquals(averages(state), {
    task: { build: 200, test: 7 },
    call: { "build::prod": 100, "build::dev": 300, "test": 7 },
  });
  history.record(run("b", [call(200)]));
  assertEquals(averages(state), {
    task: { build: 200, test: 7 },
    call: { "build::prod": 130, "build::dev": 300, "test": 7 },
  });
  for (const other of ["failed", "timed-out", "cancelled", "skipped"] as const) {
    history.record(run("c", [call(90_000, { state: other }), node("new", { state: other })]));
  }
  for (const other of ["up-to-date", "idle", "blocked", "wanted", "ready"] as const) {
    history.record(run("d", [call(90_000, { state: other, attempts: 0 })]));
  }
  assertEquals(averages(state).call["build::prod"], 130);
  assertEquals(Object.keys(averages(state).task), ["build", "test"]);
  history.record(run("e", [node("new", { millis: 5 })]));
  assertEquals(averages(state).task["new"], 5, "the first success counts whole, even after failures");
  assertEquals(history.warnings(), []);
});

Deno.test("what is kept: runs, nodes that ran, texts of a sensible length", () => {
  using state = new State();
  const history = openHistory(state.file);
  const long = "x".repeat(1_000);
  history.record(run("a", [
    node("ok", { causes: "src/a.ts changed", validity: "v" }),
    node("bad", { state: "failed", error: long, attempts: 3 }),
    node("never", { state: "cancelled", attempts: 0 }),
    node("hit", { state: "up-to-date", attempts: 0 }),
    node(`long(${long})`),
  ], { command: "runner run p.ts" }));
  const reader = new HistoryReader(state.file);
  const [first] = reader.runs(10);
  assertEquals([first!.run, first!.status, first!.command, first!.stats.seconds], [
    "a",
    "failed",
    "runner run p.ts",
    1.5,
  ]);
  assertEquals(reader.nodes("a").map(({ call }) => call.slice(0, 6)), ["ok", "bad", "long(x"]);
  assertEquals(reader.nodes("a")[0], {
    call: "ok",
    task: "ok",
    key: "key-ok",
    state: "succeeded",
    started: 1_000,
    millis: 100,
    attempts: 1,
    causes: "src/a.ts changed",
    error: undefined,
  });
  assertEquals(reader.nodes("a").map(({ error, call }) => [error?.length, call.length]), [
    [undefined, 2],
    [301, 3],
    [undefined, 301],
  ]);
  assertEquals(Object.keys(averages(state).call), ["ok"], "a cut name would be another call's, too");
  assertEquals(reader.tasks().map(({ task, succeeded, failed }) => [task, succeeded, failed]), [
    ["bad", 0, 1],
    ["long", 1, 0],
    ["ok", 1, 0],
  ]);
});

Deno.test("the last 1,000 runs and 20,000 calls are kept; of a large run failures and what took longest", () => {
  using state = new State();
  const history = openHistory(state.file);
  history.record(run("first", [node("old")]));
  state.change(
    "update run set id = 5; update node set run = 5; insert into run select 1004, run, started, ended, command, status, stats, 0 from run",
  );
  history.record(run("next"));
  assertEquals(state.rows("select id, run from run order by id"), [{ id: 1004, run: "first" }, {
    id: 1005,
    run: "next",
  }]);
  history.record(
    run(
      "large",
      Array.from(
        { length: 25_000 },
        (_, n) => node(`step(${n})`, { millis: n, ...(n === 3 && { state: "failed" as const }) }),
      ),
    ),
  );
  assertEquals(
    state.rows(
      "select count(*) as n, min(call) filter (where state = 'failed') as bad, min(millis) filter (where state <> 'failed') as least from node",
    ),
    [
      { n: 20_000, bad: "step(3)", least: 5_001 },
    ],
  );
  const [step] = new HistoryReader(state.file).tasks();
  assertEquals(
    [step!.task, step!.succeeded, step!.failed],
    ["step", 24_999, 1],
    "all of them count in the sums",
  );
  assertEquals(state.rows("select count(*) as n from call"), [{ n: 20_000 }]);
  history.record(run("another", [node("fresh")]));
  const calls = averages(state).call;
  assertEquals(
    [Object.keys(calls).length, calls["fresh"]],
    [20_000, 100],
    "the calls that ran last are kept",
  );
  state.change("update run set rows = 190000 where run = 'large'");
  history.record(run("more", Array.from({ length: 10_000 }, (_, n) => node(`more(${n})`))));
  assertEquals(
    state.rows("select run.run as name, count(*) as n from node join run on run.id = node.run group by 1"),
    [{ name: "another", n: 1 }, { name: "more", n: 10_000 }],
    "nodes of older runs go when there are more than 200,000",
  );
  assertEquals(history.warnings(), []);
});

Deno.test("a damaged file is set aside with a warning, and a new one begins", () => {
  for (const journal of [false, true]) {
    using state = new State();
    fs.writeFileSync(state.file, "no database ".repeat(1_000));
    if (journal) fs.writeFileSync(`${state.file}-journal`, "no journal ".repeat(1_000));
    const history = openHistory(state.file);
    assertEquals(history.durations().task.size, 0);
    history.record(run("a", [node("x")]));
    assertEquals(history.warnings(), [
      `${state.file} is damaged (file is not a database); it is kept as ${state.file}.damaged, and a new one begins with this run`,
    ]);
    assertEquals(fs.readdirSync(state.path).sort(), ["history.db", "history.db.damaged"]);
    assertEquals(new HistoryReader(state.file).runs(9).map((one) => one.run), ["a"]);
  }
});

Deno.test("a file that is cut off at any place never fails a run", () => {
  using state = new State();
  const history = openHistory(state.file);
  history.record(
    run("a", Array.from({ length: 500 }, (_, n) => node(`step(${n})`, { error: "x".repeat(200) }))),
  );
  const whole = fs.readFileSync(state.file);
  for (let size = 0; size < whole.length; size += 3_001) {
    fs.writeFileSync(state.file, whole.subarray(0, size));
    const cut = openHistory(state.file);
    cut.durations();
    cut.record(run("b", [node("x")]));
    assert(cut.warnings().length <= 1);
    assertEquals(new HistoryReader(state.file).runs(1)[0]?.run, "b", `cut at ${size}`);
  }
});

Deno.test("a file of a newer release, and one of another program, are left as they are", () => {
  using state = new State();
  openHistory(state.file).record(run("a"));
  state.change("pragma user_version = 2");
  const before = fs.readFileSync(state.file);
  const history = openHistory(state.file);
  history.durations();
  history.record(run("b"));
  assertEquals(history.warnings(), [
    `${state.file} was written by a newer release of runner, so nothing is known of how long tasks take`,
  ]);
  assertEquals(fs.readFileSync(state.file), before);

  fs.rmSync(state.file);
  state.change("create table mine (x)");
  const other = openHistory(state.file);
  other.record(run("b"));
  assertEquals(other.warnings(), [
    `${state.file} is another program's database, so this run is not in the history`,
  ]);
  assertEquals(state.rows("select name from sqlite_schema"), [{ name: "mine" }]);
});

Deno.test("a file that another process has locked: one warning, the run goes on", async () => {
  using state = new State();
  openHistory(state.file).record(run("a", [node("x")]));
  const holder = start(fromFileUrl("../history/lock_program.ts"), [state.file]);
  assert(await holder.lines(1));
  const history = openHistory(state.file, { wait: 20 });
  assertEquals(history.durations().task.size, 0);
  history.record(run("b"));
  assertEquals(history.warnings(), [
    `${state.file} is locked by another program, so nothing is known of how long tasks take`,
  ]);
  holder.kill("SIGKILL");
  await holder.ended;
  history.record(run("c"));
  assertEquals(history.durations().task.size, 1);
  assertEquals(new HistoryReader(state.file).runs(9).map((one) => one.run), ["c", "a"]);
});

Deno.test("four runners on one file at once: every run is there, nobody complains", async () => {
  using state = new State();
  const [each, names] = [25, ["a", "b", "c", "d"]];
  const program = fromFileUrl("../history/write_program.ts");
  const warnings = await Promise.all(
    names.map((name) => lastLine<string[]>(program, [state.file, name, String(each)])),
  );
  assertEquals(warnings, [[], [], [], []]);
  const runs = new HistoryReader(state.file).runs(1_000);
  assertEquals(new Set(runs.map((one) => one.run)).size, each * names.length);
  assertEquals(new HistoryReader(state.file).tasks().find(({ task }) => task === "shared")?.succeeded, 100);
});

Deno.test("a file that is deleted under way, even while it is written, costs nothing but the past", () => {
  using state = new State();
  const history = openHistory(state.file);
  history.record(run("a", [node("x")]));
  history.durations();
  fs.rmSync(state.file);
  history.record(run("b", [node("x")]));
  const names = () => new HistoryReader(state.file).runs(9).map((one) => one.run);
  assertEquals(names(), ["b"]);
  // Before the first statement of the transaction.
  for (const folder of [false, true]) {
    let deleted = false;
    const record = run("c", [node("x"), node("y")]);
    history.record({
      ...record,
      get status() {
        if (!deleted) fs.rmSync(folder ? state.path : state.file, { recursive: true });
        deleted = true;
        return "ok" as const;
      },
    });
    assertEquals([deleted, names()], [true, ["c"]]);
  }
  // After the first, when it can be committed into a file that is nowhere.
  let deleted = false;
  const late: NodeRecord = {
    ...node("x"),
    get causes() {
      if (!deleted) fs.rmSync(state.file);
      deleted = true;
      return undefined;
    },
  };
  history.record(run("d", [late]));
  assertEquals([deleted, names()], [true, ["d"]]);
  assertEquals(history.warnings(), []);
});

Deno.test("a place that cannot be written: one warning", () => {
  using state = new State();
  fs.writeFileSync(`${state.path}/file`, "");
  const history = openHistory(`${state.path}/file/history.db`);
  history.durations();
  history.record(run("a"));
  history.record(run("b"));
  assertEquals(history.warnings().length, 1);
  assert(history.warnings()[0]!.endsWith(", so this run is not in the history"), history.warnings()[0]);
  fs.mkdirSync(`${state.path}/history.db`);
  const folder = openHistory(state.file);
  folder.durations();
  folder.record(run("a"));
  assertEquals(folder.warnings().length, 1);
});

Deno.test("a run with nothing to do and one of 100,000 calls are noted in a blink", () => {
  using state = new State();
  const history = openHistory(state.file);
  history.record(run("warm"));
  const time = (act: () => void): number => {
    const begin = performance.now();
    act();
    return performance.now() - begin;
  };
  const least = (act: () => void) => Math.min(...Array.from({ length: 5 }, () => time(act)));
  const empty = least(() => openHistory(state.file).record(run("empty")));
  // Measured 1 ms and 200 ms; a slow machine is not to be a red test.
  assert(empty < 50, `${empty} ms for nothing`);
  const nodes = Array.from(
    { length: 100_000 },
    (_, n) => node(`step({ n: ${n} })`, { key: `${n}`.padStart(40, "0") }),
  );
  const large = time(() => history.record(run("large", nodes)));
  assert(large < 3_000, `${large} ms for 100,000 calls`);
});

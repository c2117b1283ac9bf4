/** Noting a run in the tables of the history, and forgetting what is long past. */
import type { DatabaseSync } from "node:sqlite";
import type { NodeRecord, RunRecord } from "./history.ts";

/** What the newest duration counts in an average. */
const NEWEST = 0.3;
/** The most runs that are kept. */
const MOST_RUNS = 1_000;
/** The most nodes of a run that are kept one by one. */
const MOST_NODES = 20_000;
/** The most nodes that are kept of all runs: some 30 MB. */
const MOST_ROWS = 200_000;
/** The most calls, and tasks, whose durations are kept: those that ran last. */
const MOST_NAMES = 20_000;
/** Longer texts are cut; longer names of calls have no average of their own. */
const MOST_TEXT = 300;

/** Writes a run; the caller has begun a transaction. */
export function writeRun(database: DatabaseSync, run: RunRecord): void {
  const executed = run.nodes.filter(hasRun);
  const kept = executed.length <= MOST_NODES ? executed : mostTelling(executed);
  const { lastInsertRowid } = database.prepare(
    "insert into run (run, started, ended, command, status, stats, rows) values (?, ?, ?, ?, ?, ?, ?)",
  ).run(
    run.run,
    run.started,
    run.ended,
    cut(run.command),
    run.status,
    JSON.stringify(run.stats),
    kept.length,
  );
  const id = Number(lastInsertRowid);
  if (executed.length > 0) {
    writeNodes(database, id, kept);
    writeTasks(database, id, executed);
  }
  forget(database, id, executed.length > 0);
}

function hasRun({ state, attempts }: NodeRecord): boolean {
  switch (state) {
    case "succeeded":
    case "failed":
    case "timed-out":
    case "skipped":
      return true;
    case "cancelled":
      return attempts > 0;
    default:
      return false;
  }
}

/** Failures first, then what took longest. */
function mostTelling(nodes: readonly NodeRecord[]): NodeRecord[] {
  const failed = nodes.filter(({ state }) => state === "failed" || state === "timed-out");
  const rest = nodes.filter(({ state }) => state !== "failed" && state !== "timed-out")
    .sort((a, b) => b.millis - a.millis);
  return [...failed, ...rest].slice(0, MOST_NODES);
}

function writeNodes(database: DatabaseSync, id: number, nodes: readonly NodeRecord[]): void {
  const insert = database.prepare("insert into node values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const average = database.prepare(
    `insert into call values (?, ?, ?) on conflict (name) do update set
       millis = millis * ${1 - NEWEST} + excluded.millis * ${NEWEST}, seen = excluded.seen`,
  );
  for (const [index, node] of nodes.entries()) {
    const { call, task, key, validity, state, started, millis, attempts, causes, error } = node;
    insert.run(
      id,
      index,
      cut(call),
      cut(task),
      key,
      validity ?? null,
      state,
      started,
      millis,
      attempts,
      cut(causes),
      cut(error),
    );
    if (state === "succeeded" && call.length <= MOST_TEXT) average.run(call, millis, id);
  }
}

/** A task's average takes in the mean of a run: the last of ten thousand calls is not worth more than the first. */
function writeTasks(database: DatabaseSync, id: number, nodes: readonly NodeRecord[]): void {
  const sums = new Map<string, { millis: number; succeeded: number; failed: number }>();
  for (const { task, state, millis } of nodes) {
    let sum = sums.get(task);
    if (sum === undefined) sums.set(task, sum = { millis: 0, succeeded: 0, failed: 0 });
    if (state === "succeeded") {
      sum.succeeded++;
      sum.millis += millis;
    } else if (state === "failed" || state === "timed-out") sum.failed++;
  }
  const upsert = database.prepare(
    `insert into task values (?, ?, ?, ?, ?) on conflict (name) do update set
       millis = case when excluded.millis is null then millis when millis is null then excluded.millis
         else millis * ${1 - NEWEST} + excluded.millis * ${NEWEST} end,
       succeeded = succeeded + excluded.succeeded, failed = failed + excluded.failed, seen = excluded.seen`,
  );
  for (const [task, { millis, succeeded, failed }] of sums) {
    upsert.run(cut(task), succeeded === 0 ? null : millis / succeeded, succeeded, failed, id);
  }
}

/** Removes what is too old or too much. */
function forget(database: DatabaseSync, id: number, grown: boolean): void {
  database.prepare("delete from run where id <= ?").run(id - MOST_RUNS);
  if (!grown) return;
  let rows = 0;
  let oldest = id - MOST_RUNS;
  for (const run of database.prepare("select id, rows from run order by id desc").all()) {
    rows += Number(run["rows"]);
    if (rows <= MOST_ROWS || run["id"] === id) continue;
    oldest = Math.max(oldest, Number(run["id"]));
    break;
  }
  database.prepare("delete from node where run <= ?").run(oldest);
  for (const table of ["call", "task"]) {
    database.exec(
      `delete from ${table} where (select count(*) from ${table}) > ${MOST_NAMES} and name in
         (select name from ${table} order by seen desc limit -1 offset ${MOST_NAMES})`,
    );
  }
}

function cut(text: string): string;
function cut(text: string | undefined): string | null;
function cut(text: string | undefined): string | null {
  if (text === undefined) return null;
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}…`;
}

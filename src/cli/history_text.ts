/** The past as text: tables that fit the terminal. Pure. */
import type { Comparison, Pair } from "../history/compare.ts";
import type { FlakyCall, PastNode, PastRun, PastTask } from "../history/history.ts";
import { readableDuration } from "../model/duration.ts";
import type { RunStats } from "../model/event.ts";
import { cut, width } from "../report/columns.ts";
import type { ListedRun } from "./listed_runs.ts";

/** How texts are made. */
export interface TextOptions {
  /** The columns there are; `undefined` when there is no end to them. */
  readonly columns: number | undefined;
  /** A time for people. */
  readonly time: (unixMillis: number) => string;
}

/** The columns that a text may take before others are left out. */
const LEAST = 26;
/** On a terminal that is not so wide, what became of calls takes so many columns, for the command to have some. */
const WIDE = 100, CALLS = 20;
/** Less than this of a column says nothing. */
const STUB = 8;

/**
 * Rows under a head, columns aligned, within the terminal: long texts are cut, and what still does not fit is left out
 * from the right. Names of columns of numbers end with a space.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns = Infinity,
): string {
  const right = head.map((name) => name.endsWith(" "));
  const all = [head.map((name) => name.trim()), ...rows];
  const widths = head.map((_, column) =>
    all.reduce((most, row) => Math.max(most, width(row[column] ?? "")), 0)
  );
  if (widths.reduce((sum, one) => sum + one + 2, -2) > columns) {
    const most = Math.max(LEAST, Math.floor(columns / 3));
    for (let column = 0; column < widths.length; column++) {
      if (!right[column]) widths[column] = Math.min(widths[column]!, most);
    }
  }
  let [shown, used] = [0, 0];
  for (const [column, wide] of widths.entries()) {
    const room = columns - used;
    if (wide > room && column > 0 && (right[column] || room < STUB)) break;
    widths[column] = Math.min(wide, room);
    used += widths[column]! + 2;
    shown++;
  }
  const lines = all.map((row) =>
    row.slice(0, shown).map((cell, column) => {
      const text = cut(cell, widths[column]!);
      const space = " ".repeat(Math.max(0, widths[column]! - width(text)));
      return right[column] ? `${space}${text}` : `${text}${space}`;
    }).join("  ").trimEnd()
  );
  return `${lines.join("\n")}\n`;
}

/** The latest runs. */
export function runsText(runs: readonly ListedRun[], { columns, time }: TextOptions): string {
  const rows = runs.map((run) => [...runCells(run, time, columns), wordsOf(run.command)]);
  return table([...RUN_COLUMNS, "runner run"], rows, columns);
}

/** What stood behind `runner run`. */
function wordsOf(command: string | undefined): string {
  return command === undefined ? "(a program)" : command.replace(/^runner run /, "");
}

/** The past of a task or a call. */
export function pastText(
  name: string,
  task: PastTask | undefined,
  past: readonly (PastNode & { readonly run: string })[],
  { columns, time }: TextOptions,
): string {
  const expected = task?.millis === undefined
    ? ""
    : ` · expected to take ${readableDuration(task.millis)} a call`;
  const head = task === undefined
    ? `${name}\n`
    : `${name}: ${task.succeeded} succeeded · ${task.failed} failed${expected}\n`;
  const rows = past.map(({ call, run, started, state, millis, attempts, causes, error }) => [
    time(started),
    state,
    readableDuration(millis),
    attempts > 1 ? String(attempts) : "",
    call,
    error ?? causes ?? "",
    endOf(run),
  ]);
  return `${columns === undefined ? head : `${cut(head.trimEnd(), columns)}\n`}\n${
    table(["began", "outcome", "took ", "tries ", "call", "why", "run"], rows, columns)
  }`;
}

/** Calls that end now so, now so. */
export function flakyText(calls: readonly FlakyCall[], { columns }: TextOptions): string {
  const rows = calls.map(({ call, key, succeeded, failed, retried, error }) => [
    call,
    String(succeeded),
    String(failed),
    String(retried),
    error ?? "",
    key.slice(0, 8),
  ]);
  return table(["call", "succeeded ", "failed ", "after retry ", "an error", "key"], rows, columns);
}

/** Two runs beside each other. */
export function comparisonText(
  before: PastRun,
  now: PastRun,
  comparison: Comparison,
  limit: number,
  options: TextOptions,
): string {
  const { columns } = options;
  const fit = (line: string) => columns === undefined ? line : cut(line, columns);
  const section = <Value>(title: string, list: readonly Value[], text: (value: Value) => string): string[] =>
    list.length === 0 ? [] : [
      "",
      `${title} (${list.length})`,
      ...list.slice(0, limit).map((value) => fit(`  ${text(value)}`)),
      ...(list.length > limit ? [`  … and ${list.length - limit} more`] : []),
    ];
  const pair = <Value>({ call, before, now }: Pair<Value>, text: (value: Value) => string): string =>
    `${call}  ${text(before)} → ${text(now)}`;
  const percent = ({ before, now }: Pair<number>): string =>
    before < 1 ? "" : `  (${now > before ? "+" : "−"}${Math.round(Math.abs(now / before - 1) * 100)} %)`;
  const { onlyBefore, onlyNow, slower, faster, keys, states, both } = comparison;
  const lines = [
    ...section("ended differently", states, (one) => pair(one, String)),
    ...section("slower", slower, (one) => `${pair(one, readableDuration)}${percent(one)}`),
    ...section("faster", faster, (one) => `${pair(one, readableDuration)}${percent(one)}`),
    ...section("other input", keys, (one) => pair(one, (key) => key.slice(0, 8))),
    ...section("ran in the first only", onlyBefore, String),
    ...section("ran in the second only", onlyNow, String),
  ];
  const calls = both === 1 ? "1 call" : `${both} calls`;
  return [
    table(["", ...RUN_COLUMNS], [
      ["first", ...runCells(before, options.time, columns)],
      ["second", ...runCells(now, options.time, columns)],
    ], columns).trimEnd(),
    ...lines,
    ...(lines.length === 0
      ? ["", both === 0 ? "No call ran in either." : `Nothing differs much in the ${calls} that ran in both.`]
      : []),
    "",
  ].join("\n");
}

/** What is told of every run. */
const RUN_COLUMNS = ["began", "run", "outcome", "took ", "calls"];

function runCells(
  { run, started, ended, status, stats }: ListedRun,
  time: TextOptions["time"],
  columns = Infinity,
): string[] {
  const took = readableDuration(ended - started);
  const calls = stats === undefined ? "" : callsText(stats);
  return [
    time(started),
    endOf(run),
    status,
    // Nobody knows how long one that was cut off went on after it was last seen.
    status === "cut off" ? `≥ ${took}` : took,
    columns < WIDE ? cut(calls, CALLS) : calls,
  ];
}

/** The end of a run's id, by which it can be named; its beginning is the time where it is 0 o'clock at Greenwich. */
function endOf(run: string): string {
  return run.slice(run.lastIndexOf("-") + 1);
}

/** What became of the calls of a run. */
function callsText({ ran, failed, upToDate, skipped, notRun, leftOut = 0 }: RunStats): string {
  const parts: readonly (readonly [number, string])[] = [
    [ran, "ran"],
    [failed, "failed"],
    [upToDate, "up to date"],
    [skipped, "skipped"],
    [notRun, "not run"],
    [leftOut, "left out"],
  ];
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return told.length === 0 ? "none" : told.join(", ");
}

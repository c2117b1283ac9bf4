/** `runner history`. */
import { compareRuns } from "../../history/compare.ts";
import { historyFile } from "../../history/database.ts";
import type { PastRun } from "../../history/history.ts";
import { HistoryReader } from "../../history/reader.ts";
import { EnvironmentError } from "../../model/failure.ts";
import { meansTask } from "../../plan/selection.ts";
import { nearest } from "../../model/suggest.ts";
import { positive, readArguments, refuseFields, usage } from "../arguments.ts";
import { type ListedRun, listedRuns } from "../listed_runs.ts";
import { idsNamed, RUN_NAMES, runsAgo } from "../run_names.ts";
import { localTime } from "../value_text.ts";
import { comparisonText, flakyText, pastText, runsText, type TextOptions } from "../history_text.ts";
import { print } from "../output.ts";

/** The help of `history`. */
export const HISTORY_HELP = `Usage: runner history [task] [--limit n] [--flaky] [--json] [--state folder]
       runner history compare <run> <run> [--limit n] [--json] [--state folder]

Without a task: the latest runs, also those that were cut off, as long as "runner ps" lists them. Of each: when it began, the
end of its id, how it ended, how long it took, what became of its calls, and the words behind "runner run".
With a task, or a call by its name, or a glob ('build::*'): when it ran, how it ended, how long it took, why it ran.
compare says what differs between two runs: what ran in one only, what got slower or faster (by more than 20 % and 50 ms),
whose input is another, what ended differently.
${RUN_NAMES}
--flaky lists calls that both succeeded and failed with the same key, or succeeded only after a retry.

Options
  --limit <n>          the most lines (default 20)
  --flaky              calls that end now so, now so
  --json               as JSON
  --state <folder>     where the history is (default .runner); the file history.db in it may be deleted at any time
`;

const OPTIONS = { values: ["state", "limit"], flags: ["json", "flaky", "help"] };
/** The most lines, if nothing else is said. */
const LIMIT = 20;
/** Runs that can be named. */
const ALL_RUNS = 1_000;

/** Tells what earlier runs did. */
// deno-lint-ignore require-await -- what commands are; a wrong word is a rejection, not an exception
export async function command(args: readonly string[]): Promise<number> {
  const parsed = readArguments(args, OPTIONS);
  const { words, flags, values } = parsed;
  if (flags.has("help")) {
    print(HISTORY_HELP);
    return 0;
  }
  refuseFields(parsed);
  const limit = positive("limit", values["limit"]) ?? LIMIT;
  const state = values["state"] ?? ".runner";
  const reader = new HistoryReader(historyFile(state));
  const past: Past = {
    reader,
    runs: (most) => listedRuns(reader.exists() ? reader.runs(most) : [], state).slice(0, most),
  };
  const question = ask(past, words, limit, flags.has("flaky"));
  const list = words.length === 0 || flags.has("flaky");
  if (!reader.exists() && (words.length > 0 || flags.has("flaky") || past.runs(1).length === 0)) {
    const none = `There is no history yet: ${reader.file} is written by runner run`;
    if (words[0] === "compare") throw usage(none);
    print(flags.has("json") ? `${list ? "[]" : "null"}\n` : `${none}\n`);
    return 0;
  }
  try {
    const { json, text } = question();
    print(flags.has("json") ? `${JSON.stringify(json)}\n` : text(textOptions()));
  } catch (error) {
    if ((error as Error).name !== "HistoryError") throw error;
    throw new EnvironmentError(
      `${(error as Error).message}; it may be deleted: the next run begins a new one`,
    );
  }
  return 0;
}

/** An answer, for programs and for people. */
interface Answer {
  readonly json: unknown;
  readonly text: (options: TextOptions) => string;
}

/** What is asked. */
interface Past {
  readonly reader: HistoryReader;
  /** The latest runs, those that were cut off too. */
  readonly runs: (limit: number) => readonly ListedRun[];
}

/** What is asked; wrong words are told even when there is no history. */
function ask(known: Past, words: readonly string[], limit: number, flaky: boolean): () => Answer {
  const [word, ...more] = words;
  if (word === "compare") {
    const [first, second, ...rest] = more;
    if (first === undefined || second === undefined || rest.length > 0) {
      throw usage("Name two runs: runner history compare last-1 last");
    }
    if (flaky) throw usage("--flaky is for all runs, not for two of them");
    return () => compare(known, first, second, limit);
  }
  if (word?.startsWith("tag:") || word?.includes("...")) {
    throw usage(
      `The history knows names, no labels and no graphs: runner history takes names and globs, not "${word}"`,
    );
  }
  if (more.length > 0) throw usage(`Name one task, not ${words.length}: runner history ${word}`);
  if (flaky) return () => flakyCalls(known.reader, word, limit);
  return word === undefined ? () => latest(known, limit) : () => past(known.reader, word, limit);
}

function latest(known: Past, limit: number): Answer {
  const runs = known.runs(limit);
  return { json: runs, text: (options) => runsText(runs, options) };
}

function past(reader: HistoryReader, name: string, limit: number): Answer {
  const tasks = reader.tasks();
  const meant = tasks.filter(({ task }) => meansTask(name)(task));
  const list = reader.past(name, meant.map((one) => one.task), limit);
  if (list.length === 0 && meant.length === 0) {
    const none = /[*?]/.test(name)
      ? `The history has no task that fits "${name}"`
      : `The history has no task "${name}"`;
    throw usage(`${none}${alternatives(name, tasks.map((one) => one.task))}`);
  }
  const task = meant.find((one) => one.task === name) ?? (meant.length === 1 ? meant[0] : undefined);
  return { json: { task: task ?? null, past: list }, text: (options) => pastText(name, task, list, options) };
}

function flakyCalls(reader: HistoryReader, name: string | undefined, limit: number): Answer {
  // Filtered here: there are few of them.
  const calls = reader.flaky(name === undefined ? limit : ALL_RUNS)
    .filter((one) => name === undefined || meansTask(name)(one.task) || meansTask(name)(one.call)).slice(
      0,
      limit,
    );
  return {
    json: calls,
    text: (options) =>
      calls.length === 0
        ? "No call has ended in different ways with the same key\n"
        : flakyText(calls, options),
  };
}

function compare({ reader, runs }: Past, first: string, second: string, limit: number): Answer {
  const all = runs(ALL_RUNS);
  const [before, now] = [findRun(all, first), findRun(all, second)];
  const comparison = compareRuns(reader.nodes(before.run), reader.nodes(now.run));
  return {
    json: { before, now, ...comparison },
    text: (options) => comparisonText(before, now, comparison, limit, options),
  };
}

/** The run that a name means. */
function findRun(runs: readonly ListedRun[], name: string): PastRun {
  const ago = runsAgo(name);
  if (ago !== undefined) {
    const run = runs[ago];
    if (run !== undefined) return noted(run);
    throw usage(
      `There is no run "${name}": the history has ${runs.length} ${runs.length === 1 ? "run" : "runs"}`,
    );
  }
  const ids = runs.map(({ run }) => run);
  const fitting = idsNamed(name, ids);
  if (fitting.length === 1) return noted(runs.find(({ run }) => run === fitting[0])!);
  throw usage(
    fitting.length === 0
      ? `There is no run "${name}"${alternatives(name, ids)}`
      : `"${name}" is the beginning or the end of ${fitting.length} runs: ${fitting.slice(0, 5).join(", ")}${
        fitting.length > 5 ? ", …" : ""
      }`,
  );
}

/** A run that was noted at its end. */
function noted({ status, stats, ...run }: ListedRun): PastRun {
  if (status !== "cut off" && stats !== undefined) return { ...run, status, stats };
  throw usage(`${run.run} was cut off, and so nothing was noted of its calls: name another run`);
}

/** What would have been right: the nearest, or the first few. */
function alternatives(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return names.length === 0
    ? ""
    : `; there are: ${names.slice(0, 10).join(", ")}${names.length > 10 ? ", …" : ""}`;
}

function textOptions(): TextOptions {
  const { stdout } = process;
  return { columns: stdout.isTTY === true ? stdout.columns || 80 : undefined, time: localTime };
}

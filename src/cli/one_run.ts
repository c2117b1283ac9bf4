/** Finding the run that a command names, and telling of one that is over. */
import type { PastRun } from "../history/history.ts";
import { readableDuration } from "../model/duration.ts";
import { DefinitionError } from "../model/failure.ts";
import { readRecords, type RunRecord, stateOfRun } from "../store/run_record.ts";
import { loggedRuns, pastRuns } from "../wire/over_runs.ts";
import { type Arguments, refuseFields, usage } from "./arguments.ts";
import { idsNamed, runsAgo } from "./run_names.ts";
import { localTime } from "./value_text.ts";

/** A run that a command names. */
export type FoundRun =
  /** One that is under way, or can be gone on with. */
  | { readonly kind: "noted"; readonly record: RunRecord }
  /** One of which nothing is left to do; `past` is what the history says of it, if it says anything. */
  | { readonly kind: "over"; readonly run: string; readonly past: PastRun | undefined };

/** In which states a run is one that a command is for. */
const MEANT = {
  cancel: { states: ["running", "cut off", "elsewhere"], are: "are under way or were cut off" },
  resume: { states: ["cut off"], are: "were cut off" },
} as const;

/**
 * The run that the words of a command name (`run_names.ts`). `last` counts the runs that the command is for: what is under way or
 * was cut off can be cancelled, what was cut off can be gone on with; where there is none, it counts all.
 *
 * @throws {DefinitionError} when there is none, or more than one, with those there are.
 */
export function oneRun(
  state: string,
  words: readonly string[],
  command: "cancel" | "resume",
): FoundRun {
  const [name, ...more] = words;
  if (name === undefined || more.length > 0) throw usage(`Name one run: runner ${command} <run>`);
  const records = readRecords(state);
  const ago = runsAgo(name);
  if (ago !== undefined) return runBefore(state, records, name, ago, command);
  const found = idsNamed(name, records.map(({ run }) => run));
  if (found.length === 1) return { kind: "noted", record: records.find(({ run }) => run === found[0])! };
  if (found.length > 1) {
    throw noRun(
      `"${name}" is the beginning or the end of several runs:${
        listed(records.filter(({ run }) => found.includes(run)))
      }`,
    );
  }
  const past = pastRuns(state);
  const over = idsNamed(name, [...past.map(({ run }) => run), ...loggedRuns(state)]);
  if (over.length === 1) {
    return { kind: "over", run: over[0]!, past: past.find(({ run }) => run === over[0]) };
  }
  if (over.length > 1) {
    throw noRun(`"${name}" is the beginning or the end of several runs: ${over.slice(0, 10).join(", ")}`);
  }
  if (records.length === 0 && past.length === 0) throw noneAtAll(state, name);
  throw noRun(
    `There is no run "${name}" in ${state}${
      records.length === 0 ? '; "runner history" lists those that are over' : `; there are:${listed(records)}`
    }`,
  );
}

/** The run that is so many before the last. */
function runBefore(
  state: string,
  records: readonly RunRecord[],
  name: string,
  ago: number,
  command: "cancel" | "resume",
): FoundRun {
  const { states, are } = MEANT[command];
  const meant = records.filter((record) => (states as readonly string[]).includes(stateOfRun(record)));
  const record = meant.at(-1 - ago);
  if (record !== undefined) return { kind: "noted", record };
  if (meant.length > 0) throw noRun(`There is no run "${name}"; these ${are}:${listed(meant)}`);
  const past = pastRuns(state);
  const noted = new Set(records.map(({ run }) => run));
  const all: readonly (readonly [began: number, FoundRun])[] = [
    ...records.map((record) => [record.began, { kind: "noted", record }] as const),
    ...past.filter(({ run }) => !noted.has(run)).map((past) =>
      [past.started, { kind: "over", run: past.run, past }] as const
    ),
  ];
  const found = all.toSorted(([one], [other]) => other - one)[ago];
  if (found !== undefined) return found[1];
  throw all.length === 0 ? noneAtAll(state, name) : noRun(
    `There is no run "${name}" in ${state}: it knows ${all.length} ${all.length === 1 ? "run" : "runs"}`,
  );
}

function noneAtAll(state: string, name: string): DefinitionError {
  return noRun(`There is no run "${name}", nor any other, in ${state}; --state names another folder`);
}

function noRun(problem: string): DefinitionError {
  return new DefinitionError([{ kind: "bad-target", problem }]);
}

/** The latest of some runs, a line for each. */
function listed(some: readonly RunRecord[]): string {
  return some.slice(-10).map((record) => `\n    ${record.run} (${stateOfRun(record)})`).join("");
}

/** When and how a run ended. */
export function overText(run: string, past: PastRun | undefined): string {
  if (past === undefined) return `${run} is over: it ended well (exit code 0), and no history says when`;
  const { status, started, ended, stats } = past;
  const how = status === "ok"
    ? "ended well (exit code 0)"
    : status === "cancelled"
    ? "was cancelled (exit code 130, or 143 by SIGTERM)"
    : `failed (exit code ${stats.failed > 0 ? "1" : "2 or 3"})`;
  return `${run} is over: it ${how} at ${localTime(ended)}, after ${readableDuration(ended - started)}`;
}

/** The same of a run whose record is there. */
export function recordText({ run, began, over, by }: RunRecord, is: ReturnType<typeof stateOfRun>): string {
  if (is === "done") return `${run} is over: it was cut off or failed, and ${by} has done its work since`;
  if (is !== "failed" && is !== "cancelled") return `${run} was cut off`;
  const when = over === undefined ? "" : ` at ${localTime(over)}, after ${readableDuration(over - began)}`;
  return `${run} is over: it ${is === "failed" ? "failed" : "was cancelled"}${when}`;
}

/**
 * Refuses options that a command about runs does not have.
 *
 * @throws {DefinitionError} for each of them; where the cache is does not matter to it.
 */
export function refuseOptions(parsed: Arguments, command: string): void {
  if (parsed.fields.has("cache")) {
    throw usage(
      `${command} has no --cache: runs are noted in the folder of state, wherever their caches are; --state names another than .runner`,
    );
  }
  refuseFields(parsed);
}

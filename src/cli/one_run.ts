/** Finding the run that a command names, and telling of one that is over. */
import type { PastRun } from "../history/history.ts";
import { readableDuration } from "../model/duration.ts";
import { DefinitionError } from "../model/failure.ts";
import { readRecords, type RunRecord, stateOfRun } from "../store/run_record.ts";
import { loggedRuns, pastRuns } from "../wire/over_runs.ts";
import { type Arguments, refuseFields, usage } from "./arguments.ts";
import { localTime } from "./value_text.ts";

/** A run that a command names. */
export type FoundRun =
  /** One that is under way, or can be gone on with. */
  | { readonly kind: "noted"; readonly record: RunRecord }
  /** One of which nothing is left to do; `past` is what the history says of it, if it says anything. */
  | { readonly kind: "over"; readonly run: string; readonly past: PastRun | undefined };

/**
 * The run that the words of a command name: by its id, or the end of it. `last` is the one that began last, of those first that
 * the command is for: what is under way or was cut off can be cancelled, what was cut off can be gone on with.
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
  const states: readonly string[] = command === "resume" ? ["cut off"] : ["running", "cut off", "elsewhere"];
  const fits = (run: string): boolean => run === name || run.endsWith(name);
  const meant = records.filter((record) =>
    name === "last" ? states.includes(stateOfRun(record)) : fits(record.run)
  );
  const found = name === "last" ? meant.slice(-1) : meant;
  if (found.length === 1) return { kind: "noted", record: found[0]! };
  const past = pastRuns(state);
  const latest = records.at(-1);
  const later = past[0] !== undefined && past[0].run !== latest?.run &&
    past[0].started > (latest?.began ?? 0);
  if (name === "last" && latest !== undefined && !later) {
    return { kind: "noted", record: latest };
  }
  const over = name === "last"
    ? past.slice(0, 1).map(({ run }) => run)
    : [...new Set([...past.map(({ run }) => run), ...loggedRuns(state)])].filter(fits);
  if (found.length === 0 && over.length === 1) {
    return { kind: "over", run: over[0]!, past: past.find(({ run }) => run === over[0]) };
  }
  const list = (some: readonly RunRecord[]) =>
    some.slice(-10).map((record) => `\n    ${record.run} (${stateOfRun(record)})`).join("");
  throw new DefinitionError([{
    kind: "bad-target",
    problem: found.length > 1
      ? `"${name}" is the end of several runs:${list(found)}`
      : over.length > 1
      ? `"${name}" is the end of several runs: ${over.slice(0, 10).join(", ")}`
      : records.length === 0
      ? `There is no run "${name}", nor any other, in ${state}; --state names another folder`
      : `There is no run "${name}" in ${state}; there are:${list(records)}`,
  }]);
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

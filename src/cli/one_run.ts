/** Finding the run that a command names. */
import { DefinitionError } from "../model/failure.ts";
import { readRecords, type RunRecord, stateOfRun } from "../store/run_record.ts";
import { usage } from "./arguments.ts";

/** The hidden first word of `run` when a run goes on with another: what that has done by force is not done again. */
export const RESUMES = "--resumes=";

/**
 * The run that the words of a command name: by its id, or the end of it; `last` is the one that began last, and of those that may
 * be gone on with the last that was cut off, if one was.
 *
 * @throws {DefinitionError} when there is none, or more than one, with those there are.
 */
export function oneRun(state: string, words: readonly string[], command: string): RunRecord {
  const [name, ...more] = words;
  if (name === undefined || more.length > 0) throw usage(`Name one run: runner ${command} <run>`);
  const records = readRecords(state);
  const cutOff = command === "resume" ? records.filter((record) => stateOfRun(record) === "cut off") : [];
  const found = name === "last"
    ? (cutOff.length > 0 ? cutOff : records).slice(-1)
    : records.filter(({ run }) => run === name || run.endsWith(name));
  if (found.length === 1) return found[0]!;
  const list = (some: readonly RunRecord[]) =>
    some.slice(-10).map((record) => `\n    ${record.run} (${stateOfRun(record)})`).join("");
  throw new DefinitionError([{
    kind: "bad-target",
    problem: found.length > 1
      ? `"${name}" is the end of several runs:${list(found)}`
      : records.length === 0
      ? `There is no run "${name}", nor any other, in ${state}; --state names another folder`
      : `There is no run "${name}" in ${state}; there are:${list(records)}`,
  }]);
}

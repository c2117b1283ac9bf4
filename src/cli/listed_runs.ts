/** The runs that `runner history` knows: those that were noted at their ends, and those that were cut off before. */
import type { PastRun, RunStatus } from "../history/history.ts";
import type { RunStats } from "../model/event.ts";
import { lastSeen, readRecords, stateOfRun } from "../store/run_record.ts";
import { commandLine } from "./rerun.ts";

/** A run of which not all may be known. */
export interface ListedRun extends Omit<PastRun, "status" | "stats"> {
  readonly status: RunStatus | "cut off";
  /** `undefined` of one that was cut off; `ended` is then when it was last seen. */
  readonly stats: RunStats | undefined;
}

/** Runs that were noted and those that were cut off, as long as `runner ps` lists these: that which began last is the first. */
export function listedRuns(noted: readonly PastRun[], state: string): ListedRun[] {
  const cutOff = readRecords(state).filter((record) =>
    stateOfRun(record) === "cut off" && !noted.some(({ run }) => run === record.run)
  ).map((record): ListedRun => ({
    run: record.run,
    started: record.began,
    ended: lastSeen(state, record),
    command: record.args && commandLine(record.args.slice(1)),
    status: "cut off",
    stats: undefined,
  }));
  return [...noted, ...cutOff].toSorted((one, other) => other.started - one.started);
}

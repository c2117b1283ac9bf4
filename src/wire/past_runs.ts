/** The folders of runs: each has an id of its own, and the oldest are forgotten. */
import fs from "node:fs";
import type { RunPorts } from "../engine/ports.ts";
import { type FailedPlace, keepFolder } from "../store/failed_folders.ts";
import { lastSeen, readRecord, stateOfRun } from "../store/run_record.ts";

/** Folders of earlier runs that are kept. */
const KEPT_RUNS = 20;
/** A run on another host that has shown no life for so long, in milliseconds, is no more: a day. */
const SILENCE = 86_400_000;

/** A run's id: sorts by time, and no two are equal. */
export function newRunId(): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  return `${time}-${Math.random().toString(36).slice(2, 8).padEnd(6, "0")}`;
}

/** Removes the folders of runs that are long past; `own` is the run that begins. */
export function forgetOldRuns(state: string, own: string): void {
  const folder = `${state}/runs`;
  try {
    const runs = fs.readdirSync(folder).filter((run) => run !== own).sort();
    for (const run of runs.slice(0, Math.max(0, runs.length - KEPT_RUNS))) {
      if (!isUnderWay(state, run)) fs.rmSync(`${folder}/${run}`, { recursive: true, force: true });
    }
  } catch {
    // There are none.
  }
}

/** Keeps folders of attempts of a run that have failed. */
export function folderKeeper(place: FailedPlace): RunPorts["keepFolder"] {
  return (failed, most) => keepFolder(place, failed, most);
}

/** Whether a run may go on: it writes into its folder, and is found by it. */
function isUnderWay(state: string, run: string): boolean {
  const record = readRecord(state, run);
  if (record === undefined) return false;
  const is = stateOfRun(record);
  return is === "running" || is === "elsewhere" && Date.now() - lastSeen(state, record) < SILENCE;
}

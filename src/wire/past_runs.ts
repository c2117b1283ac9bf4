/** The folders of runs: each has an id of its own, and the oldest are forgotten. */
import fs from "node:fs";

/** Folders of earlier runs that are kept. */
const KEPT_RUNS = 20;

/** A run's id: sorts by time, and no two are equal. */
export function newRunId(): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  return `${time}-${Math.random().toString(36).slice(2, 8).padEnd(6, "0")}`;
}

/** Removes the folders of runs that are long past; `keep` are runs that are none of them. */
export function forgetOldRuns(folder: string, keep: readonly string[]): void {
  try {
    const runs = fs.readdirSync(folder).sort().filter((run) => !keep.includes(run));
    for (const run of runs.slice(0, Math.max(0, runs.length - KEPT_RUNS))) {
      fs.rmSync(`${folder}/${run}`, { recursive: true, force: true });
    }
  } catch {
    // There are none.
  }
}

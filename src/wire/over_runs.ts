/** Runs that are over, of which no record is left: what the history and their logs say of them. */
import fs from "node:fs";
import { historyFile } from "../history/database.ts";
import type { PastRun } from "../history/history.ts";
import { HistoryReader } from "../history/reader.ts";

/** So many of the latest runs are looked through. */
const MOST = 1_000;

/** The latest runs of the history beside the state, the newest first; none where it cannot be read. */
export function pastRuns(state: string): PastRun[] {
  const reader = new HistoryReader(historyFile(state));
  try {
    return reader.exists() ? reader.runs(MOST) : [];
  } catch {
    return [];
  }
}

/** The ids of runs that have left logs. */
export function loggedRuns(state: string): string[] {
  try {
    return fs.readdirSync(`${state}/runs`);
  } catch {
    return [];
  }
}

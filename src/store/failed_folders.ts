/** Folders of attempts that have failed (`ctx.directory`), kept to be looked at: of each task the last few. */
import fs from "node:fs";
import { folderName } from "../model/name.ts";
import { failedFolder, keyFolder } from "./layout.ts";

/** Where hosts of a run give attempts their folders, and where folders are kept. */
export interface FailedPlace {
  /** The cache, if it can be written. */
  readonly cache: string | undefined;
  /** Where attempts have their folders when their results are not stored. */
  readonly spill: string;
  /** Where the run keeps logs: folders too, when there is no cache. */
  readonly logs: string;
  readonly run: string;
}

/** An attempt that has failed. */
export interface FailedAttempt {
  readonly task: string;
  readonly key: string;
  /** What its result would have been stored under; empty when it is not. */
  readonly validity: string;
  readonly attempt: number;
}

/**
 * Keeps the folder of an attempt that has failed, whose host may be gone, and of the task's kept ones only the last `most`.
 *
 * @returns where it is now; `undefined` when the attempt has not asked for one, or it cannot be kept.
 */
export function keepFolder(place: FailedPlace, failed: FailedAttempt, most: number): string | undefined {
  const { cache, logs, run } = place;
  const { task, key, attempt } = failed;
  const folder = cache === undefined ? `${logs}/failed/${folderName(task)}` : failedFolder(cache, task);
  const kept = `${folder}/${run}-${key.slice(0, 8)}-${attempt}`;
  try {
    const left = leftBehind(place, failed);
    if (left === undefined) return undefined;
    fs.mkdirSync(folder, { recursive: true });
    move(left, kept);
    fs.rmSync(`${left}.owner`, { force: true });
    // When it failed: a folder that is moved keeps its time.
    const now = new Date();
    fs.utimesSync(kept, now, now);
    forget(folder, kept, most);
    return kept;
  } catch {
    // The disk is full, or somebody else has it: a failure is told all the same.
    return undefined;
  }
}

/** The folder that a failed attempt had, if it had one. */
function leftBehind(
  { cache, spill, run }: FailedPlace,
  { task, key, validity }: FailedAttempt,
): string | undefined {
  if (cache === undefined || validity === "") return newest(spill, (name) => name.startsWith(`data-${key}-`));
  const folder = keyFolder(cache, task, key);
  return newest(folder, (name) => {
    if (!name.startsWith(`${validity}.`) || !name.endsWith(".data")) return false;
    try {
      const { owner } = JSON.parse(fs.readFileSync(`${folder}/${name}.owner`, "utf8")) as { owner: string };
      return owner.startsWith(`${run}@`);
    } catch {
      // It belongs to a stored result, or to nobody.
      return false;
    }
  });
}

/** The folder that was made last, of those in another that fit. */
function newest(folder: string, fits: (name: string) => boolean): string | undefined {
  if (!fs.existsSync(folder)) return undefined;
  const found = fs.readdirSync(folder).filter(fits).map((name) => `${folder}/${name}`);
  return found.sort((one, other) => fs.statSync(other).ctimeMs - fs.statSync(one).ctimeMs)[0];
}

/** Moves a folder, across file systems if need be. */
function move(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if ((error as { code?: string }).code !== "EXDEV") throw error;
    fs.cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    fs.rmSync(from, { recursive: true, force: true });
  }
}

/** Removes what was kept longest, until only so many are left; the newest stays. */
function forget(folder: string, newest: string, most: number): void {
  const others = fs.readdirSync(folder).map((name) => `${folder}/${name}`).filter((path) => path !== newest);
  // Another run may be removing some of them.
  const timeOf = (path: string): number => fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const times = new Map(others.map((path) => [path, timeOf(path)]));
  others.sort((one, other) => times.get(other)! - times.get(one)!);
  for (const path of others.slice(most - 1)) fs.rmSync(path, { recursive: true, force: true });
}

/** Removes what was kept of a task. */
export function forgetFolders(cache: string, task: string): void {
  fs.rmSync(failedFolder(cache, task), { recursive: true, force: true });
}

/** Opening a cache folder: making it, refusing what is none, sweeping what runners that are no more left half-done. */
import fs from "node:fs";
import { EnvironmentError } from "../model/failure.ts";
import { FORMAT, isOwnName, TAG_FILE, TAG_TEXT } from "./layout.ts";
import { isOrphan, scratchName } from "./owner.ts";

/**
 * Makes sure that a folder is a cache; returns whether it can be written.
 *
 * @throws {EnvironmentError} when the folder is something else, of a newer format, or cannot be made.
 */
export function prepareFolder(folder: string, readOnly: boolean, tell: (warning: string) => void): boolean {
  const tag = `${folder}/${TAG_FILE}`;
  const refuse = (why: string): never => {
    throw new EnvironmentError(why);
  };
  try {
    if (!fs.existsSync(folder)) {
      if (readOnly) refuse(`There is no cache at ${folder}; a cache that may only be read must exist`);
      fs.mkdirSync(folder, { recursive: true });
    }
    if (!fs.statSync(folder).isDirectory()) {
      refuse(`${folder} is a file, so it cannot be the cache's folder; choose another with --cache`);
    }
    const marked = isMarked(folder, readOnly, tell, refuse);
    if (marked) {
      const format = /^# runner cache, format (\d+)$/m.exec(fs.readFileSync(tag, "utf8"));
      if (format === null) {
        refuse(
          `${folder} belongs to another program (by its ${TAG_FILE}); choose another folder with --cache`,
        );
      }
      if (Number(format![1]) > FORMAT) {
        refuse(
          `The cache ${folder} was written by a newer version of runner (format ${
            format![1]
          }, this version knows ${FORMAT}); update runner, or choose another folder with --cache`,
        );
      }
    } else {
      if (readOnly) return false;
      writeTag(folder);
    }
    if (readOnly) return false;
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    return refuse(
      `The cache ${folder} cannot be used: ${
        (error as Error).message
      }; check the path and its permissions, or choose another folder with --cache`,
    );
  }
  try {
    fs.mkdirSync(`${folder}/tmp`, { recursive: true });
    const probe = `${folder}/tmp/${scratchName("probe")}`;
    fs.mkdirSync(probe);
    fs.rmdirSync(probe);
    sweep(`${folder}/tmp`);
    return true;
  } catch {
    return false;
  }
}

/** Moved into place: another runner may be reading it. */
function writeTag(folder: string): void {
  const tag = `${folder}/${TAG_FILE}`;
  const aside = `${tag}.${scratchName("new")}`;
  fs.writeFileSync(aside, TAG_TEXT);
  fs.renameSync(aside, tag);
}

/**
 * Makes a cache anew that was removed while a run went on.
 *
 * @returns whether that was so.
 */
export function renewFolder(folder: string): boolean {
  if (fs.existsSync(`${folder}/${TAG_FILE}`)) return false;
  fs.mkdirSync(`${folder}/tmp`, { recursive: true });
  writeTag(folder);
  return true;
}

/** Whether a folder has a tag; one that has none is refused, unless it is empty, or a cache that has lost its tag. */
function isMarked(
  folder: string,
  readOnly: boolean,
  tell: (warning: string) => void,
  refuse: (why: string) => never,
): boolean {
  const names = fs.readdirSync(folder);
  if (names.includes(TAG_FILE)) return true;
  // Another runner may be making this very cache: its tag comes first.
  if (names.every((name) => name.startsWith(TAG_FILE)) || fs.existsSync(`${folder}/${TAG_FILE}`)) {
    return fs.existsSync(`${folder}/${TAG_FILE}`);
  }
  if (isOurs(folder, names)) {
    if (!readOnly) {
      tell(
        `the cache ${folder} had lost its ${TAG_FILE}; it holds nothing but a cache's own, so it is used, and has one again`,
      );
    }
    return false;
  }
  return refuse(
    `${folder} is not empty and is no cache of runner, so nothing is written there; choose another folder with --cache`,
  );
}

/** Whether a folder holds only what a cache holds: folders of tasks, and our own names; of these alone, some are no proof. */
function isOurs(folder: string, names: readonly string[]): boolean {
  const tasks = names.filter((name) => !isOwnName(name));
  if (!tasks.every((name) => isTaskFolder(`${folder}/${name}`))) return false;
  return tasks.length > 0 || names.some((name) => name.startsWith("~")) || names.includes("blobs");
}

/** Whether a folder is that of a task: it holds its results by key. */
function isTaskFolder(path: string): boolean {
  if (!fs.statSync(path).isDirectory()) return false;
  const names = fs.readdirSync(path);
  return names.length === 1 && names[0] === "results" && fs.statSync(`${path}/results`).isDirectory() &&
    fs.readdirSync(`${path}/results`).every((key) => /^[0-9a-f]{40}$/.test(key));
}

/** Removes what runners of this machine that are no more have left half-done. */
function sweep(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    if (isOrphan(name)) fs.rmSync(`${folder}/${name}`, { recursive: true, force: true });
  }
}

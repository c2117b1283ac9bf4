/** Opening a cache folder: making it, refusing what is none, sweeping what runners that are no more left half-done. */
import fs from "node:fs";
import { EnvironmentError } from "../model/failure.ts";
import { FORMAT, TAG_FILE, TAG_TEXT } from "./layout.ts";
import { isOrphan, scratchName } from "./owner.ts";

/**
 * Makes sure that a folder is a cache; returns whether it can be written.
 *
 * @throws {EnvironmentError} when the folder is something else, of a newer format, or cannot be made.
 */
export function prepareFolder(folder: string, readOnly: boolean): boolean {
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
    const marked = isMarked(folder, refuse);
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
      // Moved into place: another runner may be reading it.
      const aside = `${tag}.${scratchName("new")}`;
      fs.writeFileSync(aside, TAG_TEXT);
      fs.renameSync(aside, tag);
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

/** Whether a folder has a tag; one that has none and is not empty is refused. */
function isMarked(folder: string, refuse: (why: string) => never): boolean {
  const names = fs.readdirSync(folder);
  if (names.includes(TAG_FILE)) return true;
  // Another runner may be making this very cache: its tag comes first.
  if (names.every((name) => name.startsWith(TAG_FILE)) || fs.existsSync(`${folder}/${TAG_FILE}`)) {
    return fs.existsSync(`${folder}/${TAG_FILE}`);
  }
  return refuse(
    `${folder} is not empty and is no cache of runner, so nothing is written there; choose another folder with --cache`,
  );
}

/** Removes what runners of this machine that are no more have left half-done. */
function sweep(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    if (isOrphan(name)) fs.rmSync(`${folder}/${name}`, { recursive: true, force: true });
  }
}

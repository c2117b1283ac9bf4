/** Where things lie in a cache folder. Pure. */
import { folderName } from "../model/name.ts";

/** The format of the cache's folder; a cache of a newer one is refused. */
export const FORMAT = 1;
/** Marks a folder as a cache, for us and, by its first line, for backup programs. */
export const TAG_FILE = "CACHEDIR.TAG";
/** The text of the tag file; the first line is that of the Cache Directory Tagging Specification. */
export const TAG_TEXT =
  `Signature: 8a477f597d28d172789f06886806bc55\n# runner cache, format ${FORMAT}\n# Everything in here may be deleted at any time.\n`;

/** What lies in a cache besides the folders of tasks, in lower case: some file systems do not tell it from upper case. */
const TAKEN: ReadonlySet<string> = new Set(["index", "blobs", "tmp", "damaged", TAG_FILE.toLowerCase()]);

/** Whether something in a cache's folder is called as only we do, and so is no folder of a task. */
export function isOwnName(name: string): boolean {
  return TAKEN.has(name.toLowerCase()) || /^~(?:code$|leases$|jobs$|index\.table)/.test(name) ||
    name.startsWith(`${TAG_FILE}.`);
}

/** The name of a task's folder: one of our own names gets its first letter written as `%XX`. */
function taskName(task: string): string {
  const name = folderName(task);
  if (!TAKEN.has(name.toLowerCase())) return name;
  return `%${name.charCodeAt(0).toString(16).toUpperCase()}${name.slice(1)}`;
}

/** The folder of all entries of a task. */
export function taskFolder(cache: string, task: string): string {
  return `${cache}/${taskName(task)}`;
}
/** The folder of what is remembered of tasks' code; no task's folder has a name like that. */
export function memoryFolder(cache: string): string {
  return `${cache}/~code`;
}
/** The folder of the limits that several processes share. */
export function leasesFolder(cache: string): string {
  return `${cache}/~leases`;
}
/** The folder of the jobs that runs have sent elsewhere. */
export function jobsFolder(cache: string): string {
  return `${cache}/~jobs`;
}
/** The folder of a call's entries. */
export function keyFolder(cache: string, task: string, key: string): string {
  return `${taskFolder(cache, task)}/results/${key}`;
}
/** The file that says what attempts of a call have left that came to nothing. */
export function leftoversFile(cache: string, task: string, key: string): string {
  return `${taskFolder(cache, task)}/left/${key}.json`;
}
/** The folder of what failed attempts of a task had in their own folders. */
export function failedFolder(cache: string, task: string): string {
  return `${taskFolder(cache, task)}/failed`;
}
/** The file of a result. */
export function resultFile(cache: string, task: string, key: string, validity: string): string {
  return `${keyFolder(cache, task, key)}/${validity}.result.gz`;
}
/** What an upstream link says, seen from the folder it lies in. */
export function linkTarget(task: string, key: string): string {
  return `../../../../${taskName(task)}/results/${key}`;
}

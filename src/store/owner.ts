/** Names of half-done things in a cache, by which it can be told whether whoever made them still lives. */
import { fs } from "../runtime/fs.ts";
import { isAlive } from "../runtime/processes.ts";
import { program } from "../runtime/program.ts";

/** This machine, as it stands in names. */
function hostMark(): string {
  return `@${program.hostname().replace(/[^A-Za-z0-9]/g, "")}`;
}

let things = 0;
/** Tells this thread's names from those of other threads of the same process. */
const thread = Math.random().toString(36).slice(2, 10);

/** A name for something that this process is about to make and remove; `isOrphan` knows it. */
export function scratchName(what: string): string {
  return `${ownerName(`${what}-${thread}`, 0)}-${things++}`;
}

/** The beginning of a name that no other run, machine, process or host uses. */
export function ownerName(run: string, host: number): string {
  return `${run}${hostMark()}-${program.pid}-${host}`;
}

/** Whether a name was made by `ownerName` on this machine in a process that is no more. */
export function isOrphan(name: string): boolean {
  const match = /(@[A-Za-z0-9]*)-(\d+)-\d+-\d+$/.exec(name);
  return match !== null && match[1] === hostMark() && !isAlive(Number(match[2]));
}

/** Whether somebody who may still be alive holds a folder. */
export function isHeld(ownerFile: string, self: string): boolean {
  try {
    const { host, pid, owner } = JSON.parse(fs.readFileSync(ownerFile, "utf8")) as {
      host: string;
      pid: number;
      owner: string;
    };
    if (owner === self) return false;
    if (host !== program.hostname()) return true;
    return isAlive(pid);
  } catch {
    // No owner, or one that is no more.
    return false;
  }
}

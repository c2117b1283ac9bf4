/** Names of half-done things in a cache, by which it can be told whether whoever made them still lives. */
import os from "node:os";
import process from "node:process";

/** This machine, as it stands in names. */
function hostMark(): string {
  return `@${os.hostname().replace(/[^A-Za-z0-9]/g, "")}`;
}

/** The beginning of a name that no other run, machine, process or host uses. */
export function ownerName(run: string, host: number): string {
  return `${run}${hostMark()}-${process.pid}-${host}`;
}

/** Whether a name was made by `ownerName` on this machine in a process that is no more. */
export function isOrphan(name: string): boolean {
  const match = /-(\d+)-\d+-\d+$/.exec(name);
  if (match === null || !name.includes(hostMark())) return false;
  try {
    process.kill(Number(match[1]), 0);
    return false;
  } catch {
    return true;
  }
}

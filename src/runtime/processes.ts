/** Whether processes of this machine are still what they were. */
import fs from "node:fs";
import process from "node:process";

/** Whether a process of this machine lives, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled, but is there.
    return (error as { code?: string }).code !== "ESRCH";
  }
}

/**
 * When a process of this machine began, in ticks since the machine did: numbers of processes are used again. Empty where nobody
 * tells (there is no /proc), or when there is no such process.
 */
export function processStart(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** Whether a process is the one that began then, as far as anybody can tell. */
export function isSameProcess(pid: number, start: string): boolean {
  if (!isAlive(pid)) return false;
  const now = processStart(pid);
  return now === "" || start === "" || now === start;
}

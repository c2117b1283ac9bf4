/** Whether processes of this machine are still what they were. */
import { fs } from "./fs.ts";
import { program } from "./program.ts";

/** Whether a process of this machine lives, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    program.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled, but is there.
    return (error as { code?: string }).code !== "ESRCH";
  }
}

/** What /proc tells of a process, from its state on; nothing where there is no /proc, or no such process. */
function statOf(pid: number): readonly string[] {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // Its name may hold blanks and brackets.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/**
 * When a process of this machine began, in ticks since the machine did: numbers of processes are used again. Empty where nobody
 * tells (there is no /proc), or when there is no such process.
 */
export function processStart(pid: number): string {
  return statOf(pid)[19] ?? "";
}

/** The living processes that a process has started, and those that they have; nothing where there is no /proc. */
export function descendantsOf(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  let entries: readonly string[];
  try {
    entries = fs.readdirSync("/proc");
  } catch {
    return [];
  }
  for (const entry of entries) {
    if (!/^\d+$/.test(entry)) continue;
    const [state, parent] = statOf(Number(entry));
    if (parent === undefined || state === "Z" || state === "X") continue;
    children.set(Number(parent), [...children.get(Number(parent)) ?? [], Number(entry)]);
  }
  const found: number[] = [];
  const open = [pid];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const own = children.get(one) ?? [];
    found.push(...own);
    open.push(...own);
  }
  return found;
}

/** Page faults of children that have ended and were asked about: there is no process without any. */
function faultsOfChildren(): string | undefined {
  return statOf(program.pid)[8];
}

/** A script that has become this program, by `exec`, has had children of its own. */
const faultsBefore = faultsOfChildren();

/** Whether any process that this program has started has ended, and it knows; also where nobody tells. */
export function hasSeenEnd(): boolean {
  const faults = faultsOfChildren();
  return faults === undefined || faults !== faultsBefore;
}

/**
 * Whether this process has, or has had, any that it has started; also where nobody tells. A signal to all of a group goes to those,
 * too.
 */
export function hasHadChildren(): boolean {
  return hasSeenEnd() || descendantsOf(program.pid).length > 0;
}

/** Whether a process is the one that began then, as far as anybody can tell. */
export function isSameProcess(pid: number, start: string): boolean {
  if (!isAlive(pid)) return false;
  const stat = statOf(pid);
  const now = stat[19] ?? "";
  // One that has ended and that nobody has asked about keeps its number, and does nothing any more.
  if (stat[0] === "Z" || stat[0] === "X") return false;
  return now === "" || start === "" || now === start;
}

/**
 * Where numbers of processes mean the same: since which start of the machine, and in which container. Two containers, or two
 * machines, may have one name. Empty where nobody tells.
 */
export function processSpace(): string {
  try {
    return `${fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${
      fs.readlinkSync("/proc/self/ns/pid")
    }`;
  } catch {
    return "";
  }
}

/** Processes of this host, told apart for certain: a number alone may mean another process by now. */
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { setImmediate } from "node:timers";
import { processStart } from "../../runtime/processes.ts";

/** The variable by which every process of a job is known, with the job's name. */
export const JOB_VARIABLE = "RUNNER_JOB";

/** What distinguishes this host from all others, and this start of it from earlier ones. */
function bootMark(): string | undefined {
  try {
    return fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
  } catch {
    return undefined;
  }
}
const boot = bootMark();

/** When a process started, or `undefined` when there is none, or nobody tells. */
function startedAt(pid: number): string | undefined {
  const ticks = processStart(pid);
  return ticks === "" || boot === undefined ? undefined : `${ticks}.${boot}`;
}

/** Whether a process has ended and only waits for somebody to take note of it. */
function isZombie(pid: number | string): boolean {
  try {
    return /\) Z [^)]*$/.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** The id of a process that no other one will ever have: `<number>:<start>@<host>`. */
export function processId(pid: number): string {
  return `${pid}:${startedAt(pid) ?? "?"}@${os.hostname()}`;
}

/** What is known of the process that an id was given to. */
export type Known = "alive" | "gone" | "elsewhere" | "unclear";

/** Reads an id of `processId`: its number, if the process is of this host, and what is known of it. */
export function lookUp(id: string): { readonly pid: number; readonly host: string; readonly known: Known } {
  const [, number = "", start = "", host = ""] = /^(\d+):([^@]*)@(.*)$/s.exec(id) ?? [];
  const pid = Number(number);
  if (host !== os.hostname()) return { pid, host, known: number === "" ? "unclear" : "elsewhere" };
  if (start === "?" || boot === undefined) return { pid, host, known: isThere(pid) ? "unclear" : "gone" };
  return { pid, host, known: startedAt(pid) === start && !isZombie(pid) ? "alive" : "gone" };
}

function isThere(target: number): boolean {
  try {
    process.kill(target, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

/** Whether anything of a process group runs. */
export function groupLives(pid: number): boolean {
  if (!isThere(-pid)) return false;
  const groups = livingGroups();
  return groups === undefined || groups.has(pid);
}

/** The groups of all living processes, looked up once for all who ask at the same time. */
let living: ReadonlySet<number> | undefined;

/** Groups of which not all wait for somebody to take note of their end: a container's first process may never do so. */
function livingGroups(): ReadonlySet<number> | undefined {
  if (boot === undefined || living !== undefined) return living;
  const groups = new Set<number>();
  for (const entry of fs.readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = fs.readFileSync(`/proc/${entry}/stat`, "utf8");
      const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state !== "Z" && state !== "X") groups.add(Number(group));
    } catch {
      // It has ended meanwhile.
    }
  }
  setImmediate(() => living = undefined);
  return living = groups;
}

/** Sends a signal to a process group; whoever is not there does not matter. */
export function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left, or it belongs to somebody else.
  }
}

/**
 * The living processes that carry the name of a job in their environment: also those that left their process group.
 *
 * @returns their numbers, by the name of the job.
 */
export function processesOf(names: ReadonlySet<string>): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  if (names.size === 0 || boot === undefined) return found;
  for (const entry of fs.readdirSync("/proc")) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const name = jobOf(entry);
    if (name === undefined || !names.has(name) || isZombie(entry)) continue;
    const list = found.get(name);
    if (list === undefined) found.set(name, [Number(entry)]);
    else list.push(Number(entry));
  }
  return found;
}

/** The job that a process belongs to. */
function jobOf(pid: string): string | undefined {
  try {
    const variables = fs.readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
    const mark = variables.find((one) => one.startsWith(`${JOB_VARIABLE}=`));
    return mark?.slice(JOB_VARIABLE.length + 1);
  } catch {
    return undefined; // It has ended meanwhile, or is somebody else's.
  }
}

/** Ends processes at once, each with the group it leads. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    signalGroup(pid, "SIGKILL");
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It is gone.
    }
  }
}

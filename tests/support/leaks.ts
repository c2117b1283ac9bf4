/** What must not be left when a run is over. */
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { until } from "./files.ts";

// Runs of others on this machine leave things in the system's folder while they last; those of this process go here.
const temp = `${os.tmpdir().replace(/\/runner-tmp-\d+$/, "")}/runner-tmp-${process.pid}`;
fs.mkdirSync(temp, { recursive: true });
const before = process.env.TMPDIR;
process.env.TMPDIR = temp;
// Test files share one process and its environment.
globalThis.addEventListener("unload", () => {
  fs.rmSync(temp, { recursive: true, force: true });
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
});

/** The names in the cache's `tmp/`. */
export function leftInCache(cache: string): readonly string[] {
  return fs.existsSync(`${cache}/tmp`) ? fs.readdirSync(`${cache}/tmp`) : [];
}

/** The folders that runs made in the system's temporary folder. */
export function leftInTemp(): readonly string[] {
  return fs.readdirSync(os.tmpdir()).filter((name) => /^runner-\d{4}-/.test(name));
}

/** The processes that a process started and that live, with their command lines. */
export function childrenOf(parent: number): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const name of fs.readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const [state, owner] = fs.readFileSync(`/proc/${name}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
      if (state !== "Z" && Number(owner) === parent) {
        found.set(Number(name), fs.readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " "));
      }
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** The living processes whose environment has a mark. */
export function marked(mark: string): readonly number[] {
  return fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return pid !== process.pid && fs.readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark);
    } catch {
      return false;
    }
  });
}

/** Threads of this process that are Web Workers. */
export function workerThreads(): number {
  return fs.readdirSync("/proc/self/task").filter((task) => {
    try {
      return /^worker-/.test(fs.readFileSync(`/proc/self/task/${task}/comm`, "utf8"));
    } catch {
      return false;
    }
  }).length;
}

/** Fails if a run has left anything behind. */
export async function nothingLeft(cache?: string): Promise<void> {
  const inTemp = leftInTemp();
  if (inTemp.length > 0) throw new Error(`left in the temporary folder: ${inTemp.join(", ")}`);
  const inCache = cache === undefined ? [] : leftInCache(cache);
  if (inCache.length > 0) throw new Error(`left in the cache: ${inCache.join(", ")}`);
  await until("no worker threads", () => workerThreads() === 0);
  await until("no child processes", () => childrenOf(process.pid).size === 0);
}

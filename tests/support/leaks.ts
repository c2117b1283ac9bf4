/** What must not be left when a run is over. */
import fs from "node:fs";
import os from "node:os";
import { until } from "./files.ts";

/** The names in the cache's `tmp/`. */
export function leftInCache(cache: string): readonly string[] {
  return fs.existsSync(`${cache}/tmp`) ? fs.readdirSync(`${cache}/tmp`) : [];
}

/** The folders that runs made in the system's temporary folder. */
export function leftInTemp(): readonly string[] {
  return fs.readdirSync(os.tmpdir()).filter((name) => /^runner-\d{4}-/.test(name));
}

/** Command lines of living processes by process id. */
export function processes(): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const name of fs.readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const state = fs.readFileSync(`/proc/${name}/stat`, "utf8").replace(/^.*\) /s, "")[0];
      if (state !== "Z") {
        found.set(Number(name), fs.readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " "));
      }
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** The processes whose command line or environment has a mark. */
export function marked(mark: string): readonly number[] {
  return [...processes().keys()].filter((pid) => {
    if (pid === Deno.pid) return false;
    try {
      return fs.readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark);
    } catch {
      return false;
    }
  });
}

/** Threads of this process. */
export function threads(): number {
  return fs.readdirSync("/proc/self/task").length;
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
}

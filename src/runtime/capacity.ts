/** What this process may use of the machine it is on: processors, memory and graphics processors, as far as anybody limits them. */
import fs from "node:fs";
import os from "node:os";
import process from "node:process";

/** Where things are looked up; all of it can be elsewhere in tests. */
export interface CapacitySources {
  /** The folder that stands for `/`. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Processors and bytes of memory of the whole machine. */
  readonly processors: number;
  readonly memory: number;
}

/** An amount, and who says so. */
export interface Found {
  readonly amount: number;
  readonly from: string;
}

/** What there is. */
export interface HostCapacity {
  readonly cpu: Found;
  readonly mem: Found;
  readonly gpu: Found;
}

/** What this process may use. */
export function hostCapacity(): { readonly cpu: number; readonly mem: number; readonly gpu: number } {
  const { cpu, mem, gpu } = explainCapacity();
  return { cpu: cpu.amount, mem: mem.amount, gpu: gpu.amount };
}

/** The same, with who says so: the least of what the machine has and of all limits that hold for this process. */
export function explainCapacity(sources: Partial<CapacitySources> = {}): HostCapacity {
  const here: CapacitySources = {
    root: sources.root ?? "",
    env: sources.env ?? process.env,
    processors: sources.processors ?? os.availableParallelism(),
    memory: sources.memory ?? os.totalmem(),
  };
  const groups = groupFolders(here.root);
  return {
    cpu: least([
      { amount: here.processors, from: "the machine" },
      ...affinity(here.root),
      ...groups.flatMap(groupProcessors),
      ...fromEnv(here.env, ["SLURM_CPUS_ON_NODE", "LSB_DJOB_NUMPROC", "NSLOTS"], 1),
    ]),
    mem: least([
      { amount: here.memory, from: "the machine" },
      ...groups.flatMap(groupMemory),
      ...fromEnv(here.env, ["SLURM_MEM_PER_NODE"], 1_048_576),
    ]),
    gpu: graphics(here),
  };
}

function least(found: readonly Found[]): Found {
  return found.reduce((one, other) => other.amount < one.amount ? other : one);
}

/** The folders of the control groups that this process is in, from its own up to the root of each hierarchy. */
function groupFolders(root: string): string[] {
  const folders: string[] = [];
  for (const line of readText(`${root}/proc/self/cgroup`).split("\n")) {
    const [number, controllers, path] = line.split(":");
    if (number === undefined || controllers === undefined || path === undefined) continue;
    const mounts = controllers === ""
      ? ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
      : /(^|,)(cpu|memory)(,|$)/.test(controllers)
      ? [`/sys/fs/cgroup/${controllers}`, ...controllers.split(",").map((one) => `/sys/fs/cgroup/${one}`)]
      : [];
    for (const mount of mounts) {
      for (let at = path === "/" ? "" : path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
        folders.push(`${root}${mount}${at}`);
      }
      // Inside a container the root of what is mounted is the container's own group.
      folders.push(`${root}${mount}`);
    }
  }
  return [...new Set(folders)];
}

/** What a control group says of processors: version 2, then version 1. */
function groupProcessors(folder: string): Found[] {
  const [quota, period] = readText(`${folder}/cpu.max`).trim().split(" ").map(Number);
  const [old, oldPeriod] = [
    Number(readText(`${folder}/cpu.cfs_quota_us`)),
    Number(readText(`${folder}/cpu.cfs_period_us`)),
  ];
  return [
    ...(quota! > 0 && period! > 0 ? [{ amount: quota! / period!, from: `${folder}/cpu.max` }] : []),
    ...(old > 0 && oldPeriod > 0 ? [{ amount: old / oldPeriod, from: `${folder}/cpu.cfs_quota_us` }] : []),
  ].map(({ amount, from }) => ({ amount: Math.max(1, Math.floor(amount)), from }));
}

/** What a control group says of memory. */
function groupMemory(folder: string): Found[] {
  return ["memory.max", "memory.limit_in_bytes"].flatMap((name) => {
    const from = `${folder}/${name}`;
    const amount = Number(readText(from).trim() || "NaN");
    // "max", or version 1's number that stands for it.
    return Number.isFinite(amount) && amount > 0 && amount < 2 ** 60 ? [{ amount, from }] : [];
  });
}

/** The processors that the kernel lets this process run on. */
function affinity(root: string): Found[] {
  const from = `${root}/proc/self/status`;
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readText(from))?.[1];
  if (list === undefined) return [];
  const amount = list.split(",").reduce((sum, part) => {
    const [first, last] = part.split("-").map(Number);
    return sum + (last === undefined ? 1 : last - first! + 1);
  }, 0);
  return amount > 0 ? [{ amount, from: `Cpus_allowed_list in ${from}` }] : [];
}

/** What a cluster has told this job. */
function fromEnv(env: CapacitySources["env"], names: readonly string[], unit: number): Found[] {
  return names.flatMap((name) => {
    const amount = Number(env[name] || "NaN") * unit;
    return amount > 0 ? [{ amount, from: name }] : [];
  });
}

/** The graphics processors: those that were made visible, or all there are. */
function graphics({ root, env }: CapacitySources): Found {
  for (const name of ["CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "SLURM_GPUS_ON_NODE"]) {
    const value = env[name]?.trim();
    if (value === undefined || value === "all") continue;
    if (name === "SLURM_GPUS_ON_NODE") return { amount: Number(value) || 0, from: name };
    const devices = value === "" || value === "none" || value === "void" ? [] : value.split(",");
    // What stands behind a number that is none does not count: so says CUDA.
    const wrong = devices.indexOf("-1");
    return { amount: wrong < 0 ? devices.length : wrong, from: name };
  }
  try {
    const devices = fs.readdirSync(`${root}/dev`).filter((name) => /^nvidia\d+$/.test(name));
    return { amount: devices.length, from: `${root}/dev/nvidia*` };
  } catch {
    return { amount: 0, from: "nobody" };
  }
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

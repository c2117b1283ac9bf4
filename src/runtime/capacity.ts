/** What this process may use of the machine it is on: processors, memory and graphics processors, as far as anybody limits them. */
import fs from "node:fs";
import os from "node:os";
import process from "node:process";

/** Slurm counts memory in these. */
const MEBI = 1_048_576;

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
      ...fromEnv(here.env, ["SLURM_MEM_PER_NODE"], MEBI),
      ...fromEnv(here.env, ["SLURM_MEM_PER_CPU"], MEBI * Number(here.env["SLURM_CPUS_ON_NODE"] || "NaN")),
    ]),
    gpu: graphics(here),
  };
}

function least(found: readonly Found[]): Found {
  return found.reduce((one, other) => other.amount < one.amount ? other : one);
}

/** The folders of the control groups that this process is in, from its own up to the root of each hierarchy. */
function groupFolders(root: string): string[] {
  const mounts = groupMounts(root);
  const folders: string[] = [];
  for (const line of readText(`${root}/proc/self/cgroup`).split("\n")) {
    // A group's name may hold colons: those of containerd do.
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    const names = controllers.split(",");
    if (controllers !== "" && !names.includes("cpu") && !names.includes("memory")) continue;
    const own = mounts.filter((mount) => names.some((name) => mount.controllers.includes(name)));
    for (const { top, point } of own.length === 0 ? usualMounts(controllers) : own) {
      const within = top === "/"
        ? path
        : path === top || path.startsWith(`${top}/`)
        ? path.slice(top.length)
        : "";
      // A path that leads out of what is seen: in a container the root of what is mounted is its own group.
      let at = within === "/" || within.startsWith("/..") ? "" : within;
      for (; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) folders.push(`${root}${point}${at}`);
      folders.push(`${root}${point}`);
    }
  }
  return [...new Set(folders)];
}

/** Where a hierarchy of control groups is mounted. */
interface GroupMount {
  /** The group that is the root of what is seen there. */
  readonly top: string;
  /** The folder. */
  readonly point: string;
  /** Of which controllers; `""` is the one hierarchy of version 2. */
  readonly controllers: readonly string[];
}

/** The hierarchies that this process sees. */
function groupMounts(root: string): GroupMount[] {
  return readText(`${root}/proc/self/mountinfo`).split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ");
    const [, , , top, point] = (before ?? "").split(" ").map(unescaped);
    const [type, , options = ""] = (after ?? "").split(" ");
    if (top === undefined || point === undefined || (type !== "cgroup" && type !== "cgroup2")) return [];
    return [{ top, point, controllers: type === "cgroup2" ? [""] : options.split(",") }];
  });
}

/** Where a hierarchy is mounted nearly everywhere, if nobody tells. */
function usualMounts(controllers: string): GroupMount[] {
  const points = controllers === ""
    ? ["", "/unified"]
    : [controllers, ...controllers.split(",")].map((one) => `/${one}`);
  return points.map((point) => ({ top: "/", point: `/sys/fs/cgroup${point}`, controllers: [] }));
}

/** A path as it is: the kernel writes blanks and the like as octal numbers. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)));
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
    // "", "none", "void", "NoDevFiles", "-1": what stands behind something that is no device does not count, says CUDA.
    const devices = value.split(",").map((one) => one.trim());
    const wrong = devices.findIndex((one) => !/^(?:\d+(?::\d+)?|GPU-.+|MIG-.+)$/.test(one));
    return { amount: new Set(wrong < 0 ? devices : devices.slice(0, wrong)).size, from: name };
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

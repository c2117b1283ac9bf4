/** What a process may use: every limit there can be, as real files in a folder that stands for `/`. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { dirname } from "node:path";
import { explainCapacity, hostCapacity } from "../../src/runtime/capacity.ts";
import { tempFolder } from "../support/temp.ts";

const GIB = 2 ** 30;

/** A machine of 64 processors and 256 GiB, with these files and variables. */
function capacity(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  using folder = tempFolder();
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(dirname(`${folder.path}/${name}`), { recursive: true });
    fs.writeFileSync(`${folder.path}/${name}`, text);
  }
  const found = explainCapacity({ root: folder.path, env, processors: 64, memory: 256 * GIB });
  const from = (text: string) => text.replace(folder.path, "");
  return {
    cpu: found.cpu.amount,
    mem: found.mem.amount / GIB,
    gpu: found.gpu.amount,
    from: [from(found.cpu.from), from(found.mem.from)],
  };
}

Deno.test("without limits it is the machine's", () => {
  assertEquals(capacity({}), { cpu: 64, mem: 256, gpu: 0, from: ["the machine", "the machine"] });
});

Deno.test("version 2: the least of the own group and those above it", () => {
  const found = capacity({
    "proc/self/cgroup": "0::/slice/job/step\n",
    "sys/fs/cgroup/slice/job/step/cpu.max": "max 100000\n",
    "sys/fs/cgroup/slice/job/cpu.max": "250000 100000\n",
    "sys/fs/cgroup/slice/job/step/memory.max": "max\n",
    "sys/fs/cgroup/slice/memory.max": String(8 * GIB),
  });
  assertEquals(found, {
    cpu: 2,
    mem: 8,
    gpu: 0,
    from: ["/sys/fs/cgroup/slice/job/cpu.max", "/sys/fs/cgroup/slice/memory.max"],
  });
});

Deno.test("version 2 in a container, whose own group is the root of what it sees", () => {
  const found = capacity({
    "proc/self/cgroup": "0::/\n",
    "sys/fs/cgroup/cpu.max": "50000 100000\n",
    "sys/fs/cgroup/memory.max": String(GIB),
  });
  assertEquals([found.cpu, found.mem], [1, 1]);
});

Deno.test("version 1: hierarchies by controller, and its number for no limit", () => {
  const found = capacity({
    "proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\n",
    "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "400000\n",
    "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000\n",
    "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "9223372036854771712\n",
    "sys/fs/cgroup/memory/docker/memory.limit_in_bytes": String(16 * GIB),
  });
  assertEquals([found.cpu, found.mem], [4, 16]);
});

Deno.test("hierarchies are where they are mounted, and what is mounted may be a part of them", () => {
  const cgroup = "1:cpu:/kube/pod:cri:a/step\n2:memory:/kube/pod:cri:a/step\n0::/../other\n";
  const found = capacity({
    "proc/self/cgroup": cgroup,
    "proc/self/mountinfo": [
      "20 1 0:19 / /proc rw - proc proc rw",
      "31 30 0:27 /kube/pod:cri:a /odd\\040place/cpu rw,nosuid shared:9 - cgroup cgroup rw,cpu",
      "32 30 0:28 / /elsewhere/memory rw - cgroup cgroup rw,memory",
      "33 30 0:29 / /elsewhere/two rw - cgroup2 cgroup2 rw,nsdelegate",
      "",
    ].join("\n"),
    "odd place/cpu/step/cpu.cfs_quota_us": "600000\n",
    "odd place/cpu/step/cpu.cfs_period_us": "100000\n",
    "elsewhere/memory/kube/memory.limit_in_bytes": String(12 * GIB),
    "elsewhere/two/memory.max": String(32 * GIB),
    "sys/fs/cgroup/memory/memory.limit_in_bytes": String(GIB),
  });
  assertEquals(found, {
    cpu: 6,
    mem: 12,
    gpu: 0,
    from: ["/odd place/cpu/step/cpu.cfs_quota_us", "/elsewhere/memory/kube/memory.limit_in_bytes"],
  });
  assertEquals(
    capacity({
      "proc/self/cgroup": cgroup,
      "proc/self/mountinfo": "33 30 0:29 / /two rw - cgroup2 cgroup2 rw\n",
      "two/memory.max": String(3 * GIB),
      "sys/fs/cgroup/cpu/kube/pod:cri:a/cpu.cfs_quota_us": "200000",
      "sys/fs/cgroup/cpu/kube/pod:cri:a/cpu.cfs_period_us": "100000",
    }).from,
    ["/sys/fs/cgroup/cpu/kube/pod:cri:a/cpu.cfs_quota_us", "/two/memory.max"],
  );
});

Deno.test("the processors that the kernel lets it run on", () => {
  const found = capacity({ "proc/self/status": "Name:\tdeno\nCpus_allowed_list:\t0-3,8,10-11\n" });
  assertEquals(found.cpu, 7);
});

Deno.test("inside a cluster's job", () => {
  assertEquals(capacity({}, { SLURM_CPUS_ON_NODE: "12", SLURM_MEM_PER_NODE: "4096" }).cpu, 12);
  assertEquals(capacity({}, { SLURM_CPUS_ON_NODE: "12", SLURM_MEM_PER_NODE: "4096" }).mem, 4);
  assertEquals(capacity({}, { SLURM_CPUS_ON_NODE: "4", SLURM_MEM_PER_CPU: "2048" }).mem, 8);
  assertEquals(capacity({}, { SLURM_MEM_PER_CPU: "2048" }).mem, 256, "per how many is not known");
  assertEquals(capacity({}, { LSB_DJOB_NUMPROC: "3" }).cpu, 3);
});

Deno.test("graphics processors: those that are visible, else those there are", () => {
  const devices = { "dev/nvidia0": "", "dev/nvidia1": "", "dev/nvidiactl": "" };
  assertEquals(capacity(devices).gpu, 2);
  for (
    const [value, count] of [["0", 1], ["2,3,7", 3], ["", 0], ["-1", 0], ["0,-1,1", 1], [
      "GPU-8a",
      1,
    ]] as const
  ) {
    assertEquals(capacity(devices, { CUDA_VISIBLE_DEVICES: value }).gpu, count, value);
  }
  for (const value of ["NoDevFiles", "none", "-1,0"]) {
    assertEquals(capacity(devices, { CUDA_VISIBLE_DEVICES: value }).gpu, 0, value);
  }
  assertEquals(capacity(devices, { CUDA_VISIBLE_DEVICES: "0,0, 1,2:1,MIG-1/2/0" }).gpu, 4);
  assertEquals(capacity(devices, { NVIDIA_VISIBLE_DEVICES: "none" }).gpu, 0);
  assertEquals(capacity(devices, { NVIDIA_VISIBLE_DEVICES: "void" }).gpu, 0);
  assertEquals(capacity(devices, { NVIDIA_VISIBLE_DEVICES: "all" }).gpu, 2);
});

Deno.test("of the machine these tests run on", () => {
  const { cpu, mem, gpu } = hostCapacity();
  assertEquals([cpu >= 1, mem > 2 ** 26, gpu >= 0], [true, true, true]);
});

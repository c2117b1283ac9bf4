/** The measurements: each gives rows of the table. */
import fs from "node:fs";
import { filesUpToDate, settled, startOrders } from "./builds.ts";
import { clusters, prefixed } from "./dispatch.ts";
import { finish, here, measured, runner } from "./machine.ts";
import { nothingToDo, pools } from "./peers.ts";
import type { Measured } from "./programs/measure.ts";
import { duration, median, rate, readable, type Row } from "./table.ts";

/** What the measurements are told. */
export interface Sizes {
  /** Independent tasks, with and without a cache. */
  readonly tasks: number;
  /** Threads, ours and the pools'. */
  readonly workers: number;
  /** Cached tasks of a run with nothing to do, and of a large one. */
  readonly cached: number;
  readonly manyCached: number;
  /** Tasks with a file in and a file out each, of a run with nothing to do, and of a large one. */
  readonly files: number;
  readonly manyFiles: number;
  /** Length of the chain. */
  readonly chain: number;
  /** Width of the fan-in. */
  readonly fan: number;
  /** Nodes that are planned and not run. */
  readonly planned: number;
  /** No-ops through a prefix. */
  readonly jobs: number;
  /** Short tasks that are packed onto a queue. */
  readonly packed: number;
  /** How often the runner is killed in the middle of a run on a queue. */
  readonly moments: number;
  /** How often each is measured; the table shows the median. */
  readonly repeat: number;
}

/** One group of measurements. */
export type Section = (folder: string, sizes: Sizes) => Promise<readonly Row[]>;

async function repeated<T>(times: number, once: (time: number) => Promise<T>): Promise<T[]> {
  const values: T[] = [];
  for (let time = 0; time < times; time++) values.push(await once(time));
  return values;
}

const bySeconds = (run: { readonly seconds: number }): number => run.seconds;
const figure = (count: number, run: Measured): string => rate(count, run.seconds, run.kilobytes);

const throughput: Section = async (folder, { tasks, workers, repeat }) => {
  const plain = await repeated(repeat, () => measured("independent", [tasks, workers, "none"], folder));
  const stored = await measured("independent", [tasks, workers, `${folder}/published`], folder);
  fs.rmSync(`${folder}/published`, { recursive: true });
  const what = `${readable(tasks)} trivial tasks, ${workers} workers`;
  return [
    {
      what: `${what}, no cache (calls made, planned and run)`,
      ours: figure(tasks, median(plain, bySeconds)),
      peers: await pools(folder, tasks, workers, repeat),
    },
    { what: `${what}, every result published`, ours: figure(tasks, stored) },
  ];
};

/** A pipeline in which one task reads the results of many. */
const manyTasks = (tasks: number): string =>
  `import { task } from "runner";

export const item = task("item", ({ i }: { i: number }) => i + 1);
export const root = task("root", ({ of }: { of: readonly number[] }) => of.length);
export const main = root({ of: Array.from({ length: ${tasks} }, (_, i) => item({ i })) });
`;

const cached: Section = async (folder, { cached: few, manyCached, repeat }) => {
  const rows: Row[] = [];
  for (const count of [few, manyCached]) {
    const place = `${folder}/cached-${count}`;
    fs.mkdirSync(place);
    fs.writeFileSync(`${place}/pipeline.ts`, manyTasks(count));
    const once = () => runner(["run", "pipeline.ts", "--quiet"], place);
    await once();
    const runs = await settled(once, repeat);
    rows.push({
      what: `nothing to do, ${readable(count)} cached tasks, whole process`,
      ours: duration(median(runs, bySeconds).seconds),
      ...(count === few && { peers: await nothingToDo(folder, few, repeat) }),
    });
    fs.rmSync(place, { recursive: true });
  }
  return rows;
};

const start: Section = async (folder, { repeat }) => {
  const times = Math.max(5, repeat);
  const version = await repeated(times, () => runner(["--version"], folder));
  const bare = await repeated(times, () => finish(Deno.execPath(), ["eval", "0"], folder));
  fs.writeFileSync(
    `${folder}/first.ts`,
    `import { task } from "runner";
export const main = task("main", { run: () => String(performance.timeOrigin + performance.now()), cache: false });
`,
  );
  const first = await repeated(times, async () => {
    const { started, output } = await runner(["run", "first.ts", "--quiet"], folder);
    return { seconds: (Number(output.trim()) - started) / 1_000 };
  });
  return [
    {
      what: "`--version`, whole process",
      ours: duration(median(version, bySeconds).seconds),
      peers: { "deno eval 0": duration(median(bare, bySeconds).seconds) },
    },
    {
      what: "start of the process to start of the first task",
      ours: duration(median(first, bySeconds).seconds),
    },
  ];
};

const shapes: Section = async (folder, { chain, fan, workers, repeat }) => {
  const rows: Row[] = [];
  for (const [shape, size] of [["chain", chain], ["fan-in", fan]] as const) {
    const runs = await repeated(repeat, () => measured("shapes", [shape, size, workers], folder));
    const run = median(runs, bySeconds);
    rows.push({
      what: `${shape} of ${readable(size)}, no cache`,
      ours: `${duration(run.seconds)}, ${figure(size, run)}`,
    });
  }
  return rows;
};

const planning: Section = async (folder, { planned }) => {
  const rows: Row[] = [];
  for (const nodes of [planned / 10, planned]) {
    const { seconds, bytesPerNode = NaN, kilobytes } = await measured("planned", [nodes], folder);
    const memory = `${readable(bytesPerNode)} bytes a node, at most ${readable(kilobytes / 1024)} MiB`;
    rows.push({
      what: `${readable(nodes)} nodes planned`,
      ours: `${duration(seconds)} (${duration(seconds / nodes)} a node), ${memory}`,
    });
  }
  return rows;
};

/** What is read of `deno bench --json`. */
interface BenchReport {
  readonly benches: readonly {
    readonly name: string;
    readonly results: readonly { readonly ok?: { readonly avg: number; readonly min: number } }[];
  }[];
}

const micro: Section = async (folder) => {
  const files = ["schedule_bench.ts", "codec_bench.ts"].map((name) => here(`bench/${name}`));
  const config = ["--config", here("deno.json"), "--no-lock"];
  const { output } = await finish(Deno.execPath(), ["bench", "-A", "--json", ...config, ...files], folder);
  return (JSON.parse(output) as BenchReport).benches.map(({ name, results }) => {
    const time = results[0]?.ok;
    const ours = time === undefined
      ? "failed"
      : `${duration(time.avg / 1e9)}, at best ${duration(time.min / 1e9)}`;
    return { what: name, ours };
  });
};

const files: Section = (folder, { files: few, manyFiles, repeat }) =>
  filesUpToDate(folder, [few, manyFiles], repeat);

const watching: Section = async (folder, { files: count }) => {
  const place = `${folder}/watched`;
  fs.mkdirSync(place);
  const rows: Row[] = [];
  for (const tasks of [count, 10]) {
    const { seconds, millisLate = NaN } = await measured("watched", [tasks], place);
    rows.push({
      what: `watch over ${readable(tasks)} tasks, as many files in and out: nothing to do`,
      ours: `${duration(seconds)}; from a save to the start of its task: quiet period + ${
        readable(millisLate)
      } ms`,
    });
    fs.rmSync(`${place}/cache`, { recursive: true });
  }
  fs.rmSync(place, { recursive: true });
  return rows;
};

const order: Section = () => Promise.resolve(startOrders());

/** All of them, in the order of the table. */
export const SECTIONS: Readonly<Record<string, Section>> = {
  throughput,
  cached,
  files,
  watching,
  order,
  start,
  shapes,
  planning,
  micro,
  dispatch: prefixed,
  slurm: clusters,
};

/** The others, on the same work: thread pools of Node's, and build tools that have nothing to do. */
import fs from "node:fs";
import { finish, here, installed } from "./machine.ts";
import { duration, median, rate } from "./table.ts";

/** The pools, in the versions measured. */
const POOLS: Readonly<Record<string, string>> = { piscina: "5.3.2", tinypool: "2.2.0" };

/** Trivial tasks on each pool, one promise a task. */
export async function pools(
  folder: string,
  tasks: number,
  threads: number,
  repeat: number,
): Promise<Record<string, string>> {
  if (!installed("node") || !installed("npm")) return { node: "not installed: apt-get install nodejs npm" };
  const place = `${folder}/pools`;
  fs.mkdirSync(place);
  fs.writeFileSync(
    `${place}/package.json`,
    JSON.stringify({ private: true, type: "module", dependencies: POOLS }),
  );
  fs.copyFileSync(here("bench/peers/pools.mjs"), `${place}/pools.mjs`);
  try {
    await finish("npm", ["install", "--silent", "--no-fund", "--no-audit"], place);
  } catch {
    return { piscina: "npm cannot install it", tinypool: "npm cannot install it" };
  }
  const figures: Record<string, string> = {};
  for (const name of Object.keys(POOLS)) {
    const runs: { seconds: number; kilobytes: number }[] = [];
    for (let time = 0; time < repeat; time++) {
      const { output } = await finish("node", ["pools.mjs", name, String(tasks), String(threads)], place);
      runs.push(JSON.parse(output) as { seconds: number; kilobytes: number });
    }
    const { seconds, kilobytes } = median(runs, (run) => run.seconds);
    figures[name] = rate(tasks, seconds, kilobytes);
  }
  return figures;
}

/** A build tool: what it is told to do, and how it is asked. */
interface BuildTool {
  readonly name: string;
  readonly from: string;
  /** Its file: `targets` targets, each made from one input, and all of them together. */
  readonly file: string;
  readonly write: (targets: number) => string;
  readonly args: readonly string[];
  /** The outputs are there before the first run, which some tools take for done. */
  readonly ready: boolean;
}

const range = (length: number, line: (index: number) => string): string =>
  Array.from({ length }, (_, index) => line(index)).join("");

const TOOLS: readonly BuildTool[] = [
  {
    name: "ninja",
    from: "ninja-build",
    file: "build.ninja",
    write: (targets) =>
      `rule copy\n  command = cp $in $out\n${
        range(targets, (i) => `build out/${i}: copy in/${i}\n`)
      }build all: phony${range(targets, (i) => ` out/${i}`)}\ndefault all\n`,
    args: ["--quiet"],
    ready: false,
  },
  {
    name: "make",
    from: "make",
    file: "Makefile",
    write: (targets) =>
      `all:${range(targets, (i) => ` out/${i}`)}\n${
        range(targets, (i) => `out/${i}: in/${i}\n\tcp in/${i} out/${i}\n`)
      }`,
    args: ["--silent", "--jobs=2"],
    ready: true,
  },
  {
    name: "doit",
    from: "python3-doit",
    file: "dodo.py",
    write: (targets) =>
      `import shutil
def task_copy():
    for i in range(${targets}):
        source, target = f"in/{i}", f"out/{i}"
        yield {"name": str(i), "actions": [(shutil.copy, [source, target])], "file_dep": [source], "targets": [target]}
`,
    args: ["--verbosity", "0", "--reporter", "zero"],
    ready: false,
  },
];

/** How long each build tool takes to see that nothing is to be done over so many targets. */
export async function nothingToDo(
  folder: string,
  targets: number,
  repeat: number,
): Promise<Record<string, string>> {
  const figures: Record<string, string> = {};
  for (const tool of TOOLS) {
    if (!installed(tool.name)) {
      figures[tool.name] = `not installed: apt-get install ${tool.from}`;
      continue;
    }
    const place = `${folder}/${tool.name}`;
    fs.mkdirSync(`${place}/in`, { recursive: true });
    fs.mkdirSync(`${place}/out`);
    fs.writeFileSync(`${place}/${tool.file}`, tool.write(targets));
    for (let i = 0; i < targets; i++) fs.writeFileSync(`${place}/in/${i}`, `${i}\n`);
    if (tool.ready) { for (let i = 0; i < targets; i++) fs.writeFileSync(`${place}/out/${i}`, `${i}\n`); }
    await finish(tool.name, tool.args, place);
    const runs: number[] = [];
    for (let time = 0; time < repeat; time++) runs.push((await finish(tool.name, tool.args, place)).seconds);
    figures[tool.name] = duration(median(runs, (run) => run));
    fs.rmSync(place, { recursive: true });
  }
  return figures;
}

/** What it costs to send tasks elsewhere: through a prefix that does nothing, and through a real Slurm, with all that can go wrong. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { noSlurm, slurm } from "../tests/services/slurm.ts";
import { finish, runner, WAYS } from "./machine.ts";
import type { Section } from "./sections.ts";
import { duration, readable, type Row } from "./table.ts";

const pipeline = (count: number, settings: string, more = ""): string =>
  `import { slurm, task } from "runner";
import fs from "node:fs";
export const one = task("one", {
  labels: "far",
  run: async ({ n }: { n: number }) => {
    fs.appendFileSync("ran", n + "\\n");
    ${more}
    return n;
  },
});
export const main = task("main", {
  deps: () => Array.from({ length: ${count} }, (_, n) => one({ n })),
  run: (_: undefined, { deps }) => (deps as number[]).reduce((a, b) => a + b, 0),
});
export const settings = { dispatch: { far: ${settings} } };
void slurm;
`;

/** Makes a folder with a pipeline. */
function place(folder: string, name: string, text: string): string {
  const path = `${folder}/${name}`;
  fs.mkdirSync(path);
  fs.writeFileSync(`${path}/p.ts`, text);
  return path;
}

const lines = (file: string): string[] =>
  fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n").filter((line) => line !== "") : [];

/** A pipeline of calls that do nothing, behind a prefix that does nothing. */
const noOps = (count: number): string =>
  `import { task } from "runner";
export const one = task("one", { labels: "far", run: ({ n }: { n: number }) => n });
export const main = task("main", {
  deps: () => Array.from({ length: ${count} }, (_, n) => one({ n })),
  run: (_: undefined, { deps }) => (deps as number[]).reduce((a, b) => a + b, 0),
});
export const settings = { dispatch: { far: { backend: "prefix", command: "env" } }, limits: { far: 8 } };
`;

/** How long each of many starts of a command takes, 8 at a time. */
async function starts(command: readonly [string, ...string[]], at: string, count = 200): Promise<number> {
  const [program, ...args] = command;
  const begun = performance.now();
  let left = count;
  const lane = async () => {
    while (left-- > 0) await finish(program, args, at);
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return (performance.now() - begun) / 1_000 / count;
}

/** Processes that still run a job of a folder. */
function jobsLeft(at: string): number {
  return fs.readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
    try {
      return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0exec\0") &&
        fs.readlinkSync(`/proc/${pid}/cwd`) === at;
    } catch {
      return false;
    }
  }).length;
}

/** Dispatch through `env`, in each way to start the command line, against bare starts of Deno. */
export const prefixed: Section = async (folder, { jobs }) => {
  const at = place(folder, "prefixed", noOps(jobs));
  fs.writeFileSync(`${at}/empty.ts`, "");
  const bare = await starts([Deno.execPath(), "run", "-A", "--quiet", "empty.ts"], at);
  const rows: Row[] = [];
  for (const way of WAYS) {
    const what = `${readable(jobs)} no-ops through the prefix "env", 8 at a time, ${way.name}`;
    if (way.missing !== undefined) {
      rows.push({ what, ours: way.missing });
      continue;
    }
    fs.rmSync(`${at}/.runner`, { recursive: true, force: true });
    const own = await starts([...way.command, "--version"], at);
    const each = (await runner(["run", "p.ts", "--quiet"], at, way)).seconds / jobs;
    rows.push({
      what,
      ours: `${duration(each)} each: ${(each / bare).toFixed(1)} × the bare start of Deno (${
        duration(bare)
      }), ${(each / own).toFixed(1)} × its own (${duration(own)}); ${jobsLeft(at)} processes left`,
    });
  }
  return rows;
};

/** Slurm: packs, a node that goes down, a runner that is killed again and again. */
export const clusters: Section = async (folder, { packed, moments }) => {
  if (noSlurm !== "") return [{ what: "Slurm", ours: `not measured${noSlurm}` }];
  const env = slurm();
  for (const [name, value] of Object.entries(env)) process.env[name] = value;
  const quick = `poll: { from: "500ms", to: "2s" }, gather: "500ms"`;
  const rows: Row[] = [];

  const packs = place(folder, "packs", pipeline(packed, `slurm({ pack: 500, ${quick} })`));
  const noting = (at: string) => {
    fs.mkdirSync(`${at}/bin`);
    fs.writeFileSync(
      `${at}/bin/sbatch`,
      `#!/bin/sh\necho x >> "${at}/submissions"\nexec /usr/bin/sbatch "$@"\n`,
      { mode: 0o755 },
    );
    process.env["PATH"] = `${at}/bin:${env["PATH"]}`;
  };
  noting(packs);
  const { seconds } = await runner(["run", "p.ts", "--quiet"], packs);
  rows.push({
    what: `${readable(packed)} short tasks packed onto Slurm (two nodes on this machine)`,
    ours: `${lines(`${packs}/submissions`).length} submissions, ${duration(seconds)}; ${
      new Set(lines(`${packs}/ran`)).size
    } ran`,
  });

  const faults = place(
    folder,
    "faults",
    pipeline(200, `slurm({ ${quick} })`, "await new Promise((done) => setTimeout(done, 50));"),
  );
  noting(faults);
  const going = runner(["run", "p.ts", "--quiet"], faults);
  const ask = async (...command: [string, ...string[]]) =>
    (await finish(command[0], command.slice(1), faults)).output;
  const until = async (holds: () => boolean | Promise<boolean>) => {
    while (!await holds()) await new Promise((done) => setTimeout(done, 20));
  };
  await until(() => lines(`${faults}/ran`).length > 20);
  let requeued = 0;
  await until(async () => {
    const running = (await ask("squeue", "--noheader", "--array", "--states=R", "--format=%i")).split("\n")
      .filter(Boolean);
    for (const id of running) {
      if (requeued === 2) break;
      await ask("scontrol", "requeue", id).then(() => requeued++, () => {});
    }
    return requeued === 2;
  });
  await ask("scontrol", "update", "nodename=n2", "state=down", "reason=bench");
  await until(() => lines(`${faults}/ran`).length > 80);
  // It may have come back by itself.
  await ask("scontrol", "update", "nodename=n2", "state=resume").catch(() => "");
  // Slurm lets requeued jobs rest for two minutes.
  const nudge = setInterval(async () => {
    const resting = await ask("squeue", "--noheader", "--array", "--states=PD", "--format=%i %r").catch(() =>
      ""
    );
    for (const [, job] of resting.matchAll(/^(\S+) BeginTime/gm)) {
      await ask("scontrol", "update", `jobid=${job}`, "starttime=now").catch(() => "");
    }
  }, 500);
  const { output, seconds: took } = await going;
  clearInterval(nudge);
  rows.push({
    what: "200 tasks through Slurm; two jobs requeued, a node down and back",
    ours: `result ${output.trim() === "19900" ? "right" : `WRONG: ${output.trim()}`}, ${
      duration(took)
    }, ${requeued} requeued`,
  });

  const killed = place(folder, "killed", pipeline(40, `slurm({ ${quick} })`));
  noting(killed);
  let twice = 0, wrong = 0, left = 0;
  for (let round = 0; round < moments; round++) {
    for (const name of [".runner", "ran", "submissions"]) {
      fs.rmSync(`${killed}/${name}`, { recursive: true, force: true });
    }
    const child = spawn(Deno.execPath(), [
      "run",
      "-A",
      "--quiet",
      new URL("../cli.ts", import.meta.url).pathname,
      "run",
      "p.ts",
      "--quiet",
    ], {
      cwd: killed,
      stdio: "ignore",
    });
    const ended = new Promise((done) => child.once("exit", done));
    await new Promise((done) => setTimeout(done, Math.random() * 9_000));
    child.kill("SIGKILL");
    await ended;
    const { output } = await runner(["run", "p.ts", "--quiet"], killed);
    if (output.trim() !== "780") wrong++;
    twice += lines(`${killed}/ran`).length - 40;
    left += (await ask("squeue", "--noheader", "--format=%i %Z")).split("\n").filter((line) =>
      line.endsWith(killed)
    ).length;
  }
  rows.push({
    what:
      `kill -9 of the runner at ${moments} random moments of a 40-task Slurm run, then the same command again`,
    ours: `${wrong} wrong results, ${twice} tasks ran twice, ${left} jobs left`,
  });
  return rows;
};

/** Batch queues through the command line: a real Slurm, stand-ins for LSF's commands over it, and commands of any queue. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { appeared, filesEnding, until } from "../support/files.ts";
import { genericSlurm, noSlurm, slurm } from "../services/slurm.ts";
import { Place, type Running, statsOf, valueOf } from "./support.ts";

const PIPELINE = `import { task } from "runner";
import fs from "node:fs";
import process from "node:process";
export const one = task("one", {
  labels: "far",
  run: async ({ n }: { n: number }) => {
    fs.appendFileSync("ran", n + "\\n");
    while (fs.existsSync("hold")) await new Promise((done) => setTimeout(done, 10));
    return n;
  },
});
export const sum = task("sum", {
  deps: ({ to }: { to: number }) => Array.from({ length: to }, (_, n) => one({ n })),
  run: (_input, { deps }) => (deps as number[]).reduce((one, other) => one + other, 0),
});
export const waits = task("waits", {
  labels: "far",
  run: async (_: undefined, { signal }) => {
    fs.writeFileSync("begun", "");
    await new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason)));
  },
});
export const late = task("late", { labels: "far", timeout: { queue: "1s" }, run: ({ n }: { n: number }) => n });
export const lates = task("lates", { deps: () => [late({ n: 1 }), late({ n: 2 })], run: () => 0 });
export const quiet = task("quiet", {
  labels: "far",
  timeout: { idle: "500ms" },
  run: () => {
    console.log("epoch 1");
    while (true);
  },
});
export const full = task("full", {
  labels: "far",
  resources: { mem: "64m" },
  retry: { limit: 1, on: ["oom"], grow: { mem: 4 } },
  run: () => {
    const kept: number[][] = [];
    while (kept.length < 120) kept.push(new Array(131_072).fill(kept.length + 0.5));
    return kept.length;
  },
});
export const greedy = task("greedy", {
  labels: "far",
  resources: { cpu: 1, time: "1m" },
  retry: { limit: 1, on: ["exit:9"] },
  run: () => {
    fs.appendFileSync("tries", "x");
    process.exit(9);
  },
});
`;

const QUICK = `poll: { from: "200ms", to: "1s" }, gather: "300ms"`;

/** The rule of each queue, and the commands that say what is left of its jobs. */
const QUEUES: Readonly<Record<string, string>> = {
  slurm: `slurm({ ${QUICK} })`,
  lsf: `lsf({ ${QUICK} })`,
  jbsub: `lsf({ jbsub: true, ${QUICK} })`,
  generic: genericSlurm(QUICK),
};

/** A folder with a pipeline whose far tasks go to a queue; all calls of `sbatch` are noted. */
class Cluster extends Place {
  private readonly env: Readonly<Record<string, string>>;

  constructor(rule: string) {
    super({
      "p.ts": `import { generic, lsf, slurm } from "runner";
${PIPELINE}
export const settings = { dispatch: { far: ${rule} } };
void [generic, lsf, slurm];
`,
      "bin/sbatch": `#!/bin/sh\necho submitted >> "${"$"}SUBMISSIONS"\nexec /usr/bin/sbatch "$@"\n`,
    });
    fs.chmodSync(`${this.path}/bin/sbatch`, 0o755);
    const { PATH, ...env } = slurm();
    this.env = { ...env, PATH: `${this.path}/bin:${PATH}`, SUBMISSIONS: `${this.path}/submissions` };
  }

  override start(args: readonly string[]): Running {
    return super.start(args, { env: this.env });
  }

  /** Runs a command of the queue. */
  command(...[command, ...args]: [string, ...string[]]): string {
    const { stdout } = new Deno.Command(command, { args, env: { ...this.env }, cwd: this.path }).outputSync();
    return new TextDecoder().decode(stdout);
  }

  /** The jobs of this test's runs that are on the queue. */
  jobs(): string[] {
    const names = this.command("squeue", "--noheader", "--format=%j %Z").split("\n");
    return names.filter((line) => line.endsWith(` ${this.path}`));
  }

  lines(name: string): string[] {
    return this.read(name).split("\n").filter((line) => line !== "");
  }
}

for (const [name, rule] of Object.entries(QUEUES)) {
  Deno.test({
    name:
      `${name}: a job whose heap is full has run out of memory, whatever the queue says, and gets more of it${noSlurm}`,
    ignore: noSlurm !== "",
    fn: async () => {
      using cluster = new Cluster(rule);
      const { code, stdout, stderr } = await cluster.runner("run", "p.ts", "full");
      assertEquals([code, stdout], [0, "120\n"], stderr);
      assertMatch(stderr, /its heap was full: .*out of memory/);
    },
  });
  Deno.test({
    name: `${name}: tasks go through the queue, and are up to date afterwards${noSlurm}`,
    ignore: noSlurm !== "",
    fn: async () => {
      using cluster = new Cluster(rule);
      const { code, stdout, stderr } = await cluster.runner("run", "p.ts", "sum", "--to", "6");
      assertEquals([code, stdout], [0, "15\n"], stderr);
      assertEquals(cluster.lines("ran").sort(), ["0", "1", "2", "3", "4", "5"]);
      assertEquals(cluster.lines("submissions").length, name === "generic" ? 6 : 1, "arrays");
      const again = await cluster.json("run", "p.ts", "sum", "--to", "6");
      assertEquals([valueOf(again.lines), statsOf(again.lines)["upToDate"]], [15, 7]);
      assertEquals(fs.readdirSync(`${cluster.path}/.runner/cache/~jobs`), []);
    },
  });

  Deno.test({
    name: `${name}: Ctrl-C leaves no job behind${noSlurm}`,
    ignore: noSlurm !== "",
    fn: async () => {
      using cluster = new Cluster(rule);
      const program = cluster.start(["run", "p.ts", "waits"]);
      await appeared(`${cluster.path}/begun`);
      program.kill("SIGINT");
      assertEquals((await program.ended).code, 130);
      await until("the queue is empty", () => cluster.jobs().length === 0);
    },
  });

  Deno.test({
    name: `${name}: an exit code is a reason to try again${noSlurm}`,
    ignore: noSlurm !== "",
    fn: async () => {
      using cluster = new Cluster(rule);
      const { code, stderr } = await cluster.runner("run", "p.ts", "greedy");
      assertEquals([code, cluster.read("tries")], [1, "xx"], stderr);
      assertStringIncludes(stderr, "exit code 9");
    },
  });

  Deno.test({
    name: `${name}: a runner that was killed leaves its jobs to the next one${noSlurm}`,
    ignore: noSlurm !== "",
    fn: async () => {
      using cluster = new Cluster(rule);
      cluster.write("hold", "");
      const program = cluster.start(["run", "p.ts", "sum", "--to", "6"]);
      await appeared(`${cluster.path}/ran`);
      program.kill("SIGKILL");
      await program.ended;
      const run = /resume (\S+)"/.exec((await cluster.runner("ps")).stdout)![1]!;
      const resumed = cluster.start(["resume", run]);
      await resumed.complaint("resuming");
      fs.rmSync(`${cluster.path}/hold`);
      const { code, stdout, stderr } = await resumed.ended;
      assertEquals([code, stdout], [0, "15\n"], stderr);
      assertEquals(cluster.lines("ran").sort(), ["0", "1", "2", "3", "4", "5"], "each ran once");
      assertEquals(cluster.jobs(), []);
    },
  });
}

Deno.test({
  name: `a runner that is killed at any moment of a run: each task runs once, no job is left${noSlurm}`,
  ignore: noSlurm !== "",
  fn: async () => {
    using cluster = new Cluster(QUEUES["slurm"]!);
    const journal = () =>
      filesEnding(`${cluster.path}/.runner`, "journal.jsonl").map((file) => fs.readFileSync(file, "utf8"))
        .join("");
    // The moments differ in what is known where: nothing, the intent, the id, a start, some ends.
    const moments: readonly (() => boolean)[] = [
      () => fs.existsSync(`${cluster.path}/.runner/cache/~jobs`),
      () => journal().includes('"submitting"'),
      () => fs.existsSync(`${cluster.path}/submissions`),
      () => journal().includes('"id"'),
      () => cluster.lines("ran").length > 0,
      () => cluster.lines("ran").length > 4,
    ];
    for (const [round, moment] of moments.entries()) {
      for (const name of ["ran", ".runner", "submissions"]) {
        fs.rmSync(`${cluster.path}/${name}`, { recursive: true, force: true });
      }
      const program = cluster.start(["run", "p.ts", "sum", "--to", "8"]);
      await until(`moment ${round}`, () => fs.existsSync(`${cluster.path}/.runner`) && moment());
      program.kill("SIGKILL");
      await program.ended;
      const { code, stdout, stderr } = await cluster.runner("run", "p.ts", "sum", "--to", "8");
      assertEquals([code, stdout], [0, "28\n"], stderr);
      assertEquals(cluster.lines("ran").sort(), [..."01234567"], `each ran once, killed at moment ${round}`);
      await until("the queue is empty", () => cluster.jobs().length === 0);
    }
  },
});

Deno.test({
  name: `packs: many short tasks in few submissions, each with its own result${noSlurm}`,
  ignore: noSlurm !== "",
  fn: async () => {
    using cluster = new Cluster(`slurm({ pack: 50, ${QUICK} })`);
    const { code, stdout, stderr } = await cluster.runner("run", "p.ts", "sum", "--to", "300");
    assertEquals([code, stdout], [0, "44850\n"], stderr);
    assertEquals(new Set(cluster.lines("ran")).size, 300);
    assertEquals(cluster.lines("ran").length, 300);
    assert(cluster.lines("submissions").length <= 3, `${cluster.lines("submissions").length} submissions`);
    assertEquals(filesEnding(`${cluster.path}/.runner/cache/one`, ".result.gz").length, 300);
  },
});

Deno.test({
  name: `a node that goes down, and jobs that are requeued, change nothing of the results${noSlurm}`,
  ignore: noSlurm !== "",
  fn: async () => {
    using cluster = new Cluster(QUEUES["slurm"]!);
    cluster.write("hold", "");
    const program = cluster.start(["run", "p.ts", "sum", "--to", "8"]);
    await until("some run", () => cluster.lines("ran").length >= 2);
    const running = cluster.command("squeue", "--noheader", "--array", "--states=R", "--format=%i %N %Z")
      .split("\n")
      .filter((line) => line.endsWith(cluster.path));
    const [id] = running[0]!.split(" ");
    cluster.command("scontrol", "requeue", id!);
    // Slurm lets requeued jobs, also those of a node that went down, rest for two minutes.
    const nudge = setInterval(() => {
      const resting = cluster.command("squeue", "--noheader", "--array", "--states=PD", "--format=%i %r");
      for (const [, job] of resting.matchAll(/^(\S+) BeginTime/gm)) {
        cluster.command("scontrol", "update", `jobid=${job}`, "starttime=now");
      }
    }, 300);
    cluster.command("scontrol", "update", "nodename=n2", "state=down", "reason=test");
    fs.rmSync(`${cluster.path}/hold`);
    await until("the other node is used", () => new Set(cluster.lines("ran")).size >= 4);
    cluster.command("scontrol", "update", "nodename=n2", "state=resume");
    const { code, stdout, stderr } = await program.ended;
    clearInterval(nudge);
    assertEquals([code, stdout], [0, "28\n"], stderr);
    assertEquals(new Set(cluster.lines("ran")).size, 8);
  },
});

Deno.test({
  name: `a partition, a queue or a command that is not there is told before anything runs${noSlurm}`,
  ignore: noSlurm !== "",
  fn: async () => {
    for (
      const [rule, says] of [
        [`slurm({ partition: "mian" })`, 'Slurm has no partition "mian"; did you mean "main"?'],
        [`generic({ submit: "qsubb {script}", status: "qstat", cancel: "qdel" })`, '"qsubb"'],
      ] as const
    ) {
      using cluster = new Cluster(rule);
      const { code, stderr } = await cluster.runner("run", "p.ts", "one", "--n", "1");
      assertEquals(code, 3);
      assertStringIncludes(stderr, says);
      assertEquals(cluster.lines("submissions"), []);
    }
    using cluster = new Cluster(`lsf({ queue: "fast", ${QUICK} })`);
    const { code, stderr } = await cluster.runner("run", "p.ts", "one", "--n", "1");
    assertEquals(code, 1);
    assertStringIncludes(stderr, "No such queue");
    assertStringIncludes(stderr, "to try it by hand: bsub");
  },
});

Deno.test({
  name: `slurm: jobs that are held for too long are cancelled together, and never begin${noSlurm}`,
  ignore: noSlurm !== "",
  fn: async () => {
    using cluster = new Cluster(`slurm({ ${QUICK}, args: ["--hold"] })`);
    cluster.write(
      "bin/scancel",
      `#!/bin/sh\necho x >> "${cluster.path}/cancels"\nexec /usr/bin/scancel "$@"\n`,
    );
    fs.chmodSync(`${cluster.path}/bin/scancel`, 0o755);
    const { code, stderr } = await cluster.runner("run", "p.ts", "lates", "--keep-going");
    assertEquals(code, 1);
    // On a slow machine the queue may not have been asked yet.
    const told = stderr.replaceAll("; slurm's reason for the wait: JobHeldUser", "");
    for (const n of [1, 2]) {
      assertStringIncludes(
        told,
        `✗ failed late({ n: ${n} }) (timeout)\n  TimeoutError: the task has not begun elsewhere within its queue timeout of 1.0 s\n`,
      );
    }
    assert(/sent: by slurm, as \d+_\d/.test(stderr), stderr);
    assertEquals(cluster.lines("cancels"), ["x"]);
    await until("the queue is empty", () => cluster.jobs().length === 0);
  },
});

Deno.test({
  name: `slurm: a job that prints nothing more is ended where it runs${noSlurm}`,
  ignore: noSlurm !== "",
  fn: async () => {
    using cluster = new Cluster(QUEUES["slurm"]!);
    const { code, stderr } = await cluster.runner("run", "p.ts", "quiet");
    assertEquals(code, 1);
    assertStringIncludes(stderr, "idle timeout of 500 ms; the last line that it printed: epoch 1");
    await until("the queue is empty", () => cluster.jobs().length === 0);
  },
});

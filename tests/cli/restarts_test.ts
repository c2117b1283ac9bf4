/** Jobs that their queue starts again, or will not: a Slurm of which this test is the scheduler, and real processes. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { filesEnding, until } from "../support/files.ts";
import { Place, type Running } from "./support.ts";

const PIPELINE = `import { slurm, task } from "runner";
import fs from "node:fs";
const shown = async (file: string) => {
  while (!fs.existsSync(file)) await new Promise((done) => setTimeout(done, 10));
};
export const one = task("one", {
  labels: "far",
  run: async (_: undefined, { signal }) => {
    fs.appendFileSync("ran", "x");
    await Promise.race([shown("go"), new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason)))]);
    return 7;
  },
});
export const many = task("many", {
  labels: "packed",
  run: async ({ n }: { n: number }) => {
    fs.appendFileSync("ran-" + n, "x");
    if (n === 2) await shown("go");
    return n;
  },
});
export const all = task("all", {
  deps: () => [0, 1, 2, 3].map((n) => many({ n })),
  run: (_: undefined, { deps }) => (deps as number[]).join(),
});
export const part = task("part", {
  run: async ({ name }: { name: string }) => {
    fs.appendFileSync("asked", name);
    await shown(name);
    return name;
  },
});
export const asks = task("asks", {
  labels: "far",
  cache: false,
  run: (_: undefined, ctx) => ctx.run(part({ name: fs.existsSync("again") ? "second" : "first" })),
});
const quick = { poll: { from: "100ms", to: "200ms" }, gather: "50ms" };
export const settings = { dispatch: { far: slurm(quick), packed: slurm({ ...quick, pack: 4 }) } };
`;

/** What Slurm's commands do: submissions are noted, by their scripts, and jobs are as a file says. */
const COMMANDS: Readonly<Record<string, string>> = {
  sbatch: `for script; do :; done; echo "$script" >> submitted; wc -l < submitted`,
  squeue: "cat queue",
  sacct: "exit 1",
  scancel: "true",
  scontrol: "true",
  sinfo: "echo main",
};

/** A job, as Slurm shows it: its id, its state, the status of its end, how many times it was started again. */
type Shown = readonly [id: string, state: string, status: number, restarts: number];

/** A folder with a pipeline, and a Slurm that starts nothing by itself. */
class HandSlurm extends Place {
  private readonly env: Readonly<Record<string, string>>;

  constructor() {
    super({
      "p.ts": PIPELINE,
      queue: "",
      ...Object.fromEntries(
        Object.entries(COMMANDS).map(([name, text]) => [`bin/${name}`, `#!/bin/sh\n${text}\n`]),
      ),
    });
    for (const name of Object.keys(COMMANDS)) fs.chmodSync(`${this.path}/bin/${name}`, 0o755);
    this.env = { PATH: `${this.path}/bin:${Deno.env.get("PATH")}` };
  }

  override start(args: readonly string[]): Running {
    return super.start(args, { env: this.env });
  }

  /** Jobs are shown like that from now on. */
  show(...jobs: readonly Shown[]): void {
    const lines = jobs.map(([id, state, status, restarts]) =>
      `${id}|${state}|${status}|n1|None|${restarts}|\n`
    );
    this.write("queue~", lines.join(""));
    fs.renameSync(`${this.path}/queue~`, `${this.path}/queue`);
  }

  /** The script of a submission, from 1, when it is there. */
  async script(number: number): Promise<string> {
    const scripts = () => this.read("submitted").split("\n").slice(0, -1);
    await until(`submission ${number}`, () => scripts().length >= number);
    return scripts()[number - 1]!;
  }

  /** Starts the script of a job, after so many other times. */
  begin(script: string, id: string, restarts = 0): Deno.ChildProcess {
    return new Deno.Command(script, {
      env: { SLURM_JOB_ID: id, ...(restarts > 0 && { SLURM_RESTART_COUNT: String(restarts) }) },
      cwd: this.path,
    }).spawn();
  }
}

/** A process is gone, as if its machine was. */
async function lost(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await child.status;
}

Deno.test("a job whose machine is lost is started again by its queue, and brings its result", async () => {
  using slurm = new HandSlurm();
  const program = slurm.start(["run", "p.ts", "one"]);
  const script = await slurm.script(1);
  slurm.show(["1", "RUNNING", 0, 0]);
  const first = slurm.begin(script, "1");
  // Not only that the file is there: what is written into it is counted.
  await until("it has run", () => slurm.read("ran") !== "");
  slurm.show(["1", "PENDING", 0, 1]);
  await lost(first);
  slurm.write("go", "");
  slurm.show(["1", "RUNNING", 0, 1]);
  assertEquals((await slurm.begin(script, "1", 1).status).code, 0);
  slurm.show(["1", "COMPLETED", 0, 1]);
  const { code, stdout, stderr } = await program.ended;
  assertEquals([code, stdout, slurm.read("ran")], [0, "7\n", "xx"], stderr);
  assertEquals(slurm.read("submitted").split("\n").length - 1, 1);
});

Deno.test("a pack that its queue starts again does not run again what has ended", async () => {
  using slurm = new HandSlurm();
  const program = slurm.start(["run", "p.ts", "all"]);
  const script = await slurm.script(1);
  slurm.show(["1", "RUNNING", 0, 0]);
  const first = slurm.begin(script, "1");
  await until("the third has begun", () => slurm.read("ran-2") !== "");
  const told = () =>
    filesEnding(`${slurm.path}/.runner`, "told").map((file) => fs.readFileSync(file, "utf8")).join();
  await until("the first two have been told", () => told() === "[0,1]");
  slurm.show(["1", "PENDING", 0, 1]);
  await lost(first);
  slurm.write("go", "");
  slurm.show(["1", "RUNNING", 0, 1]);
  assertEquals((await slurm.begin(script, "1", 1).status).code, 0);
  slurm.show(["1", "COMPLETED", 0, 1]);
  const { code, stdout, stderr } = await program.ended;
  assertEquals([code, stdout], [0, "0,1,2,3\n"], stderr);
  assertEquals([0, 1, 2, 3].map((n) => slurm.read(`ran-${n}`)), ["x", "x", "xx", "x"]);
});

Deno.test("a job that its queue will not start again is sent out again, and does not begin after all", async () => {
  using slurm = new HandSlurm();
  const program = slurm.start(["run", "p.ts", "one"]);
  const script = await slurm.script(1);
  const first = slurm.begin(script, "1");
  await until("it has run", () => slurm.read("ran") !== "");
  await lost(first);
  slurm.show(["1", "FAILED", 1 << 8, 1], ["2", "PENDING", 0, 0]);
  const second = await slurm.script(2);
  assertEquals((await slurm.begin(script, "1", 2).status).code, 75);
  assertEquals(slurm.read("ran"), "x");
  slurm.write("go", "");
  assertEquals((await slurm.begin(second, "2").status).code, 0);
  const { code, stdout, stderr } = await program.ended;
  assertEquals([code, stdout, slurm.read("ran")], [0, "7\n", "xx"], stderr);
});

Deno.test("an answer to what was asked before a job was started again is not taken for that to another question", async () => {
  using slurm = new HandSlurm();
  const program = slurm.start(["run", "p.ts", "asks", "--workers", "2"]);
  const script = await slurm.script(1);
  slurm.show(["1", "RUNNING", 0, 0]);
  const first = slurm.begin(script, "1");
  await until("it has asked", () => slurm.read("asked") === "first");
  await lost(first);
  slurm.write("again", "");
  const second = slurm.begin(script, "1", 1);
  await until("it has asked again", () => slurm.read("asked") === "firstsecond");
  slurm.write("first", "");
  await until(
    "it is answered",
    () => filesEnding(`${slurm.path}/.runner/cache/~jobs`, "").some((file) => file.includes("/inbox/")),
  );
  slurm.write("second", "");
  assertEquals((await second.status).code, 0);
  const { code, stdout, stderr } = await program.ended;
  assertEquals([code, stdout], [0, "second\n"], stderr);
});

Deno.test("a job of a run that is no more, and has taken its folders along, ends", async () => {
  using slurm = new HandSlurm();
  const program = slurm.start(["run", "p.ts", "one"]);
  const job = slurm.begin(await slurm.script(1), "1");
  await until("it has run", () => slurm.read("ran") !== "");
  program.kill("SIGKILL");
  await program.ended;
  fs.rmSync(`${slurm.path}/.runner/cache/~jobs`, { recursive: true });
  assertEquals((await job.status).code, 143);
});

Deno.test("a job that cannot tell what became of it ends, and says so", async () => {
  using slurm = new HandSlurm();
  const program = slurm.start(["run", "p.ts", "one"]);
  const job = slurm.begin(await slurm.script(1), "1");
  await until("it has run", () => slurm.read("ran") !== "");
  program.kill("SIGKILL");
  await program.ended;
  const jobs = `${slurm.path}/.runner/cache/~jobs`;
  const [run] = fs.readdirSync(jobs);
  fs.rmSync(`${jobs}/${run}/outbox`, { recursive: true });
  slurm.write("go", "");
  assertEquals((await job.status).code, 3);
  assertStringIncludes(
    fs.readFileSync(`${jobs}/${run}/0/err.txt`, "utf8"),
    "The run cannot be told what became of the job",
  );
});

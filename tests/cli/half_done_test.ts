/** Programs that are told to stop and end as if all were well: what they have left is half, and is no result. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import process from "node:process";
import { appeared, filesEnding, until } from "../support/files.ts";
import { noSlurm, slurm } from "../services/slurm.ts";
import { Place } from "./support.ts";

/** Prints that it is whole when it may; before that it ends as if it were when it is told to stop. */
const PROGRAM = `trap 'echo half; exit 0' INT TERM
echo $$ > pid.new; mv pid.new pid
while [ ! -e go ]; do sleep 0.05; done
echo whole
`;

const PIPELINE = `import { slurm, task } from "runner";
import { spawn } from "node:child_process";
import fs from "node:fs";
const simulate = () => new Promise((done, failed) => {
  let text = "";
  const child = spawn("sh", ["program.sh"], { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.on("data", (some) => text += some);
  child.on("close", (code) => code === 0 ? done(text.trim()) : failed(new Error("exit code " + code)));
});
export const here = task("here", simulate);
export const sent = task("sent", simulate);
export const queued = task("queued", simulate);
/** Starts nothing, and does not look at its signal. */
export const alone = task("alone", () => {
  fs.writeFileSync("pid", "0");
  while (!fs.existsSync("go"));
  return "whole";
});
export const settings = {
  dispatch: {
    sent: { backend: "prefix", command: "env" },
    queued: slurm({ poll: { from: "100ms", to: "500ms" }, gather: "50ms" }),
  },
};
`;

class Simulation extends Place {
  constructor(private readonly env: Readonly<Record<string, string>> = {}) {
    super({ "p.ts": PIPELINE, "program.sh": PROGRAM });
  }

  begin(task: string) {
    return this.start(["run", "p.ts", task], { env: this.env });
  }

  /** Waits for the program to have begun; gives its process. */
  async begun(): Promise<number> {
    await appeared(`${this.path}/pid`);
    return Number(this.read("pid"));
  }

  /** What is stored. */
  stored(): readonly string[] {
    return filesEnding(`${this.path}/.runner/cache`, ".result.gz");
  }

  /** Nothing is stored, and the next run makes the whole of it. */
  async nothingHalf(task: string): Promise<void> {
    assertEquals(this.stored(), []);
    this.write("go", "");
    const { code, stdout, stderr } = await this.begin(task).ended;
    assertEquals([code, stdout], [0, "whole\n"], stderr);
  }
}

Deno.test("Ctrl-C: what a program has left that ended when it was told to is no result", async () => {
  using place = new Simulation();
  const program = place.begin("here");
  const pid = await place.begun();
  // A terminal tells all of the group.
  program.kill("SIGINT");
  await program.complaint("stopping:");
  process.kill(pid, "SIGINT");
  assertEquals((await program.ended).code, 130);
  await place.nothingHalf("here");
});

Deno.test("Ctrl-C: the result of a task that cannot have noticed is kept", async () => {
  using place = new Simulation();
  const program = place.begin("alone");
  await place.begun();
  program.kill("SIGINT");
  await program.complaint("stopping:");
  place.write("go", "");
  assertEquals((await program.ended).code, 130);
  assertEquals(place.stored().length, 1);
});

Deno.test("prefix: what is left of a job that a later run ends is no result", async () => {
  using place = new Simulation();
  const program = place.begin("sent");
  await place.begun();
  program.kill("SIGKILL");
  await program.ended;
  fs.rmSync(`${place.path}/pid`);
  const second = place.begin("sent");
  await place.begun();
  place.write("go", "");
  const { code, stdout, stderr } = await second.ended;
  assertEquals([code, stdout], [0, "whole\n"], stderr);
});

for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  Deno.test(`prefix: what is left of a job whose run was ended by ${signal} is no result`, async () => {
    using place = new Simulation();
    const program = place.begin("sent");
    await place.begun();
    program.kill(signal);
    assertEquals((await program.ended).code, 143);
    await place.nothingHalf("sent");
  });
}

Deno.test({
  name: `Slurm: what is left of a job that somebody has cancelled is no result${noSlurm}`,
  ignore: noSlurm !== "",
  fn: async () => {
    const env = slurm();
    using place = new Simulation(env);
    const ask = (command: string, ...args: readonly string[]) =>
      new TextDecoder().decode(new Deno.Command(command, { args: [...args], env }).outputSync().stdout);
    const program = place.begin("queued");
    await place.begun();
    const mine = () =>
      ask("squeue", "--noheader", "--format=%i %Z").split("\n")
        .filter((line) => line.endsWith(` ${place.path}`));
    ask("scancel", mine()[0]!.split(" ")[0]!);
    assertEquals((await program.ended).code, 1);
    await until("the queue is empty", () => mine().length === 0);
    await place.nothingHalf("queued");
  },
});

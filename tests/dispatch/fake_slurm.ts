/** A Slurm of stand-ins that answers what a test says, and a clock that is moved by hand. */
import fs from "node:fs";
import { assertEquals } from "@std/assert";
import type { Job, JobEnd, Launcher } from "../../src/model/job.ts";
import { slurm, type SlurmOptions } from "../../src/dispatch/slurm/rule.ts";
import { slurmLauncher } from "../../src/dispatch/slurm/slurm.ts";
import { Jobs } from "./jobs.ts";
import { HandClock, StandIns } from "./stand_in.ts";

const COMMANDS = ["sbatch", "squeue", "sacct", "scancel", "scontrol"];

/** A Slurm that answers what the test says. */
export class FakeSlurm implements Disposable {
  readonly commands: StandIns = new StandIns(COMMANDS);
  readonly clock: HandClock = new HandClock();
  readonly jobs: Jobs = new Jobs(this.clock.after);

  constructor() {
    this.commands.reply("sbatch", { stdout: "77\n" });
    this.commands.reply("sacct", { code: 1, stderr: "Slurm accounting storage is disabled\n" });
    this.commands.reply("scontrol", { stdout: "MaxArraySize            = 1001\n" });
  }

  open(options: SlurmOptions = {}): Launcher {
    return slurmLauncher(slurm(options), this.jobs.listener, this.jobs.place);
  }

  /** What squeue says of jobs from now on. */
  queue(...lines: readonly QueueLine[]): void {
    this.commands.reply("squeue", { stdout: lines.map((line) => queueLine(...line)).join("") });
  }

  /** What squeue says of one job, question by question; the last answer stays. */
  course(...lines: readonly QueueLine[]): void {
    lines.forEach((line, index) => this.commands.reply("squeue", { stdout: queueLine(...line) }, index + 1));
    this.queue(lines.at(-1)!);
  }

  /** The script of a job begins, as after so many restarts. */
  begin(job: Job, restarts = 0): void {
    fs.writeFileSync(`${job.folder}/start.${restarts}`, "");
  }

  /** The end of a job, after as long as it takes. */
  async end(job: Job): Promise<JobEnd> {
    await this.clock.until(`the end of ${job.name}`, () => this.jobs.hasEnded(job));
    return await this.jobs.end(job);
  }

  /** Resolves when a launcher has ended, after as long as it takes. */
  async close(launcher: Launcher): Promise<readonly string[]> {
    let left: readonly string[] | undefined;
    void launcher.close().then((ids) => left = ids);
    await this.clock.until("the launcher's end", () => left !== undefined);
    return left!;
  }

  [Symbol.dispose](): void {
    assertEquals(this.commands.overlaps(), "", "a command was started while it ran already");
    this.commands[Symbol.dispose]();
    this.jobs[Symbol.dispose]();
  }
}

/** What squeue says of a job; `exit` is a status as the kernel gives it. */
export type QueueLine = readonly [
  id: string,
  state: string,
  reason?: string,
  exit?: number,
  restarts?: number,
];

/** A line as squeue prints it for the columns that it is asked for. */
export function queueLine(...[id, state, reason = "None", exit = 0, restarts = 0]: QueueLine): string {
  return `${id.padEnd(60)}|${state.padEnd(30)}|${exit}|n1|${reason}|${restarts}|\n`;
}

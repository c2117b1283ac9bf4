/** Whether jobs that a dead run has left may go on, as those say who run them: a queue of stand-ins, and a clock moved by hand. */
import { assert, assertEquals } from "@std/assert";
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { generic } from "../../src/dispatch/generic/rule.ts";
import { prefix } from "../../src/dispatch/prefix/rule.ts";
import type { DispatchRule } from "../../src/dispatch/rules.ts";
import { closeJob, markOver } from "../../src/execute/jobs/claim.ts";
import { endInJournal, JOURNAL, Journal, type JournalJob } from "../../src/execute/jobs/journal.ts";
import { processSpace, processStart } from "../../src/runtime/processes.ts";
import { BOUND, LeftJobs } from "../../src/wire/left_jobs.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { StandIns } from "./stand_in.ts";

const QUEUE = generic({ submit: "put {script}", status: "ask", cancel: ["end", "-f"] });
const JOB = { run: "dead", key: "k" };

/** A job that a run has left which is no more. */
class Left implements Disposable {
  private readonly temp: TempFolder = tempFolder();
  readonly warnings: string[] = [];
  readonly adopted: JournalJob[] = [];
  /** What is known now, and how long nobody has shown to hold the slot. */
  now = 1_000;
  age = 0;
  readonly jobs: LeftJobs;
  /** The folder of the run, and of its job. */
  readonly run = `${this.temp.path}/dead`;
  readonly folder = `${this.run}/0`;

  constructor(rule: DispatchRule, id: string) {
    this.journal("dead", rule, id);
    this.jobs = this.open();
  }

  open(): LeftJobs {
    return new LeftJobs({
      folder: this.temp.path,
      cwd: this.temp.path,
      after: () => () => {},
      now: () => this.now,
      warn: (message) => this.warnings.push(message),
      adopt: (entry) => this.adopted.push(entry),
    });
  }

  /** Notes the job in the journal of a run; its process is no more. */
  journal(run: string, rule: DispatchRule, id: string): void {
    fs.mkdirSync(`${this.temp.path}/${run}/0`, { recursive: true });
    const journal = new Journal(`${this.temp.path}/${run}`);
    journal.open();
    journal.job({
      number: 0,
      name: "j0",
      folder: this.folder,
      outbox: "",
      backend: rule.backend,
      label: "far",
      rule,
      items: [["first", "v1", 1], ["k", "v", 1], ["late", "", 1]],
      call: "",
    });
    journal.id(0, id);
    journal.close();
    const file = `${this.temp.path}/${run}/${JOURNAL}`;
    const owner = `"pid":${process.pid},"started":"${processStart(process.pid)}"`;
    fs.writeFileSync(
      file,
      fs.readFileSync(file, "utf8").replace(owner, `"pid":${2 ** 22 + 1},"started":"1"`),
    );
  }

  get goesOn(): boolean {
    return this.jobs.goesOn(JOB, () => this.age);
  }

  /** The job goes on for now, and is asked about; resolves when that was answered for the `times`th time. */
  async asked(commands: StandIns, times: number): Promise<void> {
    this.now += 60_000;
    assert(this.goesOn);
    await this.jobs.answered();
    assertEquals(commands.calls("ask").length, times);
  }

  [Symbol.dispose](): void {
    this.temp[Symbol.dispose]();
  }
}

Deno.test("what its queue says is over is over", async () => {
  using commands = new StandIns(["put", "ask", "end"]);
  using left = new Left(QUEUE, "10");
  commands.reply("ask", { stdout: "10 running\n" }, 1);
  commands.reply("ask", { stdout: "10 done\n" }, 2);
  await left.asked(commands, 1);
  left.now -= 1;
  assert(left.goesOn);
  await left.asked(commands, 2);
  assertEquals([left.goesOn, commands.calls("ask").length, commands.calls("end")], [false, 2, []]);
  await left.jobs.close();
});

Deno.test("what its queue does not know is over when it has said so three times in a row", async () => {
  using commands = new StandIns(["put", "ask", "end"]);
  using left = new Left(QUEUE, "10");
  commands.reply("ask", { stdout: "" });
  commands.reply("ask", { stdout: "10 waiting\n" }, 3);
  for (const time of [1, 2, 3, 4, 5, 6]) await left.asked(commands, time);
  assertEquals(left.goesOn, false);
  await left.jobs.close();
});

Deno.test("where nobody can tell it counts as going on for a while, since it was last heard of", async () => {
  using commands = new StandIns(["put", "ask", "end"]);
  using left = new Left(QUEUE, "10");
  commands.reply("ask", { code: 1, stderr: "no controller" });
  commands.reply("ask", { stdout: "10 running\n" }, 2);
  await left.asked(commands, 1);
  left.age = 2 * BOUND;
  await left.asked(commands, 2);
  await left.asked(commands, 3);
  left.now += BOUND - 121_000;
  await left.asked(commands, 4);
  left.now += 1_000;
  left.age = BOUND;
  await left.asked(commands, 5);
  left.age++;
  await left.asked(commands, 6);
  assertEquals(left.goesOn, false);
  assert(left.warnings.some((line) => line.includes("no controller")));
  await left.jobs.close();
});

Deno.test("what the job itself leaves is believed at once, and so is a journal that is gone", () => {
  const ends: readonly ((left: Left) => void)[] = [
    ({ folder }) => markOver(folder),
    ({ folder }) => closeJob(folder),
    ({ folder }) => fs.rmSync(folder, { recursive: true }),
    ({ run }) => fs.rmSync(run, { recursive: true }),
  ];
  for (const end of ends) {
    using left = new Left(prefix("env"), `${process.pid}:?@another host`);
    assert(left.goesOn);
    end(left);
    assertEquals(left.goesOn, false);
    assertEquals(left.goesOn, false);
  }
  using left = new Left(prefix("env"), `${process.pid}:?@another host`);
  endInJournal(left.run, 0);
  assertEquals(left.goesOn, false);
  assertEquals(left.jobs.goesOn({ run: "dead", key: "other" }, () => 0), false);
  assertEquals(left.jobs.goesOn({ run: "nobody", key: "k" }, () => 0), false);
});

Deno.test("a job that was taken over by a run that is no more either is known by its first journal", () => {
  using left = new Left(prefix("env"), `${process.pid}:?@another host`);
  left.journal("heir", prefix("env"), `${process.pid}:?@another host`);
  assert(left.jobs.goesOn({ run: "heir", key: "k" }, () => 0));
  endInJournal(left.run, 0);
  assertEquals(left.open().goesOn({ run: "heir", key: "k" }, () => 0), false);
});

Deno.test("the process that has a job tells of it where its prefix is gone", async () => {
  const space = processSpace();
  const claim = (pid: number, host: string) => ({
    by: "run",
    host,
    pid,
    started: processStart(process.pid),
    space,
  });
  for (
    const [text, expected] of [
      [claim(process.pid, os.hostname()), true],
      [claim(2 ** 22 + 1, os.hostname()), false],
      // Of a process elsewhere nobody can tell; of a prefix that is gone without a claim, nothing is left.
      [claim(1, "another"), true],
      [undefined, false],
    ] as const
  ) {
    using left = new Left(prefix("env"), `1:2.3@${os.hostname()}`);
    if (text !== undefined) fs.writeFileSync(`${left.folder}/claim`, JSON.stringify(text));
    assert(left.goesOn);
    await left.jobs.answered();
    assertEquals(left.goesOn, expected, JSON.stringify(text));
    await left.jobs.close();
  }
});

Deno.test("a job is taken over by what makes the same in the same way, unless another run that lives has it", () => {
  using left = new Left(prefix("env"), `${process.pid}:?@another host`);
  assert(left.goesOn);
  const take = (label: string, backend: string, ...items: readonly (readonly [string, string])[]) =>
    left.jobs.takeOver(JOB, { label, backend, items });
  for (
    const [label, backend, key, validity] of [
      ["near", "prefix", "k", "v"],
      ["far", "slurm", "k", "v"],
      ["far", "prefix", "k", "other"],
      ["far", "prefix", "late", ""],
    ] as const
  ) assertEquals(take(label, backend, [key, validity]), undefined);
  assertEquals(left.adopted, []);
  assertEquals(take("far", "prefix", ["x", "v"], ["k", "v"]), "k");
  assertEquals(take("far", "prefix", ["first", "v1"]), "first");
  assertEquals(left.adopted.map(({ name }) => name), ["j0", "j0"]);
  const lives = { host: os.hostname(), pid: process.pid, started: processStart(process.pid) };
  fs.writeFileSync(`${left.folder}/adopter`, JSON.stringify(lives));
  assertEquals(take("far", "prefix", ["k", "v"]), undefined);
});

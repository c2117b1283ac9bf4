/** Time limits of jobs that their run counts: a launcher that does as it is told, and a clock that is moved by hand. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import type { Job, JobEnd, Launcher, LauncherListener } from "../../src/model/job.ts";
import { NO_TIMEOUT, type TimeoutRule } from "../../src/model/timeout.ts";
import { prefix } from "../../src/dispatch/prefix/rule.ts";
import { takeClaim } from "../../src/execute/jobs/claim.ts";
import { JobExecutor } from "../../src/execute/jobs/job_executor.ts";
import { RunJobs } from "../../src/execute/jobs/run_jobs.ts";
import { HandClock, Notes, NOWHERE, plainInfo } from "../support/members.ts";
import { tempFolder } from "../support/temp.ts";

/** Jobs of an executor that a test speaks for. */
class Far implements Disposable {
  private readonly temp = tempFolder();
  readonly clock = new HandClock();
  readonly notes = new Notes();
  readonly launched: Job[] = [];
  /** Which jobs were cancelled together, by their position. */
  readonly cancelled: (readonly number[])[] = [];
  readonly executor: JobExecutor;
  /** What the queue says of why jobs wait. */
  why: string | undefined;
  private readonly jobs: RunJobs;
  private listener!: LauncherListener;

  constructor(outlives = false) {
    this.jobs = new RunJobs(`${this.temp.path}/jobs`, "run", this.clock);
    const launcher: Launcher = {
      launch: (job) => void this.launched.push(job),
      adopt: () => {},
      standing: (jobs) => Promise.resolve(jobs.map(() => "unknown")),
      settled: () => {},
      cancel: (jobs) => void this.cancelled.push(jobs.map((job) => this.launched.indexOf(job))),
      close: () => Promise.resolve([]),
      waitsFor: () => this.why,
    };
    this.executor = new JobExecutor({
      jobs: this.jobs,
      launcher: (listener) => {
        this.listener = listener;
        return launcher;
      },
      label: "far",
      backend: "slurm",
      rule: prefix("env"),
      outlives,
      latency: 60_000,
      self: ["runner"],
      program: () => "runner",
      version: "1",
      adoption: undefined,
      clock: this.clock,
      listener: this.notes,
      infoOf: plainInfo,
      open: NOWHERE,
    });
  }

  /** Sends nodes out, as one job. */
  send(nodes: readonly number[], timeout: Partial<TimeoutRule>, timeLeft = 0): Job {
    const each = <T>(value: T): T[] => nodes.map(() => value);
    const fields = { task: "t", key: "00", attempt: 1, run: "run", label: "far", input: {} };
    this.executor.start({
      id: nodes[0]!,
      lane: 0,
      nodes,
      tasks: each(0),
      attempts: each(1),
      keys: nodes.map(String),
      validities: each(""),
      bytes: new Uint8Array(),
      ends: [...each(0), ...each(0)],
      values: [],
      links: [],
      extras: [],
      announce: false,
      timeout: { ...NO_TIMEOUT, ...timeout },
      timeLeft,
      job: { fields, resources: {}, call: "t()" },
    });
    return this.launched.at(-1)!;
  }

  /** The process of a job begins. */
  async begin(job: Job): Promise<void> {
    assertEquals(await takeClaim(job.folder, () => undefined), undefined);
  }

  /** Its process is over. */
  end(job: Job, end: Partial<JobEnd> = {}): void {
    this.listener.ended(job, {
      reason: undefined,
      exit: undefined,
      text: "over",
      command: undefined,
      ...end,
    });
  }

  [Symbol.dispose](): void {
    this.jobs.close(true);
    this.temp[Symbol.dispose]();
  }
}

const WAITED = "timeout: the task has not begun elsewhere within its queue timeout of 10.0 s";

Deno.test("a job that has not begun within its queue timeout fails, never begins, and is cancelled with others", async () => {
  using far = new Far();
  const [one, pack] = [far.send([1], { queue: 10_000 }), far.send([2, 3], { queue: 10_000 })];
  far.clock.move(9_999);
  assertEquals(far.notes.take(), []);
  far.clock.move(1);
  assertEquals(far.notes.take(), [`failed 1 ${WAITED}`, `failed 2 ${WAITED}`, `failed 3 ${WAITED}`]);
  assertEquals((await takeClaim(one.folder, () => undefined))?.why, "nobody waits for this job any more");
  assertEquals(far.cancelled, [], "those that are late together are cancelled together");
  far.clock.move(1_000);
  assertEquals(far.cancelled, [[0, 1]]);
  far.end(one);
  far.end(pack, { reason: "cancelled" });
  far.clock.move(100_000);
  assertEquals(far.notes.take(), []);
});

Deno.test("what its queue says of why it waits is told with the failure", () => {
  using far = new Far();
  far.send([1], { queue: 10_000 });
  far.why = "QOSMaxJobsPerUserLimit";
  far.clock.move(10_000);
  assertEquals(far.notes.take(), [`failed 1 ${WAITED}; slurm's reason for the wait: QOSMaxJobsPerUserLimit`]);
});

Deno.test("a job that has begun in time is none of the queue timeout's business, however long it takes", async () => {
  using far = new Far();
  const job = far.send([1], { queue: 10_000 });
  far.clock.move(9_000);
  await far.begin(job);
  far.clock.move(1_000_000);
  assertEquals([far.notes.take(), far.cancelled], [[], []]);
  far.end(job, { exit: 1 });
  far.clock.move(100_000);
  assertEquals(far.notes.take().map((line) => line.slice(0, 13)), ["failed 1 exit"]);
});

Deno.test("the time of an attempt is no matter of the queue: it is counted where it runs", () => {
  using far = new Far();
  far.send([1], { attempt: 10, idle: 10 });
  far.clock.move(1_000_000);
  assertEquals([far.notes.take(), far.cancelled], [[], []]);
});

Deno.test("what is left of the time for all attempts ends a job that waits, and one that runs", async () => {
  using far = new Far();
  const late = "timeout: the task has run past its timeout of 1 min 0 s for all attempts together";
  far.send([1], { task: 60_000 }, 5_000);
  const running = far.send([2], { task: 60_000 }, 5_000);
  await far.begin(running);
  fs.writeFileSync(`${running.folder}/2-1.stdout.txt`, "step 1\nstep 2\n");
  far.clock.move(5_200);
  // It is waited for: what it holds is free when it is gone.
  assertEquals([far.notes.take(), far.cancelled], [[`failed 1 ${late}`], [[0, 1]]]);
  far.end(running);
  assertEquals(far.notes.take(), [`failed 2 ${late}; the last line that it printed: step 2`]);
});

Deno.test("in a run that is cancelled nobody waits too long", () => {
  using far = new Far();
  const job = far.send([1], { queue: 10_000, task: 10_000 }, 10_000);
  far.executor.cancel(false);
  far.clock.move(20_000);
  assertEquals(far.notes.take(), []);
  far.end(job);
  far.clock.move(100_000);
  assertEquals(far.notes.take(), ["cancelled 1"]);
});

Deno.test("a job on a queue that has waited too long does not begin when its queue starts it again", async () => {
  using far = new Far(true);
  const job = far.send([1], { queue: 10_000 });
  far.clock.move(10_000);
  assertEquals(far.notes.take(), [`failed 1 ${WAITED}`]);
  assertEquals((await takeClaim(job.folder, () => undefined))?.why, "nobody waits for this job any more");
  await far.executor.close();
  far.clock.move(1_000);
  assertEquals(far.cancelled, [], "the end of a run ends what is left");
});

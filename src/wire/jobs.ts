/** What jobs of a run need, put together when the first label is sent elsewhere. */
import type * as launchersModule from "../dispatch/launchers.ts";
import type * as adoptionModule from "../execute/jobs/adoption.ts";
import type * as executorModule from "../execute/jobs/job_executor.ts";
import type * as jobsModule from "../execute/jobs/run_jobs.ts";
import fs from "node:fs";
import { join } from "node:path";
import type { MakeExecutor } from "../engine/ports.ts";
import type { PoolSpec } from "../engine/variant.ts";
import type { Executor } from "../execute/executor.ts";
import type { Clock } from "../execute/member.ts";
import { outlives } from "../dispatch/rules.ts";
import { VERSION } from "../model/version.ts";
import type { Adoption } from "../execute/jobs/adoption.ts";
import type { JournalJob } from "../execute/jobs/journal.ts";
import type { RunJobs } from "../execute/jobs/run_jobs.ts";

/** File systems that other machines see, by the numbers that Linux knows them by. */
const SHARED: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x65735546, // FUSE
  0x19830326, // BeeGFS
  0x00c36400, // Ceph
  0x01021997, // 9p
  0x7461636f, // OCFS2
]);
/** How long what one machine has written there may be invisible to another, in milliseconds. */
const LATENCY = 60_000;

/** What belongs to all jobs of a run. */
export interface JobPlace {
  /** The folder of the jobs of all runs. */
  readonly folder: string;
  readonly run: string;
  readonly cwd: string;
  readonly self: readonly [string, ...string[]];
  /** What a person types for `runner`. */
  readonly program: () => string;
  readonly clock: Clock;
}

/** The jobs of a run, opened when they are needed. */
export class LateJobs {
  private opened: Promise<{ readonly jobs: RunJobs; readonly adoption: Adoption }> | undefined;
  private jobs: RunJobs | undefined;
  private adoption: Adoption | undefined;
  /** Jobs to be taken over that were found before there was anybody to do so. */
  private readonly found: JournalJob[] = [];

  constructor(readonly place: JobPlace) {}

  /** The executor of a pool of jobs. */
  async executor(
    { label, rule }: Extract<PoolSpec, { kind: "jobs" }>,
    { size: _size, ...options }: Parameters<MakeExecutor>[1],
  ): Promise<Executor> {
    const { place } = this;
    const { jobs, adoption } = await this.open();
    const { JobExecutor }: typeof executorModule = await import("../execute/jobs/job_executor.ts" as string);
    const { openLauncher, runnerOf }: typeof launchersModule = await import(
      "../dispatch/launchers.ts" as string
    );
    const launcher = await openLauncher(rule, {
      run: place.run,
      folder: join(jobs.folder, "scripts"),
      cwd: place.cwd,
      after: place.clock.after,
    });
    return new JobExecutor({
      ...options,
      jobs,
      adoption,
      launcher,
      label,
      backend: rule.backend,
      rule,
      outlives: outlives(rule),
      latency: latencyOf(place.folder),
      self: runnerOf(rule) ?? place.self,
      program: place.program,
      version: VERSION,
    });
  }

  /** A job of a run that is no more is to be taken over by whoever wants what it makes. */
  adopt(entry: JournalJob): void {
    if (this.adoption === undefined) this.found.push(entry);
    else this.adoption.add(entry);
  }

  /** The run is over; with `keep`, what its jobs have left stays. */
  close(keep: boolean): void {
    this.jobs?.close(!keep);
  }

  private open(): Promise<{ readonly jobs: RunJobs; readonly adoption: Adoption }> {
    return this.opened ??= (async () => {
      const { folder, run, clock } = this.place;
      const { RunJobs }: typeof jobsModule = await import("../execute/jobs/run_jobs.ts" as string);
      const { Adoption, orphanedJobs }: typeof adoptionModule = await import(
        "../execute/jobs/adoption.ts" as string
      );
      this.jobs = new RunJobs(join(folder, run), run, clock);
      this.adoption = new Adoption([...orphanedJobs(folder, Date.now()), ...this.found]);
      return { jobs: this.jobs, adoption: this.adoption };
    })();
  }
}

/** How long files may be invisible that another machine has written to a folder, in milliseconds. */
function latencyOf(folder: string): number {
  try {
    fs.mkdirSync(folder, { recursive: true });
    return SHARED.has(fs.statfsSync(folder).type) ? LATENCY : 0;
  } catch {
    return LATENCY;
  }
}

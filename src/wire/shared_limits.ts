/** Limits that a run shares with others, put together when it has any. */
import type * as leasesModule from "../store/leases.ts";
import type * as leftModule from "./left_jobs.ts";
import os from "node:os";
import process from "node:process";
import type { RunOptions } from "../engine/options.ts";
import type { RunPorts } from "../engine/ports.ts";
import type { Clock } from "../execute/member.ts";
import type { JournalJob } from "../execute/jobs/journal.ts";
import { EnvironmentError } from "../model/failure.ts";
import type { Slot } from "../store/slot_file.ts";
import type { LateJobs } from "./jobs.ts";

/** What shared limits need. */
export interface LimitPlace {
  /** The folder of leases; `undefined` where there is no cache on disk. */
  readonly folder: string | undefined;
  /** The folder of the jobs of all runs. */
  readonly jobs: string;
  readonly run: string;
  readonly cwd: string;
  readonly clock: Clock;
  /** The jobs of this run. */
  readonly own: LateJobs;
  /** What a person types for `runner`. */
  readonly program: () => string;
}

/** The limits of a run that other processes share; `undefined` when it has none. */
export async function openSharedLimits(
  { sharedLimits }: RunOptions,
  { folder, jobs, run, cwd, clock, own, program }: LimitPlace,
): Promise<RunPorts["shared"]> {
  if (sharedLimits === undefined || Object.keys(sharedLimits).length === 0) return undefined;
  if (folder === undefined) {
    throw new EnvironmentError(
      "`sharedLimits` are kept in the cache's folder, so they need a cache on disk that can be written: name one with `cache`",
    );
  }
  const [{ openLeases }, { LeftJobs, openJobOf }] = await Promise.all([
    import("../store/leases.ts" as string) as Promise<typeof leasesModule>,
    import("./left_jobs.ts" as string) as Promise<typeof leftModule>,
  ]);
  let warn = (_message: string): void => {};
  const left = new LeftJobs({
    folder: jobs,
    cwd,
    after: clock.after,
    now: Date.now,
    warn: (message) => warn(message),
    adopt: (entry) => own.adopt(entry),
  });
  const told = new Set<string>();
  const leases = openLeases({
    folder,
    owner: { host: os.hostname(), pid: process.pid, run },
    after: clock.after,
    now: Date.now,
    lost: (limit) =>
      warn(
        `this run has lost its place in the shared limit "${limit}": it was stopped for too long, or ${folder} was cleared; more tasks than the limit may be running`,
      ),
    jobs: left,
    left: (slot) => {
      if (told.has(slot.mark)) return;
      told.add(slot.mark);
      const entry = openJobOf(jobs, slot.job!);
      if (entry !== undefined) warn(waitText(slot, entry, program));
    },
  });
  return {
    leases,
    onWarning: (tell) => warn = tell,
    close: async () => {
      leases.close();
      await left.close();
    },
  };
}

/** Why there is no room, and what to do about it. */
function waitText({ name, slot, run }: Slot, entry: JournalJob, program: () => string): string {
  return `slot ${slot} of the shared limit "${name}" is held for ${entry.call}: run ${run} was cut off, and ${entry.backend} job ${
    entry.id ?? entry.name
  } of it may go on; it is waited for, "${program()} cancel ${run}" ends it`;
}

/** The rule of jobs through LSF: `lsf({ queue: "normal" })`. Pure data, so that it can stand in settings. */
import type { Duration } from "../../model/duration.ts";
import type { QueueOptions } from "../slurm/rule.ts";

/** What `lsf` takes. */
export interface LsfOptions extends QueueOptions {
  /** The queue; default what the cluster says. */
  readonly queue?: string;
  /** Whom the time is charged to. */
  readonly project?: string;
  /** The time a job is asked for, where its task's `resources.time` says nothing. */
  readonly time?: Duration;
  /** More arguments of `bsub`; `{fields}` stand for what the first job is. */
  readonly args?: readonly string[];
  /** The unit of `-M` on this site, by `LSF_UNIT_FOR_LIMITS`; default what `lsf.conf` says, else KB. */
  readonly memoryUnit?: "KB" | "MB" | "GB";
  /** Whether `-M` counts for each slot instead of the whole job; default `false`. */
  readonly perSlot?: boolean;
  /** Submits through `jbsub`, with its own words for cores and memory; default `false`. */
  readonly jbsub?: boolean;
}

/** Jobs go through LSF. */
export interface LsfRule extends LsfOptions {
  /** The backend. */
  readonly backend: "lsf";
}

/**
 * Sends jobs to LSF, by `bsub` (or a site's `jbsub`), `bjobs` and `bkill`: as arrays, asked about by one command, taken over by
 * the next runner when this one dies.
 */
export function lsf(options: LsfOptions = {}): LsfRule {
  return { backend: "lsf", ...options };
}

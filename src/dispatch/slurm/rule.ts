/** The rule of jobs through Slurm: `slurm({ partition: "gpu" })`. Pure data, so that it can stand in settings. */
import type { Duration } from "../../model/duration.ts";
import type { Pack } from "../prefix/rule.ts";

/** What all queues may be told. */
export interface QueueOptions {
  /** How many attempts one job runs, one after another, each with its own result; default 1. */
  readonly pack?: Pack;
  /** Whether jobs of equal needs that are ready together are submitted as one array; default `true`. */
  readonly array?: boolean;
  /** How long jobs may be kept to be submitted together; default 3 s, and no longer than more are coming. */
  readonly gather?: Duration;
  /** How often the queue is asked, at first and at most; default from 2 s to 60 s. */
  readonly poll?: { readonly from?: Duration; readonly to?: Duration };
  /** How many jobs may be out at a time; default 1,000, or what `limits` says. */
  readonly limit?: number;
  /** The command that starts runner where jobs run, if it is not the one that runs here. */
  readonly runner?: string | readonly string[];
}

/** What `slurm` takes. */
export interface SlurmOptions extends QueueOptions {
  /** The partition; default what the cluster says. */
  readonly partition?: string;
  /** Whom the time is charged to. */
  readonly account?: string;
  /** The quality of service. */
  readonly qos?: string;
  /** The features that nodes must have. */
  readonly constraint?: string;
  /** The time a job is asked for, where its task's `resources.time` says nothing. */
  readonly time?: Duration;
  /** More arguments of `sbatch`; `{fields}` stand for what the first job is. */
  readonly args?: readonly string[];
}

/** Jobs go through Slurm. */
export interface SlurmRule extends SlurmOptions {
  /** The backend. */
  readonly backend: "slurm";
}

/**
 * Sends jobs to Slurm, by `sbatch`, `squeue`, `sacct` and `scancel`: as arrays, asked about by one command, taken over by the next
 * runner when this one dies.
 */
export function slurm(options: SlurmOptions = {}): SlurmRule {
  return { backend: "slurm", ...options };
}

/** How jobs of a label are sent, and what each is to do. */
import { join } from "node:path";
import type { Job, Launcher, LauncherListener } from "../../model/job.ts";
import { type Batch, type ExecutorListener, hostPart, type TaskInfoOf } from "../executor.ts";
import type { Clock } from "../member.ts";
import type { OpenMessage } from "../protocol.ts";
import type { Adoption } from "./adoption.ts";
import { JOB_FORMAT, type JobSpec } from "./job_spec.ts";
import { type JournalJob, thisProcess } from "./journal.ts";
import type { RunJobs } from "./run_jobs.ts";

/** How an executor of jobs is set up. */
export interface JobExecutorOptions {
  readonly jobs: RunJobs;
  readonly launcher: (listener: LauncherListener) => Launcher;
  /** The label by which batches are sent, and how. */
  readonly label: string;
  readonly backend: string;
  /** The rule of dispatch: for the journal. */
  readonly rule: unknown;
  /** Its jobs go on when the run is no more. */
  readonly outlives: boolean;
  /** How long what one machine has written may be invisible to another, in milliseconds. */
  readonly latency: number;
  /** The command and leading arguments that start this program. */
  readonly self: readonly [string, ...string[]];
  /** What a person types here for `runner`. */
  readonly program: () => string;
  readonly version: string;
  readonly clock: Clock;
  readonly listener: ExecutorListener;
  readonly infoOf: TaskInfoOf;
  /** What each host is told first. */
  readonly open: Omit<OpenMessage, "kind" | "host" | "control" | "lock">;
  /** Jobs of runs that are no more; `undefined` where nothing is taken over. */
  readonly adoption: Adoption | undefined;
}

/** What a job is to do that runs a batch. */
export function specOf(
  options: JobExecutorOptions,
  batch: Batch,
  own: { readonly number: number; readonly name: string },
  folder: string,
): JobSpec {
  const { host, pid } = thisProcess();
  return {
    format: JOB_FORMAT,
    version: options.version,
    name: own.name,
    host,
    pid,
    outbox: options.jobs.outbox,
    number: own.number,
    alive: options.outlives ? "" : options.jobs.alive,
    open: {
      ...options.open,
      kind: "open",
      host: own.number,
      control: undefined,
      lock: "",
      logs: folder,
      spill: options.open.cache === undefined ? options.open.spill : join(folder, "spill"),
    },
    batch: {
      ...hostPart(batch),
      kind: "batch",
      lane: 0,
      slot: 0,
      newTasks: [...new Set(batch.tasks)].map(options.infoOf),
    },
    timeout: batch.timeout,
    timeLeft: batch.timeLeft,
  };
}

/** What the journal says of a job that runs a batch. */
export function entryOf(
  options: JobExecutorOptions,
  batch: Batch,
  { name, folder }: Job,
  number: number,
): JournalJob {
  const { jobs, backend, label, rule } = options;
  return {
    number,
    name,
    folder,
    outbox: jobs.outbox,
    backend,
    label,
    rule,
    items: batch.nodes.map((_, item) => [batch.keys[item]!, batch.validities[item]!, batch.attempts[item]!]),
    call: batch.job!.call,
  };
}

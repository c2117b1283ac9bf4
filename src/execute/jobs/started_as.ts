/** As what this process was started: what a queue tells the processes of its jobs. Pure. */
import { START_VARIABLE } from "../../model/job_start.ts";

/** Looks up a variable of the environment. */
export type Environment = (name: string) => string | undefined;

/** The variables in which queues tell a job what they call it: Slurm, LSF, PBS, Grid Engine. */
const IDS = ["SLURM_JOB_ID", "LSB_JOBID", "PBS_JOBID", "JOB_ID"];
/** Those in which launchers tell each of the processes that they start for one command which it is: MPI, Slurm. */
const RANKS = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"];
/** Those in which they tell all of them which command it is. */
const STEPS = ["PMIX_NAMESPACE", "SLURM_JOB_ID", "SLURM_STEP_ID"];

/** How a process came about. */
export interface StartedAs {
  /** What the queue calls the job, if a queue runs it: a job that a queue starts again is the same one. */
  readonly id: string;
  /** How many times the queue has started it again, as far as it says. */
  readonly restarts: number;
  /** Which start of the job's script it belongs to, if a script has started it. */
  readonly start: string;
  /** The command that was started several times at once, and which of those it is. */
  readonly step: string;
  readonly rank: string;
}

/** Reads it. */
export function startedAs(env: Environment): StartedAs {
  const first = (names: readonly string[]): string =>
    names.map(env).find((one) => one !== undefined && one !== "") ?? "";
  return {
    id: first(IDS),
    restarts: restartsOf(env),
    start: env(START_VARIABLE) ?? "",
    step: STEPS.map((name) => env(name) ?? "").join("."),
    rank: first(RANKS),
  };
}

/** Slurm counts; LSF and Grid Engine say only that it is not the first time. */
function restartsOf(env: Environment): number {
  const count = Number(env("SLURM_RESTART_COUNT"));
  if (Number.isInteger(count) && count > 0) return count;
  return /^y/i.test(env("LSB_RESTART") ?? "") || env("RESTARTED") === "1" ? 1 : 0;
}

/**
 * Jobs: attempts that run outside this program's own threads and children, started by any command. The port between the
 * executor that writes what a job is to do, and whatever gets it to where it runs.
 */
import type { FailureReason } from "./retry.ts";
import type { Resources } from "./resources.ts";

/** What a template for a command may refer to. */
export interface JobFields {
  /** The name of the task: of the first one, when the job is a pack. */
  readonly task: string;
  /** The call, its name filled out: `train::3`; of the first one, when the job is a pack. The task's name, where it is not known. */
  readonly call?: string;
  /** The identity of the call: 40 hex characters. */
  readonly key: string;
  /** Which try it is, from 1. */
  readonly attempt: number;
  /** The id of the run. */
  readonly run: string;
  /** The label by which the task is sent elsewhere. */
  readonly label: string;
  /** The fields of the input that are texts, numbers or booleans, as texts; absent in a pack of several attempts. */
  readonly input: Readonly<Record<string, string>>;
}

/** One process to be started elsewhere, which runs one attempt, or a pack of them one after another. */
export interface Job {
  /** No other job of any run is called that: `runner-<run>-<number>`. Letters, digits, `.`, `_` and `-` only. */
  readonly name: string;
  /** The absolute path of its own folder: its specification, its logs, its manifest. Exists before the job is launched. */
  readonly folder: string;
  /** The command that does the work, once it runs where it should: `[runner itself…, "exec", <specification>]`. */
  readonly command: readonly [string, ...string[]];
  /** The absolute path of the folder to start it in. */
  readonly cwd: string;
  readonly fields: JobFields;
  /** What it needs: of a pack, what each of its attempts needs. */
  readonly resources: Resources;
  /** How many attempts it runs. */
  readonly size: number;
}

/** How a job came to its end, as far as whoever started it knows. What became of its attempts is in its manifest. */
export interface JobEnd {
  /** Why it ended, if it is known to have ended badly. `undefined`: nothing is known to be wrong. */
  readonly reason:
    | Extract<FailureReason, "oom" | "timeout" | "preempted" | "infra" | "cancelled" | "exit" | "crash">
    | undefined;
  /** The exit code of the command, if there was one. */
  readonly exit: number | undefined;
  /** What happened, in a sentence without a full stop, for whoever has to mend it: which command, on which host, what it said. */
  readonly text: string;
  /** The command to reproduce the submission by hand, ready to be pasted into a shell. */
  readonly command: string | undefined;
  /** It never began: nothing of the task was run. */
  readonly neverBegan?: boolean;
  /** Its queue has lost it, and nothing shows that it was ever started. */
  readonly lost?: boolean;
}

/** A job of a runner that is no more, and by what its queue knows it, if that was noted. */
export interface LeftJob {
  readonly job: Job;
  readonly id: string | undefined;
}

/**
 * What is known of such a job: it may go on; it is over for certain; whoever ran it does not know it, which may change in a moment;
 * or nobody who could tell answers.
 */
export type JobStanding = "on" | "over" | "unknown" | "silent";

/** What a launcher tells. */
export interface LauncherListener {
  /** A job is about to be handed over to a queue: told (and written down by the listener, synchronously) before it is. */
  submitting(jobs: readonly Job[]): void;
  /** A queue has taken a job, and knows it by this id: told at once, also of ids that were found out later. */
  submitted(job: Job, id: string): void;
  /** A job has ended, however that came about. Told once for each job that was launched or adopted, unless it was cancelled by `close`. */
  ended(job: Job, end: JobEnd): void;
  /** Something a user should know. */
  warned(message: string): void;
}

/** Gets jobs to where they run, and knows when they have ended. */
export interface Launcher {
  /** Starts a job; it may be kept for a moment to be started together with others. */
  launch(job: Job): void;
  /**
   * Takes over a job that a runner which is no more had launched. `id` is `undefined` when that runner was about to hand it
   * over and nobody knows whether it did: it is then looked for by its name. A job that is not there has ended, with
   * `neverBegan` when it is certain that no queue ever had it.
   */
  adopt(job: Job, id: string | undefined): void;
  /** Whether jobs of a runner that is no more go on, in their order. Nothing is done to them, and they are not taken over. */
  standing(jobs: readonly LeftJob[]): Promise<readonly JobStanding[]>;
  /** The jobs' results are all there: whatever else is known of their end does not matter any more (a poll may be saved). */
  settled(jobs: readonly Job[]): void;
  /** Ends jobs, launched or not; each is told by `ended` when it is gone. `hard`: without asking first. */
  cancel(jobs: readonly Job[], hard: boolean): void;
  /**
   * Ends all that is left and whatever this launcher uses; resolves when nothing of it is left, or when that has taken too long,
   * which it tells before. Gives ids it could not end.
   */
  close(): Promise<readonly string[]>;
  /** The command that ends jobs by hand, ready to be pasted into a shell; absent, or `undefined`, where there is none. */
  byHand?(jobs: readonly Job[]): string | undefined;
  /** Why a job waits, as its queue has said last; absent, or `undefined`, where nothing is known of that. */
  waitsFor?(job: Job): string | undefined;
  /** The command by which a job that runs was started from here, for a shell; absent, or `undefined`, where a queue starts jobs. */
  sentBy?(job: Job): string | undefined;
}

/** What a launcher is given by the run that it works for. */
export interface LauncherPlace {
  /** The id of the run. */
  readonly run: string;
  /** The absolute path of a folder for whatever belongs to no single job: scripts of arrays, lists. Made when it is needed. */
  readonly folder: string;
  /** The folder that commands are started in. */
  readonly cwd: string;
  /** Calls back after some milliseconds; the returned function calls it off. The only clock a launcher may use. */
  readonly after: (millis: number, callback: () => void) => () => void;
}

/** What is found out about a way of dispatch before anything runs. */
export interface LauncherCheck {
  /** Why it cannot work, and what to do about it; `undefined` when nothing is known to be wrong. */
  readonly problem: string | undefined;
  /** What results depend on besides the task itself: the digest of a container's image. Empty when there is nothing. */
  readonly identity: string;
}

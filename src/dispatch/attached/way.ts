/** What is particular to one way of running jobs as children of this program; `attached.ts` does what all of them share. */
import type { Job, JobEnd } from "../../model/job.ts";
import type { Exit } from "./exits.ts";

/** How a job is begun. */
export interface Start {
  /** The whole command line of the child. */
  readonly command: readonly [string, ...string[]];
  /** Where the work is done, for messages: `host build7`. */
  readonly where: string;
}

/** What a way makes of an exit: what it knows better than `readExit`. */
export type Reading = Pick<JobEnd, "reason" | "text" | "neverBegan">;

/** A job that a runner which is no more had begun, as its way finds it. */
export type Found =
  /** It is over, or was ended just now. */
  | { readonly kind: "over"; readonly end: JobEnd }
  /** It runs still: this command runs as long as it does; `read` says what its output means. */
  | {
    readonly kind: "running";
    readonly command: readonly [string, ...string[]];
    readonly read: (exit: Exit, output: string) => JobEnd;
  };

/** One way of dispatch. */
export interface Way {
  /**
   * The command that runs a job until it is over.
   *
   * @throws {Error} when there can be none; it says why, and the job never began.
   */
  start(job: Job): Start;
  /** Reads an exit, if it means something particular. `said` is the last line of the job's error output. */
  read(job: Job, exit: Exit, said: string | undefined): Promise<Reading | undefined>;
  /**
   * Ends what is left of a job elsewhere once its child is gone: a container, processes on another host.
   *
   * @param by whether the child was ended by us, came to its end as it should, or by a signal from elsewhere.
   * @returns what could not be ended, or `undefined` when nothing is left.
   */
  clear(job: Job, by: "us" | "itself" | "signal"): Promise<string | undefined>;
  /** Finds a job of a runner that is no more, apart from its local processes, which are gone by then unless `keep` holds. */
  find?(job: Job, id: string | undefined, local: LocalRest): Promise<Found>;
  /** Ends whatever this way uses. Gives what it could not end. */
  close(): Promise<readonly string[]>;
}

/** What of a dead runner's job is left on this host. */
export interface LocalRest {
  /** Whether processes of it run. */
  readonly alive: boolean;
  /** Ends them, and resolves when they are gone. */
  readonly end: () => Promise<void>;
}

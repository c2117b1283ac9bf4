/** What is particular to one way of running jobs as children of this program; `attached.ts` does what all of them share. */
import type { Job, JobEnd, JobStanding } from "../../model/job.ts";
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

/** One way of dispatch. */
export interface Way {
  /**
   * The command that runs a job until it is over.
   *
   * @throws {Error} when there can be none; it says why, and the job never began.
   */
  start(job: Job): Start;
  /**
   * Asks a job to end where it runs, while its child is there to hear what it says; the child is ended when that is done. Without
   * this the child is asked, and passes it on.
   */
  ask?(job: Job): Promise<void>;
  /** Reads an exit, if it means something particular. `log` is the end of the job's error output. */
  read(job: Job, exit: Exit, log: string): Promise<Reading | undefined>;
  /**
   * Ends what is left of a job elsewhere once its child is gone: a container, processes on another host.
   *
   * @param by whether the child was ended by us, came to its end by itself, or by a signal from elsewhere.
   * @param exit how it ended, as far as that is known; `SIGKILL` when we have killed it, since its time was up.
   * @returns what could not be ended, or `undefined` when nothing is left.
   */
  clear(job: Job, by: "us" | "itself" | "signal", exit?: Exit): Promise<string | undefined>;
  /**
   * What is known of jobs without regard to their children: where they run, if that is elsewhere. `undefined` where there is nothing
   * to be seen of a job; absent where there never is.
   */
  standing?(jobs: readonly Job[]): Promise<readonly (JobStanding | undefined)[]>;
  /** Ends whatever this way uses. Gives what it could not end. */
  close(): Promise<readonly string[]>;
  /**
   * Whether processes that left the group of a job belong to it all the same: they carry its name in their environment, and end
   * with it. Not so where the command starts what serves others too.
   */
  readonly strays: boolean;
}

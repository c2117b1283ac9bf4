/** The port between the machinery that all batch queues share and the commands of one of them. */
import type { Job, JobEnd } from "../../model/job.ts";

/** What a queue says of a job. */
export type JobState =
  | {
    readonly kind: "waiting";
    /** Why, in the queue's own word, where it tells one. */
    readonly why?: string;
    /** It may wait for ever. */
    readonly stuck?: true;
    /** How many times the queue has taken it back after it had been started, where the queue counts that. */
    readonly restarts?: number;
  }
  | { readonly kind: "running" }
  | {
    readonly kind: "ended";
    readonly reason: JobEnd["reason"];
    readonly exit: number | undefined;
    /** What the queue says, for people. */
    readonly says: string;
    /** The machine it was on, where that is known. */
    readonly host?: string;
    /** How many times it had been started again, where the queue counts that. */
    readonly restarts?: number;
    /** The machine that failed it, where it was the machine's fault. */
    readonly badHost?: string;
    /** Accounts may know more of it: who cancelled it. */
    readonly vague?: true;
  };

/** Jobs that are submitted by one act. */
export interface Submission {
  readonly jobs: readonly Job[];
  /** The name they are submitted by: that of the first one. */
  readonly name: string;
  /** The absolute path of the script that runs the element whose number it finds in the environment. */
  readonly script: string;
  /** Machines to stay away from. */
  readonly avoid: readonly string[];
}

/** The commands of a queue. */
export interface Queue {
  /** What it is called in messages. */
  readonly name: string;
  /** The variable in which an element of an array finds its number, from 0 up. */
  readonly indexVariable: string;
  /** What is taken from the number in that variable to get one from 0 up. */
  readonly firstIndex: number;
  /** The variable in which a job finds how many times it has been started again; absent where there is none. */
  readonly restartVariable?: string;
  /** It forgets jobs as soon as they are over: one that it does not know has ended as jobs do. */
  readonly forgets?: true;
  /** The most jobs that one submission may hold. */
  readonly most: number;
  /** The same as this site has it; asked once, before there is an array. */
  readonly siteMost?: () => Promise<number>;
  /**
   * What distinguishes a job for the queue, besides its needs: jobs that differ in it are not submitted together.
   *
   * @throws {RangeError} when the rule asks for what the job does not have.
   */
  kindOf(job: Job): string;
  /**
   * Submits jobs; gives the id of each, in order.
   *
   * @throws {QueueError} with what the queue says.
   */
  submit(submission: Submission): Promise<readonly string[]>;
  /** What the queue knows of jobs; whom it does not know is absent. */
  states(ids: readonly string[]): Promise<ReadonlyMap<string, JobState>>;
  /** The same from accounting or logs, for those the queue does not know any more. */
  past(ids: readonly string[]): Promise<ReadonlyMap<string, JobState>>;
  /** The ids of what was submitted by a name, as many as there are elements; `undefined` when there is nothing. */
  find(name: string, count: number): Promise<readonly string[] | undefined>;
  /** Ends jobs; those that have ended already are no problem. */
  cancel(ids: readonly string[]): Promise<void>;
  /** The command that submits by hand, and the one that ends jobs. */
  byHand(submission: Submission): string;
  cancelByHand(ids: readonly string[]): string;
}

/** A command of a queue that did not do what it was to do. */
export class QueueError extends Error {
  override readonly name = "QueueError";
  /** `transient`: it may work in a moment. `full`: it may work when other jobs have ended. */
  constructor(message: string, readonly transient: boolean, readonly full = false) {
    super(message);
  }
}

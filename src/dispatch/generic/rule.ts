/** The rule of jobs through any queue that has a command to submit, one to ask and one to cancel. */
import type { QueueOptions } from "../slurm/rule.ts";

/** What a queue says of a job: it waits, it runs, it is over; or, of one that is over, why. */
export type GenericState =
  | "waiting"
  | "running"
  | "done"
  | "failed"
  | "oom"
  | "timeout"
  | "preempted"
  | "infra"
  | "cancelled";

/** What `generic` takes. Commands are texts that are split as a shell would, or their words. */
export interface GenericOptions extends QueueOptions {
  /** Submits a job: `{script}` is the file to run; the fields of prefixes stand for what the job is. */
  readonly submit: string | readonly string[];
  /** Where the id stands in what that prints: its first group; default the first number. */
  readonly parseId?: RegExp | string;
  /** Asks about jobs: `{ids}` as a word of its own becomes one word for each, within a word they are parted by commas. */
  readonly status: string | readonly string[];
  /** Cancels jobs, in the same way. */
  readonly cancel: string | readonly string[];
  /**
   * What the words for states mean; the status command prints lines of an id and a word. Jobs it leaves out are over; one with a
   * word that nobody has explained is still there.
   */
  readonly states?: Readonly<Record<string, GenericState>>;
  /** Reads what the status command prints, where that is no list of lines. */
  readonly parseStatus?: (text: string) => Readonly<Record<string, GenericState>>;
}

/** Jobs go through commands. */
export interface GenericRule extends GenericOptions {
  /** The backend. */
  readonly backend: "generic";
}

/** Sends jobs through a queue of which nothing is known but these commands. */
export function generic(options: GenericOptions): GenericRule {
  return { backend: "generic", ...options };
}

/** What a job is to do, and where it and its run leave each other what they have to say. */
import type { BatchMessage, FromHost, OpenMessage, ToHost } from "../protocol.ts";
import type { TimeoutRule } from "../../model/timeout.ts";
import type { StartedAs } from "./started_as.ts";

/** The version of the form in which jobs and runs talk; another one is refused. */
export const JOB_FORMAT = 4;
/** The file in a job's folder that says what it is to do. */
export const SPEC_FILE = "job";
/** The file that whoever runs the job, or makes sure that nobody ever will, has made: there is only one. */
export const CLAIM_FILE = "claim";
/** The file that says which attempt of a pack is under way. */
export const PROGRESS_FILE = "progress";
/** In a job's folder: the items of which the run has been told, as JSON; a queue may start the job again. */
export const TOLD_FILE = "told";
/** The file by which a job says that it has ended an attempt that had run out of time: which one, and by which limit. */
export const TIMEOUT_FILE = "timed-out";
/** The file by which whoever has run the job says that it has done so to the end. */
export const OVER_FILE = "over";
/** The folder with letters to the job. */
export const INBOX = "inbox";
/** Where a command that starts a job leaves what it prints. */
export const COMMAND_OUTPUT: { readonly stdout: string; readonly stderr: string } = {
  stdout: "out.txt",
  stderr: "err.txt",
};

/** What a job is to do. */
export interface JobSpec {
  readonly format: typeof JOB_FORMAT;
  /** The version of the program that wrote it. */
  readonly version: string;
  /** The name of the job. */
  readonly name: string;
  /** The host that wrote it, its process there. */
  readonly host: string;
  readonly pid: number;
  /** Where its letters to the run go; their names begin with the job's number. */
  readonly outbox: string;
  readonly number: number;
  /** The file whose time of change tells that the run is alive; empty for jobs that outlive their run. */
  readonly alive: string;
  readonly open: OpenMessage;
  readonly batch: BatchMessage;
  /** The time limits of each attempt, in milliseconds; 0 is without limit. */
  readonly timeout: TimeoutRule;
  /** What is left, in milliseconds, of the time for all attempts of its only item; 0 where that is without limit. */
  readonly timeLeft: number;
}

/** Who has taken a job. */
export interface Claim extends Partial<StartedAs> {
  /** `run`: it is being run; `revoke`: nobody may run it any more. */
  readonly by: "run" | "revoke";
  readonly host: string;
  readonly pid: number;
  /** When the process began, and where its number means the same: empty where nobody tells. */
  readonly started?: string;
  readonly space?: string;
}

/** A letter of a job: something its host says. */
export type FromJob = FromHost;

/** A letter to a job. */
export type ToJob =
  | Extract<ToHost, { kind: "cancel" | "reply" }>
  /** Another run has taken the job over: what was asked and not answered is asked again. */
  | { readonly kind: "adopted" };

/** The name of a job's letter in the outbox of its run. */
export function outboxName(number: number, letter: string): string {
  return `${number}.${letter}`;
}

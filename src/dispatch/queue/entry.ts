/** What a launcher knows of a job that its queue has, or is to have. Pure. */
import type { Job } from "../../model/job.ts";
import type { JobState, Submission } from "./queue.ts";

/** A job that has not ended. */
export interface Entry {
  readonly job: Job;
  /** What distinguishes it for the queue, besides its needs. */
  kind: string;
  id: string | undefined;
  state: "gathered" | "submitting" | "out";
  /** Answers in a row that did not know it. */
  misses: number;
  /** Answers in a row by which it has failed without having begun. */
  doubts: number;
  /** The last of them. */
  doubted: JobState | undefined;
  /** How many times its queue had taken it back, as far as that was told. */
  restarts: number;
  /** Why it waits, as its queue has said last; and why it may do so for ever, as far as that was told. */
  why: string | undefined;
  stuck: string | undefined;
  cancelled: boolean;
  submission: Submission | undefined;
}

/** What is known of a job that has just come. */
export function newEntry(job: Job, state: Entry["state"]): Entry {
  return {
    job,
    kind: "",
    id: undefined,
    state,
    misses: 0,
    doubts: 0,
    doubted: undefined,
    restarts: 0,
    why: undefined,
    stuck: undefined,
    cancelled: false,
    submission: undefined,
  };
}

/** What the queue calls a job; or we, where it has not told. */
export function nameOf({ id, job }: Entry): string {
  return id ?? job.name;
}

/** The end of a job that was cancelled before it was submitted. */
export const TOO_EARLY: { readonly text: string; readonly neverBegan: true } = {
  text: "it was cancelled before it was submitted",
  neverBegan: true,
};

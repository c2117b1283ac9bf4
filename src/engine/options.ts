/** What a run can be told, and what it gives back. */
import type { RunEvent, RunStats, Transition } from "../model/event.ts";
import type { FailurePolicy } from "../schedule/state.ts";

/** Where results are kept: a folder, the memory of this process, or nowhere. */
export type CacheChoice = string | "memory" | "none" | {
  /** The folder. */
  readonly path: string;
  /** Use its entries, but store none; default `false`. */
  readonly readOnly?: boolean;
};

/** Listens to a run. What it throws is reported once and hurts nothing. */
export interface Reporter {
  /** Takes an event. */
  handle(event: RunEvent): void;
}

/** How a run is to go. */
export interface RunOptions {
  /** Where results are kept; default the folder `.runner/cache`. */
  readonly cache?: CacheChoice;
  /** How many threads; default as many as processors. */
  readonly workers?: number;
  /** How many tasks may run at once; default as many as workers. */
  readonly parallel?: number;
  /** After a failure: start nothing new (`"stop"`, the default), go on with what does not depend on it, or end what runs. */
  readonly onFailure?: FailurePolicy;
  /** Run again what is up to date: everything, or the tasks of these names; default `false`. */
  readonly force?: boolean | readonly string[];
  /** Where runs keep their logs; default `.runner`. */
  readonly state?: string;
  /** Cancels the run: nothing starts any more, and running tasks are asked to stop (`ctx.signal`). */
  readonly signal?: AbortSignal;
  /** Ends the run at once: running tasks are ended, not asked. */
  readonly kill?: AbortSignal;
  /** Who is told what happens. */
  readonly reporter?: Reporter | readonly Reporter[];
  /** Told of every change of a node's state. */
  readonly onTransition?: (transition: Transition) => void;
}

/** What a run gives. */
export interface RunResult<Value> {
  /** The value of what was wanted, in the shape it was wanted in. */
  readonly value: Value;
  /** The counts. */
  readonly stats: RunStats;
  /** The id of the run. */
  readonly run: string;
  /** Why results were not stored in the cache, if that failed; the value is right all the same. */
  readonly notStored?: string;
}

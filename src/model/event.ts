/** What a run tells: one union of events, read by reporters, callbacks and histories. */
import type { Cause } from "./cause.ts";
import type { NodeFailure } from "./failure.ts";
import type { NodeState } from "./state.ts";
import type { TimeoutKind } from "./timeout.ts";

/** A run has its graph and starts. */
export interface RunStarted {
  /** What happened. */
  readonly kind: "run-started";
  /** The id of the run. */
  readonly run: string;
  /** Unix time, milliseconds. */
  readonly time: number;
  /** How many calls. */
  readonly nodes: number;
  /** How many threads there may be. */
  readonly workers: number;
  /** How long the rest will take, judged by earlier runs; `undefined` while too little is known. Asked as often as is wanted. */
  readonly estimate?: () => Estimate | undefined;
}
/** How long the rest of a run will take. */
export interface Estimate {
  /** Milliseconds. */
  readonly millis: number;
  /** The share of the work that is left whose duration is known, 0 to 1. */
  readonly known: number;
}
/** More calls have joined the graph. */
export interface NodesAdded {
  /** What happened. */
  readonly kind: "nodes-added";
  /** How many calls. */
  readonly nodes: number;
}
/** A node has changed its state. */
export interface Transition {
  /** What happened. */
  readonly kind: "transition";
  /** The number of the node in its run. */
  readonly node: number;
  /** Worked out when it is read. */
  readonly call: string;
  /** The task's name. */
  readonly task: string;
  /** The identity of the call. */
  readonly key: string;
  /** The state it was in. */
  readonly from: NodeState;
  /** The state it is in now. */
  readonly to: NodeState;
  /** Unix time, milliseconds. */
  readonly time: number;
  /** How long its last attempt took, in milliseconds, when it has succeeded. */
  readonly millis?: number | undefined;
  /** Why it runs, when it is about to; worked out when it is read. */
  readonly causes?: readonly Cause[];
  /** When the attempt that runs has printed something, Unix time in milliseconds: 0 before it has; `undefined` where that is not known. */
  readonly lastPrinted?: () => number | undefined;
}
/** Input files of a running call have changed, so it is run again when its attempt has ended. */
export interface NodeRestarted {
  /** What happened. */
  readonly kind: "node-restarted";
  /** The number of the node in its run. */
  readonly node: number;
  /** The call, readable. */
  readonly call: string;
  /** The files. */
  readonly paths: readonly string[];
}
/** At the end of a run: calls that were not run, and why. */
export interface CallsNotRun {
  /** What happened. */
  readonly kind: "calls-not-run";
  /** How many there are. */
  readonly count: number;
  /** The first of them. */
  readonly calls: readonly { readonly call: string; readonly why: string }[];
}
/** A task has said that there is nothing to do, and why. */
export interface NodeSkipped {
  /** What happened. */
  readonly kind: "node-skipped";
  /** The number of the node in its run. */
  readonly node: number;
  /** The call, readable. */
  readonly call: string;
  /** What the task said. */
  readonly why: string;
}
/** Output files that were missing or edited have been brought back from the cache. */
export interface OutputsRestored {
  /** What happened. */
  readonly kind: "outputs-restored";
  /** The number of the node in its run. */
  readonly node: number;
  /** The call, readable. */
  readonly call: string;
  /** The paths. */
  readonly paths: readonly string[];
}
/** A task asks whoever sits at the terminal: displays make room until `prompt-ended`. */
export interface PromptBegan {
  /** What happened. */
  readonly kind: "prompt-began";
  /** The call, readable. */
  readonly call: string;
}
/** Somebody has asked the run to stop, by `runner cancel`. */
export interface StopAsked {
  /** What happened. */
  readonly kind: "stop-asked";
  /** Whether running tasks are ended at once, by `--now`. */
  readonly now: boolean;
}
/** The terminal is free again. */
export interface PromptEnded {
  /** What happened. */
  readonly kind: "prompt-ended";
}
/** An attempt has failed and will be tried again. */
export interface AttemptEnded {
  /** What happened. */
  readonly kind: "attempt-ended";
  /** The number of the node in its run. */
  readonly node: number;
  /** The call, readable. */
  readonly call: string;
  /** The task's name. */
  readonly task: string;
  /** The identity of the call. */
  readonly key: string;
  /** Which try it was, from 1. */
  readonly attempt: number;
  /** How it ended. */
  readonly outcome: "failed" | "timed-out";
  /** Which time limit of its task it had reached, if it was one of those. */
  readonly timeout?: TimeoutKind;
  /** The name of the error's class. */
  readonly error: string;
  /** What the error says, its first line. */
  readonly message?: string;
  /** Where what it had in `ctx.directory` was kept, if it was. */
  readonly directory?: string;
  /** The pause before the next attempt, in milliseconds. */
  readonly retryInMillis: number;
}
/** A node has failed for good. */
export interface NodeFailed {
  /** What happened. */
  readonly kind: "node-failed";
  /** The number of the node in its run. */
  readonly node: number;
  /** Everything about the failure. */
  readonly failure: NodeFailure;
}
/** Something a user should know that does not fail the run. */
export interface Warning {
  /** What happened. */
  readonly kind: "warning";
  /** The text. */
  readonly message: string;
}
/** The run is over. */
export interface RunEnded {
  /** What happened. */
  readonly kind: "run-ended";
  /** The id of the run. */
  readonly run: string;
  /** Unix time, milliseconds. */
  readonly time: number;
  /** The counts. */
  readonly stats: RunStats;
}

/** What happened in a run, as told to whoever listens. */
export type RunEvent =
  | RunStarted
  | NodesAdded
  | Transition
  | NodeSkipped
  | NodeRestarted
  | CallsNotRun
  | OutputsRestored
  | PromptBegan
  | PromptEnded
  | StopAsked
  | AttemptEnded
  | NodeFailed
  | Warning
  | RunEnded;

/** The counts of a run. */
export interface RunStats {
  /** How many calls the graph had. */
  readonly nodes: number;
  /** Calls whose task ran and succeeded. */
  readonly ran: number;
  /** Calls with a valid entry. */
  readonly upToDate: number;
  /** Calls that failed. */
  readonly failed: number;
  /** Calls whose task said that there is nothing to do. */
  readonly skipped: number;
  /** Calls that did not run: their upstream failed, or the run was stopped. */
  readonly notRun: number;
  /** Calls that did not run because a selection left them out. */
  readonly leftOut?: number;
  /** Whether the run was cancelled. */
  readonly cancelled?: boolean;
  /** Seconds from start to end. */
  readonly seconds: number;
  /** Calls that ran, by task name. */
  readonly ranByTask: Readonly<Record<string, number>>;
  /** Threads that could not be stopped and were left behind. */
  readonly abandoned: number;
}

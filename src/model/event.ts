/** What a run tells: one union of events, read by reporters, callbacks and histories. */
import type { NodeFailure } from "./failure.ts";
import type { NodeState } from "./state.ts";

/** A run has its graph and starts. */
export interface RunStarted {
  readonly kind: "run-started";
  readonly run: string;
  readonly time: number;
  readonly nodes: number;
  readonly workers: number;
}
/** More calls have joined the graph. */
export interface NodesAdded {
  readonly kind: "nodes-added";
  readonly nodes: number;
}
/** A node has changed its state. */
export interface Transition {
  readonly kind: "transition";
  readonly node: number;
  /** Worked out when it is read. */
  readonly call: string;
  readonly task: string;
  readonly key: string;
  readonly from: NodeState;
  readonly to: NodeState;
  readonly time: number;
}
/** An attempt has failed and will be tried again. */
export interface AttemptEnded {
  readonly kind: "attempt-ended";
  readonly node: number;
  readonly call: string;
  readonly task: string;
  readonly key: string;
  readonly attempt: number;
  readonly outcome: "failed" | "timed-out";
  /** The name of the error's class. */
  readonly error: string;
  /** The pause before the next attempt, in milliseconds. */
  readonly retryInMillis: number;
}
/** A node has failed for good. */
export interface NodeFailed {
  readonly kind: "node-failed";
  readonly node: number;
  readonly failure: NodeFailure;
}
/** Something a user should know that does not fail the run. */
export interface Warning {
  readonly kind: "warning";
  readonly message: string;
}
/** The run is over. */
export interface RunEnded {
  readonly kind: "run-ended";
  readonly run: string;
  readonly time: number;
  readonly stats: RunStats;
}

/** What happened in a run, as told to whoever listens. */
export type RunEvent = RunStarted | NodesAdded | Transition | AttemptEnded | NodeFailed | Warning | RunEnded;

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
  /** Calls that did not run: their upstream failed, or the run was stopped. */
  readonly skipped: number;
  /** Seconds from start to end. */
  readonly seconds: number;
  /** Calls that ran, by task name. */
  readonly ranByTask: Readonly<Record<string, number>>;
  /** Threads that could not be stopped and were left behind. */
  readonly abandoned: number;
}

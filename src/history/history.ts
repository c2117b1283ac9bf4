/** What is remembered of runs: the port through which they are noted, and what can be asked of them later. */
import type { RunStats } from "../model/event.ts";
import type { NodeState } from "../model/state.ts";

/** How long calls are expected to take, in milliseconds: moving averages of successful attempts. */
export interface Durations {
  /** By task: the average over its calls. */
  readonly task: ReadonlyMap<string, number>;
  /** By name of the call, filled out. */
  readonly call: ReadonlyMap<string, number>;
}

/** Takes note of runs. Nothing here throws: without a history a run is what it is with one. */
export interface History {
  /** What earlier runs took. */
  durations(): Durations;
  /** Notes a run, all or nothing. */
  record(run: RunRecord): void;
  /** Lets go of everything. */
  close(): void;
  /** What a user should know; at most one text. */
  warnings(): readonly string[];
  /** Why a run could not be noted, where there was no room for it. */
  readonly unwritten: string | undefined;
}

/** How a run ended. */
export type RunStatus = "ok" | "failed" | "cancelled";

/** A run, to be noted. */
export interface RunRecord {
  /** Its id. */
  readonly run: string;
  /** Unix time, milliseconds. */
  readonly started: number;
  /** Unix time, milliseconds. */
  readonly ended: number;
  /** What was asked for, as a command. */
  readonly command?: string;
  readonly status: RunStatus;
  readonly stats: RunStats;
  /** Its nodes; those that did not run are passed over. */
  readonly nodes: readonly NodeRecord[];
}

/** A node of a run, to be noted. `call`, `key` and what follows are read only of nodes that are kept. */
export interface NodeRecord {
  readonly call: string;
  readonly task: string;
  readonly key: string;
  readonly state: NodeState;
  /** Unix time, milliseconds. */
  readonly started: number;
  /** How long its last attempt took. */
  readonly millis: number;
  readonly attempts: number;
  /** Why it ran, as text. */
  readonly causes: string | undefined;
  /** What went wrong, in a line. */
  readonly error?: string | undefined;
  /** What its result rests on besides the key: with another code, another outcome is no sign of flakiness. */
  readonly validity?: string;
}

/** A run, as it was noted. */
export interface PastRun {
  readonly run: string;
  readonly started: number;
  readonly ended: number;
  readonly command: string | undefined;
  readonly status: RunStatus;
  readonly stats: RunStats;
}

/** A call that ran, as it was noted. */
export interface PastNode {
  readonly call: string;
  readonly task: string;
  readonly key: string;
  readonly state: NodeState;
  readonly started: number;
  readonly millis: number;
  readonly attempts: number;
  readonly causes: string | undefined;
  readonly error: string | undefined;
}

/** A task, over all runs. */
export interface PastTask {
  readonly task: string;
  /** What a call of it is expected to take, in milliseconds; `undefined` when none has succeeded. */
  readonly millis: number | undefined;
  readonly succeeded: number;
  readonly failed: number;
}

/** A call that ended in different ways with the same key. */
export interface FlakyCall {
  readonly call: string;
  readonly task: string;
  readonly key: string;
  readonly succeeded: number;
  readonly failed: number;
  /** How often it succeeded only after a failed attempt. */
  readonly retried: number;
  readonly error: string | undefined;
}

/** What the scheduler is told: past participles, the only way in. */
import type { FailureReason, RetryRule } from "../model/retry.ts";

/** What all nodes of one task have in common. */
export interface Group {
  /** Which kind of lane they run on; lanes take nodes of one kind at a time. */
  readonly pool: string;
  /** When a failed attempt is tried again. */
  readonly retry: RetryRule;
  /** Never share a lane with other nodes (they have a time limit, or an own process). */
  readonly single: boolean;
  /** Ask the cache before running. */
  readonly lookup: boolean;
}

/** A node as the scheduler sees it. */
export interface NodeSpec {
  /** The index of its group. */
  readonly group: number;
  /** The nodes it waits for; a node may stand in it more than once. */
  readonly upstreams: readonly number[];
  /** Its `deps` can only be evaluated once its upstreams are computed. */
  readonly open: boolean;
  /** Somebody outside the graph wants its value: never release it. */
  readonly kept: boolean;
}

/** Groups have been added; their indices follow on. */
export interface GroupsAdded {
  readonly kind: "groups-added";
  readonly groups: readonly Group[];
}
/** Nodes have been added; their indices follow on. */
export interface NodesAdded {
  readonly kind: "nodes-added";
  readonly nodes: readonly NodeSpec[];
}
/** The cache was asked. A hit may itself stand for calls that must be computed (`follow`). */
export interface LookupAnswered {
  readonly kind: "lookup-answered";
  readonly node: number;
  readonly hit: boolean;
  readonly follow?: readonly number[];
}
/** `deps` was evaluated. */
export interface Expanded {
  readonly kind: "expanded";
  readonly node: number;
  readonly upstreams: readonly number[];
}
/** A followed node's value is there. */
export interface Resolved {
  readonly kind: "resolved";
  readonly node: number;
}
/** An attempt succeeded; with `follow`, its result is made of these calls' values. */
export interface AttemptSucceeded {
  readonly kind: "attempt-succeeded";
  readonly node: number;
  readonly millis: number;
  readonly follow?: readonly number[];
}
/** An attempt failed; `vary` (0 up to 1) stands for chance in the pause before the next one. */
export interface AttemptFailed {
  readonly kind: "attempt-failed";
  readonly node: number;
  readonly reason: FailureReason;
  readonly errorName: string;
  readonly retriable: boolean;
  readonly vary: number;
}
/** An attempt was cancelled. */
export interface AttemptCancelled {
  readonly kind: "attempt-cancelled";
  readonly node: number;
}
/** Attempts never began, through no fault of theirs: taken back, or their worker was lost before their turn. */
export interface Recalled {
  readonly kind: "recalled";
  readonly nodes: readonly number[];
}
/** Stored results of these upstreams are gone, which was noticed when `node` was to use them (-1: whoever wants the run's value). */
export interface ResultsLost {
  readonly kind: "results-lost";
  readonly node: number;
  readonly during: "attempt" | "expand" | "resolve" | "end";
  readonly upstreams: readonly number[];
}
/** The pause before a retry is over. */
export interface PauseEnded {
  readonly kind: "pause-ended";
  readonly node: number;
}
/** A node can never succeed although nothing of it ran: its `deps` threw, for one. */
export interface NodeRefused {
  readonly kind: "node-refused";
  readonly node: number;
}
/** The run was asked to stop: nothing starts any more, running attempts are cancelled. */
export interface CancelAsked {
  readonly kind: "cancel-asked";
  readonly hard: boolean;
}

/** Several things happened; lanes are filled when all of them have been taken in. */
export interface Together {
  readonly kind: "together";
  readonly inputs: readonly Input[];
}

/** One thing that happened. */
export type Input =
  | Together
  | GroupsAdded
  | NodesAdded
  | LookupAnswered
  | Expanded
  | Resolved
  | AttemptSucceeded
  | AttemptFailed
  | AttemptCancelled
  | Recalled
  | ResultsLost
  | PauseEnded
  | NodeRefused
  | CancelAsked;

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
  /** Named mutual exclusions that its nodes hold while they run, and while their attempts wait. */
  readonly locks: readonly string[];
  /** Nodes of lower waves finish before those of higher ones start; a wave that has begun goes on beside later ones. */
  readonly wave: number;
  /** Higher ones start first where the critical path does not decide. */
  readonly priority: number;
  /** What a node takes of rooms while it runs. */
  readonly needs: readonly (readonly [room: string, amount: number])[];
  /** In a pool with lanes of its own: how many nodes go out together, at most, or for how many milliseconds of work. */
  readonly pack?: { readonly count: number; readonly millis: number };
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
  /** It starts only when nothing else of its wave is left to do, and nothing has failed. */
  readonly conditional?: boolean;
  /** Nodes of one chunk that are ready together are handed out together, unless they must be alone or need locks. */
  readonly chunk?: number;
}

/** Groups have been added; their indices follow on. */
export interface GroupsAdded {
  readonly kind: "groups-added";
  readonly groups: readonly Group[];
}
/** So much there is of rooms; a room that was never set is without end. */
export interface RoomsSet {
  readonly kind: "rooms-set";
  readonly rooms: readonly (readonly [room: string, capacity: number])[];
}
/** Pools that have lanes of their own, and how many. */
export interface PoolsSet {
  readonly kind: "pools-set";
  readonly pools: readonly (readonly [pool: string, lanes: number])[];
}
/** A node that was to start could not, since somebody outside has the room: nothing starts in it until it is opened. */
export interface RoomRefused {
  readonly kind: "room-refused";
  readonly node: number;
  readonly room: string;
}
/** A room that was refused may be tried again. */
export interface RoomOpened {
  readonly kind: "room-opened";
  readonly room: string;
}
/** Nodes have been added; their indices follow on. */
export interface NodesAdded {
  readonly kind: "nodes-added";
  readonly nodes: readonly NodeSpec[];
}
/**
 * The cache was asked. A hit may itself stand for calls that must be computed (`follow`); where the answer depends on calls
 * that the task made the last time (`first`), it is asked again when they have come to their ends, good or bad.
 */
export interface LookupAnswered {
  readonly kind: "lookup-answered";
  readonly node: number;
  readonly hit: boolean;
  /** What is there was made for this run, by an attempt that took so many milliseconds: the node has run. */
  readonly made?: number;
  readonly follow?: readonly number[];
  readonly first?: readonly number[];
  /** The node may not run in this run: it is cancelled. */
  readonly leftOut?: true;
  /** It belongs to this group from now on: only now is it known what it needs. */
  readonly group?: number;
}
/** The cache was asked, and has valid entries of these nodes, of which nothing more is to be said. */
export interface EntriesFound {
  readonly kind: "entries-found";
  readonly nodes: readonly number[];
}
/**
 * How long nodes are expected to take, in milliseconds, from earlier runs: by group, and for single nodes. It counts for nodes
 * that have not been ready yet when it is told; best told with the nodes, or before.
 */
export interface DurationsLearned {
  readonly kind: "durations-learned";
  readonly groups: readonly (readonly [group: number, millis: number])[];
  readonly nodes: readonly (readonly [node: number, millis: number])[];
}
/**
 * A running attempt waits for other nodes, and gives its place away. It may wait for more while it waits. A wait is over when
 * all nodes of `on` have succeeded, or one of them never will; when all waits of an attempt are over, `wait-over` is due.
 */
export interface AttemptWaits {
  readonly kind: "attempt-waits";
  readonly node: number;
  readonly on: readonly number[];
}
/** A waiting attempt has what it waited for, or was told that it never will: it goes on when its lane has room (`resume`). */
export interface WaitOver {
  readonly kind: "wait-over";
  readonly node: number;
}
/** `deps` was evaluated. */
export interface Expanded {
  readonly kind: "expanded";
  readonly node: number;
  readonly upstreams: readonly number[];
  /** It was found that it starts only when nothing else of its wave is left to do, and nothing has failed. */
  readonly conditional?: boolean;
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
  /** The task said that there was nothing to do. */
  readonly skipped?: true;
}
/** An attempt failed; `vary` (0 up to 1) stands for chance in the pause before the next one. */
export interface AttemptFailed {
  readonly kind: "attempt-failed";
  readonly node: number;
  readonly reason: FailureReason;
  readonly errorName: string;
  readonly retriable: boolean;
  /** It counts, whatever the reason. */
  readonly counts?: true;
  readonly vary: number;
  /** The exit code, where there was one. */
  readonly exit?: number;
  /** The milliseconds that are left for all attempts of it, where that is limited: a pause that takes them is not made. */
  readonly left?: number;
  /** It belongs to this group from now on: its next attempt is to have more. */
  readonly group?: number;
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
  readonly during: "attempt" | "look-up" | "expand" | "resolve" | "end";
  readonly upstreams: readonly number[];
}
/** The pause before a retry is over. */
export interface PauseEnded {
  readonly kind: "pause-ended";
  readonly node: number;
}
/** An attempt's inputs changed while it ran or waited: it does not count, and the node is looked up and run anew. */
export interface AttemptOutdated {
  readonly kind: "attempt-outdated";
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
  | RoomsSet
  | PoolsSet
  | RoomRefused
  | RoomOpened
  | NodesAdded
  | LookupAnswered
  | EntriesFound
  | DurationsLearned
  | Expanded
  | Resolved
  | AttemptSucceeded
  | AttemptFailed
  | AttemptCancelled
  | AttemptOutdated
  | AttemptWaits
  | WaitOver
  | Recalled
  | ResultsLost
  | PauseEnded
  | NodeRefused
  | CancelAsked;

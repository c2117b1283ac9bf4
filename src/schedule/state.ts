/** What the scheduler knows: the tables of nodes, edges, lanes and queues. Changed by `step` alone. */
import type { Group } from "./input.ts";
import { NumberQueue, Numbers } from "./table.ts";

/** What to do with the rest of a run once a task has failed. */
export type FailurePolicy = "stop" | "keep-going" | "kill";

/** One stream of attempts that run one after another. */
export interface Lane {
  /** The kind of lane its nodes ask for, while there are any. */
  pool: string;
  /** The nodes handed to it whose attempts have not ended. */
  readonly running: Set<number>;
}

/** Bits of a node's flags. */
export const OPEN = 1,
  FOLLOWING = 2,
  FROM_CACHE = 4,
  KEPT = 8,
  PAUSING = 16,
  FRESH = 32,
  RELEASED = 64,
  RESOLVING = 128;

/** The scheduler's memory. */
export interface ScheduleState {
  /** How many lanes there may be. */
  readonly parallel: number;
  /** What happens after a failure. */
  readonly policy: FailurePolicy;
  /** By node: its state, as an index of `STATES`. */
  readonly states: Numbers;
  /** By node: its group. */
  readonly groupOf: Numbers;
  /** By node: how many of its upstream edges lead to unfinished nodes; kept up to date while it is blocked. */
  readonly pending: Numbers;
  /** By node: how many of its dependents have not finished. */
  readonly waiting: Numbers;
  /** By node: attempts begun. */
  readonly attempts: Numbers;
  /** By node: the bits above. */
  readonly flags: Numbers;
  /** By node: its first edge to a dependent, or -1; by edge: the next one, and where it leads. */
  readonly firstEdge: Numbers;
  readonly nextEdge: Numbers;
  readonly edgeTo: Numbers;
  /** By node: its first edge to an upstream, or -1; by edge: the next one, and where it leads. */
  readonly firstUp: Numbers;
  readonly nextUp: Numbers;
  readonly upTo: Numbers;
  /** What the nodes of one task have in common. */
  readonly groups: Group[];
  /** By group: a moving average of attempts, in milliseconds; -1 while unknown. */
  readonly millis: number[];
  /** By state: how many nodes are in it. */
  readonly counts: Int32Array;
  /** Nodes that may run now, by kind of lane. */
  readonly ready: Map<string, NumberQueue>;
  /** The lanes; as many as `parallel`. */
  readonly lanes: Lane[];
  /** Questions to the engine without an answer yet. */
  asked: number;
  /** Pauses that have not ended. */
  paused: number;
  /** Nothing new may start. */
  stopped: boolean;
  /** The run was cancelled: what has not begun never will. */
  cancelled: boolean;
  /** `end` was said, and nothing was added since. */
  ended: boolean;
  /** Changes of state since the engine last took them: node, from, to. */
  readonly changes: Numbers;
  /** Whether changes are noted. */
  readonly trace: boolean;
}

/** An empty schedule. */
export function newSchedule(
  options: { readonly parallel: number; readonly policy: FailurePolicy; readonly trace: boolean },
): ScheduleState {
  const numbers = () => new Numbers();
  return {
    ...options,
    states: numbers(),
    groupOf: numbers(),
    pending: numbers(),
    waiting: numbers(),
    attempts: numbers(),
    flags: numbers(),
    firstEdge: numbers(),
    nextEdge: numbers(),
    edgeTo: numbers(),
    firstUp: numbers(),
    nextUp: numbers(),
    upTo: numbers(),
    groups: [],
    millis: [],
    counts: new Int32Array(16),
    ready: new Map(),
    lanes: Array.from({ length: options.parallel }, () => ({ pool: "", running: new Set<number>() })),
    asked: 0,
    paused: 0,
    stopped: false,
    cancelled: false,
    ended: false,
    changes: numbers(),
    trace: options.trace,
  };
}

/** The queue of nodes that may run on a kind of lane. */
export function readyQueue(state: ScheduleState, pool: string): NumberQueue {
  let queue = state.ready.get(pool);
  if (queue === undefined) state.ready.set(pool, queue = new NumberQueue());
  return queue;
}

/** Whether any of these bits is set. */
export function hasFlag(state: ScheduleState, node: number, bits: number): boolean {
  return (state.flags.at(node) & bits) !== 0;
}

/** Sets these bits. */
export function addFlag(state: ScheduleState, node: number, bits: number): void {
  state.flags.set(node, state.flags.at(node) | bits);
}

/** Clears these bits. */
export function clearFlag(state: ScheduleState, node: number, bits: number): void {
  state.flags.set(node, state.flags.at(node) & ~bits);
}

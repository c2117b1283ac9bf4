/** What the scheduler knows: the tables of nodes, edges, lanes and queues. Changed by `step` alone. */
import type { Group } from "./input.ts";
import { NodeQueue } from "./queue.ts";
import { Numbers } from "./table.ts";
import { RankedQueue } from "./ranked_queue.ts";

/** What to do with the rest of a run once a task has failed. */
export type FailurePolicy = "stop" | "keep-going" | "kill";

/** What starts first: what the longest chain of dependents waits for, or what was ready first. */
export type StartOrder = "critical-path" | "fifo";

/** One stream of attempts that run one after another. */
export interface Lane {
  /** The kind of lane its nodes ask for, while there are any. */
  pool: string;
  /** The nodes handed to it whose attempts have not ended. */
  readonly running: Set<number>;
  /** Attempts of this lane that have waited and may go on; they come before anything new. */
  readonly resumable: NodeQueue;
  /** How many attempts of this lane wait, or are to go on. */
  waiting: number;
}

/** An attempt that waits. */
export interface Waiting {
  /** Its node, or -1 once it waits no longer. */
  node: number;
  /** How many of its waits are not over. */
  open: number;
  /** The nodes it waits for; one may stand in it more than once. */
  readonly on: (readonly number[])[];
}

/** One wait of an attempt: it is over when all its nodes have succeeded, or one never will. */
export interface Wait {
  /** Whose wait it is. */
  readonly of: Waiting;
  /** How many of its nodes have not succeeded; 0 once it is over. */
  left: number;
}

/** Nodes that need the same locks and the same of rooms, which they could not have when it was their turn. */
export interface Parked {
  /** The locks. */
  readonly locks: readonly string[];
  /** What they need of rooms. */
  readonly needs: Group["needs"];
  /** The nodes. */
  readonly queue: RankedQueue;
  /** How many others have started since the last of them did, in rooms that they wait for. */
  passed: number;
}

/** What there is of something. */
export interface Room {
  capacity: number;
  /** What is taken of it. */
  used: number;
  /** Somebody outside has it: nothing starts in it until it is opened. */
  closed: boolean;
  /** Attempts that are to go on lack it: nothing new starts in it. */
  returning: boolean;
  /** Nodes for which it is kept. */
  reservedBy: Parked | undefined;
  /** Nodes that wait for it, among other things. */
  readonly parked: Parked[];
}

/** A pool with lanes of its own. */
export interface OwnPool {
  /** How many portions may run at once. */
  lanes: number;
  /** How many do. */
  busy: number;
  /** The first number that no lane has had yet, and those that are free again. */
  next: number;
  readonly free: number[];
  /** Attempts that have waited and may go on. */
  readonly resumable: NodeQueue;
}

/** Nodes that run one after another on a lane. */
export interface Portion {
  readonly pool: OwnPool;
  readonly lane: number;
  readonly group: number;
  /** Those whose attempts have not ended. */
  readonly nodes: Set<number>;
  /** Those of them that do not wait for calls. */
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
  RESOLVING = 128,
  CONDITIONAL = 256,
  WAITING = 512,
  SETTLING = 1024;

/** The scheduler's memory. */
export interface ScheduleState {
  /** How many lanes there may be. */
  readonly parallel: number;
  /** What happens after a failure. */
  readonly policy: FailurePolicy;
  /** So many failures it takes until nothing new starts. */
  readonly mostFailures: number;
  /** What starts first. */
  readonly order: StartOrder;
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
  /** By node: its first edge to a dependent, or -1; by edge: the next one, and where it leads (`~node` for a call of an attempt). */
  readonly firstEdge: Numbers;
  readonly nextEdge: Numbers;
  readonly edgeTo: Numbers;
  /** By node: its first edge to an upstream, or -1; by edge: the next one, and where it leads (`~node` for a call of an attempt). */
  readonly firstUp: Numbers;
  readonly nextUp: Numbers;
  readonly upTo: Numbers;
  /** What the nodes of one task have in common. */
  readonly groups: Group[];
  /** By group: a moving average of attempts, in milliseconds; -1 while unknown. */
  readonly millis: number[];
  /** By group: what earlier runs say it takes, in milliseconds; -1 while unknown. */
  readonly expected: number[];
  /** What earlier runs say of single nodes, in milliseconds. */
  readonly expectedOf: Map<number, number>;
  /** By node, as far as they were needed: milliseconds from its start to the end of the last node that waits for it. */
  readonly ranks: Numbers;
  /** By state: how many nodes are in it. */
  readonly counts: Int32Array;
  /** Nodes that may run now and have no place in a queue yet. */
  readonly arrived: Numbers;
  /** Nodes that may run now, by kind of lane. */
  readonly ready: Map<string, RankedQueue>;
  /** The wave that has begun last; nodes of higher ones are held. Infinite while there are no nodes. */
  wave: number;
  /** Nodes that would go on if their wave had begun, by wave. */
  readonly held: Map<number, number[]>;
  /** Nodes that go on when nothing else is left to do and nothing has failed. */
  readonly conditional: number[];
  /** Locks that are taken, and by which node. */
  readonly locked: Map<string, number>;
  /** Nodes that wait for locks or room, by all that they need. */
  readonly parked: Map<string, Parked>;
  /** The same, by each of the locks, and by group. */
  readonly parkedBy: Map<string, Parked[]>;
  readonly parkedOf: (Parked | undefined)[];
  /** What there is only so much of. */
  readonly rooms: Map<string, Room>;
  /** Pools that have lanes of their own. */
  readonly pools: Map<string, OwnPool>;
  /** By node on such a lane: what it runs with. */
  readonly portionOf: Map<number, Portion>;
  /** By node: how many of its attempts failed through no fault of its own. */
  readonly excused: Map<number, number>;
  /** Nodes that have failed for good since the pause before another attempt would have taken all the time that was left. */
  readonly tooLate: Set<number>;
  /** The lanes of attempts that wait for other nodes, or are to go on; -1 for a lane of a pool's own. */
  readonly laneOf: Map<number, number>;
  /** By waiting attempt: what it waits for. */
  readonly waitsOf: Map<number, Waiting>;
  /** By node: the waits for it. */
  readonly awaited: Map<number, Wait[]>;
  /** Waiting attempts whose waits are all over; the engine is about to say so. */
  readonly due: Set<number>;
  /** By node: its chunk, where it has one. */
  readonly chunkOf: Map<number, number>;
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
  options: {
    readonly parallel: number;
    readonly policy: FailurePolicy;
    /** With `keep-going`: how many failures there may be; without limit unless it is said. */
    readonly maxFailures?: number;
    readonly trace: boolean;
    readonly order?: StartOrder;
  },
): ScheduleState {
  const { parallel, policy, maxFailures = Infinity, trace, order = "critical-path" } = options;
  const numbers = () => new Numbers();
  return {
    parallel,
    policy,
    mostFailures: policy === "keep-going" ? maxFailures : 1,
    order,
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
    expected: [],
    expectedOf: new Map(),
    ranks: numbers(),
    counts: new Int32Array(16),
    arrived: numbers(),
    ready: new Map(),
    wave: Infinity,
    held: new Map(),
    conditional: [],
    locked: new Map(),
    parked: new Map(),
    parkedBy: new Map(),
    parkedOf: [],
    rooms: new Map(),
    pools: new Map(),
    portionOf: new Map(),
    excused: new Map(),
    tooLate: new Set(),
    laneOf: new Map(),
    waitsOf: new Map(),
    awaited: new Map(),
    due: new Set(),
    chunkOf: new Map(),
    lanes: Array.from(
      { length: parallel },
      () => ({ pool: "", running: new Set<number>(), resumable: new NodeQueue(), waiting: 0 }),
    ),
    asked: 0,
    paused: 0,
    stopped: false,
    cancelled: false,
    ended: false,
    changes: numbers(),
    trace,
  };
}

/** The queue of nodes that may run on a kind of lane. */
export function readyQueue(state: ScheduleState, pool: string): RankedQueue {
  let queue = state.ready.get(pool);
  if (queue === undefined) state.ready.set(pool, queue = new RankedQueue());
  return queue;
}

/** The node that an edge leads to. */
export function endOf(to: Numbers, edge: number): number {
  const end = to.at(edge);
  return end < 0 ? ~end : end;
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

/** What the scheduler knows: the tables of nodes, edges, lanes and queues. Changed by `step` alone. */
import type { Group } from "./input.ts";
import { FreeNumbers, NumberQueue, Numbers } from "./table.ts";
import { RankedQueue } from "./ranked_queue.ts";

/** What to do with the rest of a run once a task has failed. */
export type FailurePolicy = "stop" | "keep-going" | "kill";

/** What starts first: what the longest chain of dependents waits for, or what was ready first. */
export type StartOrder = "critical-path" | "fifo";

/** One stream of attempts that run one after another. */
export interface Lane {
  /** The kind of lane its nodes ask for, while there are any. */
  pool: string;
  /** Its number: among the shared lanes, or among those of the pool that has it for its own. */
  readonly number: number;
  /** Whose it is, unless it is shared. Such a lane is there as long as its portion. */
  readonly owner: OwnLanes | undefined;
  /** The nodes handed to it whose attempts have not ended. */
  readonly running: Set<number>;
  /** Attempts of this lane that have waited and may go on; they come before anything new. */
  readonly resumable: NumberQueue;
  /** How many attempts of this lane wait, or are to go on. */
  waiting: number;
  /** What is taken of rooms for those that run: once for all of them, since they run one after another. */
  share: Share | undefined;
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

/** What there is only so much of. */
export interface Room {
  /** How much there is in all. */
  capacity: number;
  /** What is taken of it. */
  used: number;
  /** By how many lanes: sums of fractions may leave something over. */
  holders: number;
  /** Other processes have it: nothing starts in it until it is opened. */
  closed: boolean;
  /** How many portions have been started in it. */
  starts: number;
  /** How many lines there are that need it. */
  lines: number;
  /** How many shares that include it are wanted by attempts that are to go on, and come before anything new. */
  wanted: number;
  /** The lines that it is kept for, one after another. */
  readonly keptFor: Line[];
}

/** What a portion takes of rooms. */
export interface Share {
  /** How much of which; each room once, and more than nothing. */
  readonly parts: readonly { readonly room: Room; readonly amount: number }[];
  /** Attempts that are to go on and found no room, in that order. */
  readonly returning: NumberQueue;
}

/** Nodes of a pool that need the same locks and the same share. */
export interface Line {
  readonly pool: Pool;
  /** Their locks. */
  readonly locks: readonly string[];
  /** Their share. */
  readonly share: Share | undefined;
  /** Those that may run now, as far as locks and rooms let them. */
  readonly queue: RankedQueue;
  /** How many had been started in its rooms when it first lacked room since its last start; -1 when it has not. */
  lackedAt: number;
  /** Whether its rooms are kept for it. */
  kept: boolean;
}

/** A kind of lane, and what waits for it. */
export interface Pool {
  /** What groups call it. */
  readonly name: string;
  /** Nodes that need neither locks nor room. */
  readonly plain: Line;
  /** The other lines in which nodes wait. */
  readonly special: Line[];
  /** `moves` when none of those could start. */
  stuckAt: number;
  /** Its own lanes; `undefined` when it has the shared ones. */
  own: OwnLanes | undefined;
}

/** The lanes that a pool has for its own. */
export interface OwnLanes {
  /** How many may run at once. */
  most: number;
  /** How many do. */
  busy: number;
  /** The numbers that are not taken. */
  readonly numbers: FreeNumbers;
  /** Attempts that have waited and may go on, on lanes where nothing runs. */
  readonly resumable: NumberQueue;
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
  /** The kinds of lanes; the one that was served last stands last. */
  readonly pools: Map<string, Pool>;
  /** By group: the line in which its nodes wait. */
  readonly lineOf: Line[];
  /** The lines of those that need locks or room, by pool and all that they need. */
  readonly lines: Map<string, Line>;
  /** By node, as far as such lines make it matter: when it took its place in its line. */
  readonly places: Numbers;
  /** The place that the next node takes. */
  nextPlace: number;
  /** The wave that has begun last; nodes of higher ones are held. Infinite while there are no nodes. */
  wave: number;
  /** Nodes that would go on if their wave had begun, by wave. */
  readonly held: Map<number, number[]>;
  /** Nodes that go on when nothing else is left to do and nothing has failed. */
  readonly conditional: number[];
  /** Locks that are taken, and by which node. */
  readonly locked: Map<string, number>;
  /** What there is only so much of. */
  readonly rooms: Map<string, Room>;
  /** Shares, by what they take. */
  readonly shares: Map<string, Share>;
  /** Shares that attempts which are to go on wait for. */
  readonly wanted: Set<Share>;
  /** Counts what may let others start than could before: locks and room that were taken or given back. */
  moves: number;
  /** By node on a lane that its pool has for its own: that lane. */
  readonly ownLaneOf: Map<number, Lane>;
  /** By node: how many of its attempts failed through no fault of its own. */
  readonly excused: Map<number, number>;
  /** The lanes of attempts that wait for other nodes, or are to go on. */
  readonly laneOf: Map<number, Lane>;
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
    readonly trace: boolean;
    readonly order?: StartOrder;
  },
): ScheduleState {
  const numbers = () => new Numbers();
  return {
    order: "critical-path",
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
    expected: [],
    expectedOf: new Map(),
    ranks: numbers(),
    counts: new Int32Array(16),
    arrived: numbers(),
    pools: new Map(),
    lineOf: [],
    lines: new Map(),
    places: numbers(),
    nextPlace: 1,
    wave: Infinity,
    held: new Map(),
    conditional: [],
    locked: new Map(),
    rooms: new Map(),
    shares: new Map(),
    wanted: new Set(),
    moves: 0,
    ownLaneOf: new Map(),
    excused: new Map(),
    laneOf: new Map(),
    waitsOf: new Map(),
    awaited: new Map(),
    due: new Set(),
    chunkOf: new Map(),
    lanes: Array.from({ length: options.parallel }, (_, number) => newLane(number, undefined)),
    asked: 0,
    paused: 0,
    stopped: false,
    cancelled: false,
    ended: false,
    changes: numbers(),
    trace: options.trace,
  };
}

/** A lane with nothing on it. */
export function newLane(number: number, owner: OwnLanes | undefined): Lane {
  return {
    pool: "",
    number,
    owner,
    running: new Set(),
    resumable: new NumberQueue(),
    waiting: 0,
    share: undefined,
  };
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

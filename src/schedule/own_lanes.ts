/**
 * Pools that have lanes of their own, besides those that all others share: what runs elsewhere takes no processor here. A lane is
 * there as long as its portion: there may be very many, so nothing ever looks through them.
 */
import type { Effect } from "./effect.ts";
import { lock, locksOf } from "./locks.ts";
import { wakeNext } from "./parking.ts";
import type { RankedQueue } from "./ranked_queue.ts";
import { awaitReturn, dropReservations, fits, giveBack, take } from "./rooms.ts";
import { setState } from "./set.ts";
import { hasFlag, type OwnPool, type Portion, type ScheduleState, WAITING } from "./state.ts";
import { NodeQueue } from "./queue.ts";

/** So many attempts that are to go on and lack room are passed over in one look. */
export const TRIES = 32;
/** Nodes of whom nobody knows how long they take, in a pack that is to take some time. */
const UNKNOWN = 16;

/** Sets how many lanes a pool has of its own. */
export function setPool(state: ScheduleState, name: string, lanes: number): void {
  const pool = state.pools.get(name);
  if (pool !== undefined) pool.lanes = lanes;
  else state.pools.set(name, { lanes, busy: 0, next: 0, free: [], resumable: new NodeQueue() });
}

/** Hands a portion to a lane of a pool's own, if it may have one more; the first node of the queue can start. */
export function handOutOwn(
  state: ScheduleState,
  name: string,
  pool: OwnPool,
  queue: RankedQueue,
  effects: Effect[],
): boolean {
  if (pool.busy >= pool.lanes) return false;
  const nodes = pack(state, queue);
  const lane = pool.free.pop() ?? pool.next++;
  const group = state.groupOf.at(nodes[0]!);
  const portion: Portion = { pool, lane, group, nodes: new Set(nodes), running: new Set(nodes) };
  for (const node of nodes) {
    setState(state, node, "running");
    state.attempts.add(node, 1);
    state.portionOf.set(node, portion);
    lock(state, node);
    if (state.rooms.size > 0) dropReservations(state, locksOf(state, node));
  }
  pool.busy++;
  take(state, group, true);
  wakeNext(state, group);
  effects.push({ kind: "start", pool: name, lane, nodes });
  return true;
}

/** Lets attempts go on that have waited, as far as there is room. */
export function resumeOwn(state: ScheduleState, effects: Effect[]): void {
  for (const pool of state.pools.values()) {
    let tried = 0;
    for (let node = pool.resumable.peek(); node >= 0; node = pool.resumable.peek()) {
      const portion = state.portionOf.get(node);
      // It may have ended meanwhile, and may even wait again.
      if (portion !== undefined && state.laneOf.has(node) && !hasFlag(state, node, WAITING)) {
        if (portion.running.size === 0) {
          const { needs } = state.groups[portion.group]!;
          if (pool.busy >= pool.lanes) break;
          if (!fits(state, needs, undefined, true)) {
            awaitReturn(state, needs);
            // Another may have what it needs.
            if (++tried > TRIES) break;
            pool.resumable.shift();
            pool.resumable.push(node);
            continue;
          }
          pool.busy++;
          take(state, portion.group, false);
        }
        portion.running.add(node);
        state.laneOf.delete(node);
        setState(state, node, "running");
        effects.push({ kind: "resume", node });
      }
      pool.resumable.shift();
    }
  }
}

/** A node's attempt is over, or waits: then it stays on its lane. Gives whether it was on such a lane at all. */
export function leaveOwn(state: ScheduleState, node: number, waits: boolean): boolean {
  const portion = state.portionOf.get(node);
  if (portion === undefined) return false;
  if (portion.running.delete(node) && portion.running.size === 0) {
    portion.pool.busy--;
    giveBack(state, portion.group);
  }
  if (waits) return true;
  portion.nodes.delete(node);
  state.portionOf.delete(node);
  if (portion.nodes.size === 0) portion.pool.free.push(portion.lane);
  return true;
}

/** Takes nodes from a queue that one portion is to run: more than one only where their group says so. */
function pack(state: ScheduleState, queue: RankedQueue): number[] {
  const first = queue.shift();
  const nodes = [first];
  const group = state.groupOf.at(first);
  const { pack } = state.groups[group]!;
  if (pack === undefined || locksOf(state, first).length > 0) return nodes;
  const known = state.millis[group]! >= 0 ? state.millis[group]! : state.expected[group]!;
  const most = pack.millis === Infinity
    ? pack.count
    : Math.min(pack.count, known < 0 ? UNKNOWN : Math.max(1, Math.floor(pack.millis / Math.max(1, known))));
  while (nodes.length < most && queue.length > 0 && state.groupOf.at(queue.peek()) === group) {
    nodes.push(queue.shift());
  }
  // Those that wait for the same room share it with the first.
  const parked = state.parkedOf[group]?.queue;
  while (parked !== undefined && nodes.length < most && parked.length > 0) {
    if (state.groupOf.at(parked.peek()) !== group) break;
    nodes.push(parked.shift());
  }
  return nodes;
}

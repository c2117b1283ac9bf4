/** Which ready nodes go to which lane, in what portions: small tasks travel together. */
import type { Effect } from "./effect.ts";
import { hasFlag, readyQueue, type ScheduleState, WAITING } from "./state.ts";
import { lock, locksOf } from "./locks.ts";
import { park, unlock, wakeNext } from "./parking.ts";
import { handOutOwn, leaveOwn, resumeOwn, TRIES } from "./own_lanes.ts";
import { awaitReturn, dropReservations, fits, forgetReturns, giveBack, reopen, take } from "./rooms.ts";
import { importance } from "./rank.ts";
import type { RankedQueue } from "./ranked_queue.ts";
import { setState } from "./set.ts";

/** A portion of small tasks is meant to take about this long, in milliseconds. */
const PORTION_MILLIS = 5;
/** The most nodes in a portion. */
const PORTION_NODES = 512;
/** A lane that has fewer nodes left than this gets the next portion already, so that it never waits for one. */
const LOW_WATER = 64;

/** Hands ready nodes to lanes as long as there are both; takes nodes back from a full lane for an idle one. */
export function assign(state: ScheduleState, effects: Effect[]): void {
  const kept = state.rooms.size > 0 ? forgetReturns(state) : [];
  resume(state, effects);
  if (state.pools.size > 0) resumeOwn(state, effects);
  if (state.stopped) return;
  if (kept.length > 0) reopen(state, kept);
  // Whoever starts may make room for another to be tried.
  do {
    queueArrived(state);
    for (const [pool, queue] of state.ready) {
      while (handOut(state, pool, queue, effects)) {
        if (state.ready.size === 1) continue;
        // To the end of the map, and so of this loop: each kind of lane in its turn, or a long queue would starve the others.
        state.ready.delete(pool);
        state.ready.set(pool, queue);
        break;
      }
    }
  } while (state.arrived.length > 0);
  level(state, effects);
}

/** Hands one portion to a lane, if there are both. */
function handOut(state: ScheduleState, pool: string, queue: RankedQueue, effects: Effect[]): boolean {
  park(state, queue);
  if (queue.length === 0) return false;
  const own = state.pools.get(pool);
  if (own !== undefined) return handOutOwn(state, pool, own, queue, effects);
  const lane = freeLane(state, pool, queue);
  if (lane < 0) return false;
  const nodes = portion(state, queue);
  state.lanes[lane]!.pool = pool;
  for (const node of nodes) {
    setState(state, node, "running");
    state.attempts.add(node, 1);
    state.lanes[lane]!.running.add(node);
    lock(state, node);
    if (state.rooms.size > 0) dropReservations(state, locksOf(state, node));
    const group = state.groupOf.at(node);
    if (state.groups[group]!.needs.length > 0) {
      take(state, group, true);
      wakeNext(state, group);
    }
  }
  effects.push({ kind: "start", pool, lane, nodes });
  return true;
}

/** Lets attempts go on that have waited, where their lane is idle: one of them, or all small ones. */
function resume(state: ScheduleState, effects: Effect[]): void {
  if (state.laneOf.size === 0) return;
  for (let index = 0; index < state.lanes.length; index++) {
    const lane = state.lanes[index]!;
    if (lane.resumable.length === 0 || lane.running.size > 0) continue;
    let tried = 0;
    for (let node = lane.resumable.peek(); node >= 0; node = lane.resumable.peek()) {
      const { pool } = state.groups[state.groupOf.at(node)]!;
      // It may have ended meanwhile, and may even wait again.
      if (state.laneOf.get(node) === index && !hasFlag(state, node, WAITING)) {
        const full = lane.running.size >= LOW_WATER || pool !== lane.pool || !isSmall(state, node);
        if (lane.running.size > 0 && full) break;
        const group = state.groupOf.at(node);
        const { needs } = state.groups[group]!;
        if (!fits(state, needs, undefined, true)) {
          awaitReturn(state, needs);
          // Another may have what it needs.
          if (++tried > TRIES) break;
          lane.resumable.shift();
          lane.resumable.push(node);
          continue;
        }
        take(state, group, false);
        state.laneOf.delete(node);
        lane.waiting--;
        setState(state, node, "running");
        lane.running.add(node);
        lane.pool = pool;
        effects.push({ kind: "resume", node });
      }
      lane.resumable.shift();
    }
  }
}

/** Gives nodes that may run now their place in the queues: only now is it known what waits for them. */
function queueArrived(state: ScheduleState): void {
  for (let index = 0; index < state.arrived.length; index++) {
    const node = state.arrived.at(index);
    readyQueue(state, state.groups[state.groupOf.at(node)]!.pool).push(node, importance(state, node));
  }
  state.arrived.length = 0;
}

/**
 * An idle lane, best one that no waiting attempt is to go on with; or, when the next node is known to be small, one of this
 * kind that is about to run dry.
 */
function freeLane(state: ScheduleState, pool: string, queue: RankedQueue): number {
  let almost = -1;
  let idle = -1;
  let fewest = Infinity;
  const small = isSmall(state, queue.peek());
  for (let index = 0; index < state.lanes.length; index++) {
    const { running, resumable, waiting, pool: own } = state.lanes[index]!;
    if (running.size === 0 && waiting === 0) return index;
    if (running.size === 0 && waiting < fewest) [idle, fewest] = [index, waiting];
    if (small && own === pool && running.size < LOW_WATER && running.size > 8 && resumable.length === 0) {
      almost = index;
    }
  }
  return idle < 0 ? almost : idle;
}

/** Whether a node may travel with others and is known to take less than a tenth of a portion. */
function isSmall(state: ScheduleState, node: number): boolean {
  const group = state.groupOf.at(node);
  const millis = state.millis[group]!;
  return millis >= 0 && millis < PORTION_MILLIS / 10 && !isAlone(state, node);
}

/** Whether a node may not share a lane with others: nor may one that would keep locks or room while others run before it. */
function isAlone(state: ScheduleState, node: number): boolean {
  const { single, locks, needs } = state.groups[state.groupOf.at(node)]!;
  return single || locks.length > 0 || needs.length > 0;
}

/** Takes nodes from a queue: one that is large or unknown, or as many small ones as a portion may hold. */
function portion(state: ScheduleState, queue: RankedQueue): number[] {
  const nodes: number[] = [];
  const chunked = state.chunkOf.size > 0;
  const chunk = chunked ? state.chunkOf.get(queue.peek()) : undefined;
  if (chunk !== undefined) {
    // As many as were asked for, however long they take.
    do nodes.push(queue.shift()); while (
      nodes.length < PORTION_NODES && !isAlone(state, nodes[0]!) &&
      state.chunkOf.get(queue.peek()) === chunk &&
      !isAlone(state, queue.peek())
    );
    return nodes;
  }
  const fair = Math.max(1, Math.ceil(queue.length / state.parallel));
  let millis = 0;
  while (nodes.length < Math.min(fair, PORTION_NODES) && queue.length > 0) {
    const node = queue.peek();
    if (chunked && state.chunkOf.has(node)) break;
    const expected = isSmall(state, node) ? Math.max(0.002, state.millis[state.groupOf.at(node)]!) : Infinity;
    if (nodes.length > 0 && millis + expected > PORTION_MILLIS) break;
    nodes.push(queue.shift());
    millis += expected;
  }
  return nodes;
}

/** When a lane is idle and nothing is ready for it, the fullest lane gives up half of what it has not begun. */
function level(state: ScheduleState, effects: Effect[]): void {
  let idle = false;
  let fullest = -1;
  let most = 1;
  for (let index = 0; index < state.lanes.length; index++) {
    const { running } = state.lanes[index]!;
    const { size } = running;
    if (size === 0) idle = true;
    // What was to stay together stays together.
    if (size > most && state.chunkOf.size > 0 && state.chunkOf.has(running.values().next().value!)) continue;
    if (size > most) [fullest, most] = [index, size];
  }
  if (idle && fullest >= 0) {
    effects.push({ kind: "recall", pool: state.lanes[fullest]!.pool, lane: fullest, count: most >> 1 });
  }
}

/** A node's attempt is over, whatever became of it; or it waits, and keeps its locks. */
export function leaveLane(state: ScheduleState, node: number, waits = false): void {
  if (!waits) unlock(state, node);
  if (state.portionOf.size > 0 && leaveOwn(state, node, waits)) return;
  for (const lane of state.lanes) {
    if (lane.running.delete(node)) return giveBack(state, state.groupOf.at(node));
  }
}

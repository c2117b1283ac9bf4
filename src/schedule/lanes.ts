/** Which ready nodes go to which lane, in what portions: small tasks travel together. */
import type { Effect } from "./effect.ts";
import type { ScheduleState } from "./state.ts";
import type { NumberQueue } from "./table.ts";
import { setState } from "./set.ts";

/** A portion of small tasks is meant to take about this long, in milliseconds. */
const PORTION_MILLIS = 5;
/** The most nodes in a portion. */
const PORTION_NODES = 512;
/** A lane that has fewer nodes left than this gets the next portion already, so that it never waits for one. */
const LOW_WATER = 64;

/** Hands ready nodes to lanes as long as there are both; takes nodes back from a full lane for an idle one. */
export function assign(state: ScheduleState, effects: Effect[]): void {
  if (state.stopped) return;
  for (const [pool, queue] of state.ready) {
    const lane = queue.length > 0 ? freeLane(state, pool, queue) : -1;
    const nodes = lane < 0 ? [] : portion(state, queue);
    if (nodes.length === 0) continue;
    state.lanes[lane]!.pool = pool;
    for (const node of nodes) {
      setState(state, node, "running");
      state.attempts.add(node, 1);
      state.lanes[lane]!.running.add(node);
    }
    effects.push({ kind: "start", lane, nodes });
    // To the end of the map, and so of this loop: each kind of lane in its turn, or a long queue would starve the others.
    state.ready.delete(pool);
    state.ready.set(pool, queue);
  }
  level(state, effects);
}

/** An idle lane; or, when the next node is known to be small, one of this kind that is about to run dry. */
function freeLane(state: ScheduleState, pool: string, queue: NumberQueue): number {
  let almost = -1;
  const small = isSmall(state, queue.peek());
  for (let index = 0; index < state.lanes.length; index++) {
    const lane = state.lanes[index]!;
    if (lane.running.size === 0) return index;
    if (small && lane.pool === pool && lane.running.size < LOW_WATER && lane.running.size > 8) almost = index;
  }
  return almost;
}

/** Whether a node may travel with others and is known to take less than a tenth of a portion. */
function isSmall(state: ScheduleState, node: number): boolean {
  const group = state.groupOf.at(node);
  const millis = state.millis[group]!;
  return !state.groups[group]!.single && millis >= 0 && millis < PORTION_MILLIS / 10;
}

/** Takes nodes from a queue: one that is large or unknown, or as many small ones as a portion may hold. */
function portion(state: ScheduleState, queue: NumberQueue): number[] {
  const nodes: number[] = [];
  const fair = Math.max(1, Math.ceil(queue.length / state.parallel));
  let millis = 0;
  while (nodes.length < Math.min(fair, PORTION_NODES) && queue.length > 0) {
    const node = queue.peek();
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
    const size = state.lanes[index]!.running.size;
    if (size === 0) idle = true;
    if (size > most) [fullest, most] = [index, size];
  }
  if (idle && fullest >= 0) effects.push({ kind: "recall", lane: fullest, count: most >> 1 });
}

/** A node's attempt is over, whatever became of it. */
export function leaveLane(state: ScheduleState, node: number): void {
  for (const lane of state.lanes) if (lane.running.delete(node)) return;
}

/** How nodes get on: edges, questions, calls that were returned, and what a finished node means for its dependents. */
import { isSuccess } from "../model/state.ts";
import type { Effect } from "./effect.ts";
import { setState, stateOf } from "./set.ts";
import {
  addFlag,
  clearFlag,
  FOLLOWING,
  FRESH,
  FROM_CACHE,
  hasFlag,
  KEPT,
  OPEN,
  PAUSING,
  readyQueue,
  RELEASED,
  RESOLVING,
  type ScheduleState,
} from "./state.ts";

/** Adds edges from upstreams to a node that has not finished. */
export function connect(state: ScheduleState, node: number, upstreams: readonly number[]): void {
  for (const upstream of upstreams) {
    state.nextEdge.push(state.firstEdge.at(upstream));
    state.edgeTo.push(node);
    state.firstEdge.set(upstream, state.nextEdge.length - 1);
    state.nextUp.push(state.firstUp.at(node));
    state.upTo.push(upstream);
    state.firstUp.set(node, state.nextUp.length - 1);
    state.waiting.add(upstream, 1);
  }
}

/**
 * Counts anew what a node that is about to be blocked waits for: while it was ready or running, upstreams whose results
 * were lost may have begun again without its being told.
 */
export function countPending(state: ScheduleState, node: number): number {
  let pending = 0;
  for (let edge = state.firstUp.at(node); edge >= 0; edge = state.nextUp.at(edge)) {
    if (!isSuccess(stateOf(state, state.upTo.at(edge)))) pending++;
  }
  state.pending.set(node, pending);
  return pending;
}

/** A node whose known upstreams are finished: ask for the rest of its `deps`, ask the cache, or queue it. */
export function proceed(state: ScheduleState, node: number, effects: Effect[]): void {
  // Whatever the answers, nothing would come of them.
  if (state.stopped) return;
  if (hasFlag(state, node, OPEN)) {
    clearFlag(state, node, OPEN);
    state.asked++;
    effects.push({ kind: "expand", node });
  } else if (state.groups[state.groupOf.at(node)]!.lookup && !hasFlag(state, node, FRESH)) {
    state.asked++;
    effects.push({ kind: "look-up", node });
  } else enqueue(state, node);
}

/** Puts a node where lanes take from. */
export function enqueue(state: ScheduleState, node: number): void {
  if (stateOf(state, node) !== "ready") return;
  readyQueue(state, state.groups[state.groupOf.at(node)]!.pool).push(node);
}

/** More upstreams for a node that is ready: it goes on when they are finished. */
export function wait(
  state: ScheduleState,
  node: number,
  upstreams: readonly number[],
  effects: Effect[],
): void {
  if (stateOf(state, node) !== "ready") return;
  connect(state, node, upstreams);
  if (countPending(state, node) > 0) setState(state, node, "blocked");
  else proceed(state, node, effects);
}

/** A node's value is made of other calls' values. */
export function follow(
  state: ScheduleState,
  node: number,
  calls: readonly number[],
  fromCache: boolean,
  effects: Effect[],
): void {
  setState(state, node, "blocked");
  if (state.stopped) return setState(state, node, "cancelled");
  addFlag(state, node, FOLLOWING);
  // A node that is run again because its result was lost may have been a hit before.
  if (fromCache) addFlag(state, node, FROM_CACHE);
  else clearFlag(state, node, FROM_CACHE);
  connect(state, node, calls);
  if (countPending(state, node) === 0) resolve(state, node, effects);
}

/** All calls that a node returned are computed. */
function resolve(state: ScheduleState, node: number, effects: Effect[]): void {
  clearFlag(state, node, FOLLOWING);
  addFlag(state, node, RESOLVING);
  state.asked++;
  effects.push({ kind: "resolve", node });
}

/** A node has its value: dependents that waited for nothing else go on, results nobody needs are released. */
export function finished(state: ScheduleState, node: number, effects: Effect[]): void {
  for (let edge = state.firstEdge.at(node); edge >= 0; edge = state.nextEdge.at(edge)) {
    const dependent = state.edgeTo.at(edge);
    if (stateOf(state, dependent) !== "blocked") continue;
    // One that pauses or is being resolved goes on when that is over.
    if (state.pending.add(dependent, -1) > 0 || hasFlag(state, dependent, PAUSING | RESOLVING)) continue;
    if (hasFlag(state, dependent, FOLLOWING)) resolve(state, dependent, effects);
    else {
      setState(state, dependent, "ready");
      proceed(state, dependent, effects);
    }
  }
  release(state, node, effects);
  releaseUpstreams(state, node, effects);
}

/** A node needs its upstreams' results no longer. */
export function releaseUpstreams(state: ScheduleState, node: number, effects: Effect[]): void {
  for (let edge = state.firstUp.at(node); edge >= 0; edge = state.nextUp.at(edge)) {
    release(state, state.upTo.at(edge), effects);
  }
}

/** Lets go of a result that no unfinished node needs. */
function release(state: ScheduleState, node: number, effects: Effect[]): void {
  if (
    state.waiting.at(node) > 0 || hasFlag(state, node, KEPT | RELEASED) || !isSuccess(stateOf(state, node))
  ) return;
  addFlag(state, node, RELEASED);
  effects.push({ kind: "release", node });
}

/** How nodes get on: edges, questions, calls that were returned, and what a finished node means for its dependents. */
import { isSuccess, isTerminal } from "../model/state.ts";
import { type Effect, lookUp } from "./effect.ts";
import { countOf, setState, stateOf } from "./set.ts";
import {
  addFlag,
  clearFlag,
  CONDITIONAL,
  endOf,
  FOLLOWING,
  FRESH,
  FROM_CACHE,
  hasFlag,
  KEPT,
  OPEN,
  PAUSING,
  RELEASED,
  RESOLVING,
  type ScheduleState,
  SETTLING,
  WAITING,
} from "./state.ts";

/**
 * Adds edges from upstreams to a node that has not finished. It needs them to succeed, unless they are calls of its attempt:
 * what becomes of those is the attempt's affair.
 */
export function connect(
  state: ScheduleState,
  node: number,
  upstreams: readonly number[],
  areCalls = false,
): void {
  for (const upstream of upstreams) {
    state.nextEdge.push(state.firstEdge.at(upstream));
    state.edgeTo.push(areCalls ? ~node : node);
    state.firstEdge.set(upstream, state.nextEdge.length - 1);
    state.nextUp.push(state.firstUp.at(node));
    state.upTo.push(areCalls ? ~upstream : upstream);
    state.firstUp.set(node, state.nextUp.length - 1);
    state.waiting.add(upstream, 1);
  }
}

/**
 * Counts anew what a node that is about to be blocked waits for: while it was ready or running, upstreams whose results
 * were lost may have begun again without its being told.
 */
export function countPending(state: ScheduleState, node: number): number {
  const settling = hasFlag(state, node, SETTLING);
  let pending = 0;
  for (let edge = state.firstUp.at(node); edge >= 0; edge = state.nextUp.at(edge)) {
    const end = state.upTo.at(edge);
    if (end >= 0 ? !isSuccess(stateOf(state, end)) : settling && !isTerminal(stateOf(state, ~end))) pending++;
  }
  state.pending.set(node, pending);
  return pending;
}

/** Whether a node waits for one that has failed, or that will never run. */
export function isDoomed(state: ScheduleState, node: number): boolean {
  if (state.firstUp.at(node) < 0) return false;
  if (countOf(state, "failed") + countOf(state, "timed-out") + countOf(state, "cancelled") === 0) {
    return false;
  }
  for (let edge = state.firstUp.at(node); edge >= 0; edge = state.nextUp.at(edge)) {
    const end = state.upTo.at(edge);
    if (end < 0) continue;
    const upstream = stateOf(state, end);
    if (isTerminal(upstream) && !isSuccess(upstream)) return true;
  }
  return false;
}

/** What needs a node that has failed, or never will run, will never run either. Attempts under way are told by the engine. */
export function doom(state: ScheduleState, failed: number, effects: Effect[]): void {
  const open = [failed];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (let edge = state.firstEdge.at(node); edge >= 0; edge = state.nextEdge.at(edge)) {
      const end = state.edgeTo.at(edge);
      const dependent = end < 0 ? ~end : end;
      if (stateOf(state, dependent) !== "blocked" || hasFlag(state, dependent, WAITING)) continue;
      if (end < 0) {
        if (hasFlag(state, dependent, SETTLING)) settled(state, dependent, effects);
        continue;
      }
      setState(state, dependent, "cancelled");
      releaseUpstreams(state, dependent, effects);
      open.push(dependent);
    }
  }
}

/** A node that will never run. */
export function giveUp(state: ScheduleState, node: number, effects: Effect[]): void {
  setState(state, node, "cancelled");
  releaseUpstreams(state, node, effects);
  doom(state, node, effects);
}

/** A node whose known upstreams are finished: ask for the rest of its `deps`, ask the cache, or queue it. */
export function proceed(state: ScheduleState, node: number, effects: Effect[]): void {
  // Whatever the answers, nothing would come of them.
  if (state.stopped) return;
  const { wave, lookup } = state.groups[state.groupOf.at(node)]!;
  if (wave > state.wave) {
    const held = state.held.get(wave);
    if (held === undefined) state.held.set(wave, [node]);
    else held.push(node);
    return;
  }
  if (hasFlag(state, node, CONDITIONAL)) {
    state.conditional.push(node);
    return;
  }
  if (hasFlag(state, node, OPEN)) {
    clearFlag(state, node, OPEN);
    state.asked++;
    effects.push({ kind: "expand", node });
  } else if (lookup && !hasFlag(state, node, FRESH)) {
    state.asked++;
    lookUp(effects, node);
  } else enqueue(state, node);
}

/** Puts a node where lanes take from. */
export function enqueue(state: ScheduleState, node: number): void {
  if (stateOf(state, node) === "ready") state.arrived.push(node);
}

/** More upstreams for a node that is ready: it goes on when they have succeeded, or, if they are calls, are settled. */
export function wait(
  state: ScheduleState,
  node: number,
  upstreams: readonly number[],
  effects: Effect[],
  areCalls = false,
): void {
  if (stateOf(state, node) !== "ready") return;
  connect(state, node, upstreams, areCalls);
  if (areCalls) addFlag(state, node, SETTLING);
  if (isDoomed(state, node)) giveUp(state, node, effects);
  else if (countPending(state, node) > 0) setState(state, node, "blocked");
  else {
    clearFlag(state, node, SETTLING);
    proceed(state, node, effects);
  }
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
  if (state.stopped) return giveUp(state, node, effects);
  addFlag(state, node, FOLLOWING);
  // A node that is run again because its result was lost may have been a hit before.
  if (fromCache) addFlag(state, node, FROM_CACHE);
  else clearFlag(state, node, FROM_CACHE);
  connect(state, node, calls);
  if (isDoomed(state, node)) giveUp(state, node, effects);
  else if (countPending(state, node) === 0) resolve(state, node, effects);
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
    const end = state.edgeTo.at(edge);
    const dependent = end < 0 ? ~end : end;
    if (stateOf(state, dependent) !== "blocked") continue;
    if (end < 0 && !hasFlag(state, dependent, SETTLING)) continue;
    settled(state, dependent, effects);
  }
  release(state, node, effects);
  releaseUpstreams(state, node, effects);
}

/** A blocked node waits for one thing less. */
function settled(state: ScheduleState, node: number, effects: Effect[]): void {
  // One that pauses, is being resolved, or waits in the middle of an attempt goes on when that is over.
  if (state.pending.add(node, -1) > 0 || hasFlag(state, node, PAUSING | RESOLVING | WAITING)) return;
  if (hasFlag(state, node, FOLLOWING)) return resolve(state, node, effects);
  clearFlag(state, node, SETTLING);
  setState(state, node, "ready");
  proceed(state, node, effects);
}

/** A node needs its upstreams' results no longer. */
export function releaseUpstreams(state: ScheduleState, node: number, effects: Effect[]): void {
  for (let edge = state.firstUp.at(node); edge >= 0; edge = state.nextUp.at(edge)) {
    release(state, endOf(state.upTo, edge), effects);
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

/** How important it is that a node starts soon: the length of the longest chain of work that waits for it. */
import { isTerminal } from "../model/state.ts";
import { stateOf } from "./set.ts";
import { endOf, type ScheduleState } from "./state.ts";

/** Ranks are whole milliseconds in 32 bits. */
const LONGEST = 2 ** 30;
/**
 * Ranks that differ by less than some 10 % count as equal: estimates are no better, and a declared priority is to be felt. So
 * of a rank, the position of the first bit counts and this number of bits after it.
 */
const BITS = 3;
/** Room for declared priorities below one step of rank. */
const PRIORITIES = 2 ** 32;

/** What a node is expected to take, in milliseconds: as it did before, as its task does, or 1. */
export function expectedMillis(state: ScheduleState, node: number): number {
  const known = knownMillis(state, node);
  return known === undefined ? 1 : Math.max(1, known);
}

/** The same, or `undefined` when nothing is known. */
function knownMillis(state: ScheduleState, node: number): number | undefined {
  const own = state.expectedOf.size === 0 ? undefined : state.expectedOf.get(node);
  if (own !== undefined) return own;
  const group = state.groupOf.at(node);
  if (state.expected[group]! >= 0) return state.expected[group];
  return state.millis[group]! >= 0 ? state.millis[group] : undefined;
}

/** How important a node is; a greater number starts first. */
export function importance(state: ScheduleState, node: number): number {
  const priority = Math.max(
    -PRIORITIES / 2,
    Math.min(PRIORITIES / 2, state.groups[state.groupOf.at(node)]!.priority),
  );
  if (state.order === "fifo") return priority;
  if (state.ranks.length < state.states.length) rankNew(state);
  return coarse(state.ranks.at(node)) * PRIORITIES + priority;
}

/** A rank in steps of some 10 %. */
function coarse(rank: number): number {
  const doublings = Math.max(0, 31 - BITS - Math.clz32(rank));
  return (doublings << BITS) + (rank >> doublings);
}

/** Ranks the nodes that have no rank yet: those that wait for a node come before it, as they mostly come after it in the list. */
function rankNew(state: ScheduleState): void {
  const first = state.ranks.length;
  while (state.ranks.length < state.states.length) state.ranks.push(1);
  for (let node = state.states.length - 1; node >= first; node--) {
    let after = 0;
    for (let edge = state.firstEdge.at(node); edge >= 0; edge = state.nextEdge.at(edge)) {
      const dependent = endOf(state.edgeTo, edge);
      if (dependent >= first && dependent < node) return rankInOrder(state, first);
      after = Math.max(after, state.ranks.at(dependent));
    }
    setRank(state, node, after);
  }
}

/** How long it is from a node's start to the end of the last one that waits for it. */
function setRank(state: ScheduleState, node: number, after: number): void {
  state.ranks.set(node, Math.min(LONGEST, Math.round(after + expectedMillis(state, node))));
}

/** The same for nodes in any order. */
function rankInOrder(state: ScheduleState, first: number): void {
  const count = state.states.length - first;
  const left = new Int32Array(count);
  const free: number[] = [];
  for (let node = first; node < first + count; node++) {
    let dependents = 0;
    for (let edge = state.firstEdge.at(node); edge >= 0; edge = state.nextEdge.at(edge)) {
      if (endOf(state.edgeTo, edge) >= first) dependents++;
    }
    left[node - first] = dependents;
    state.ranks.set(node, 1);
    if (dependents === 0) free.push(node);
  }
  for (let node = free.pop(); node !== undefined; node = free.pop()) {
    let after = 0;
    for (let edge = state.firstEdge.at(node); edge >= 0; edge = state.nextEdge.at(edge)) {
      after = Math.max(after, state.ranks.at(endOf(state.edgeTo, edge)));
    }
    setRank(state, node, after);
    for (let edge = state.firstUp.at(node); edge >= 0; edge = state.nextUp.at(edge)) {
      const upstream = endOf(state.upTo, edge);
      if (upstream >= first && --left[upstream - first]! === 0) free.push(upstream);
    }
  }
}

/** What is left of a run. */
export interface Remaining {
  /** Milliseconds until its end, if nothing is waited for in vain: the longest chain, or all work over all lanes. */
  readonly millis: number;
  /** The share of that work whose duration is known, 0 to 1. */
  readonly known: number;
}

/**
 * Estimates how long the rest of a run takes.
 *
 * @param ranFor milliseconds that a running node has been running for.
 */
export function remaining(state: ScheduleState, ranFor: (node: number) => number): Remaining | undefined {
  if (state.ranks.length < state.states.length) rankNew(state);
  let [total, known, longest] = [0, 0, 0];
  for (let node = 0; node < state.ranks.length; node++) {
    const name = stateOf(state, node);
    if (isTerminal(name)) continue;
    const whole = expectedMillis(state, node);
    const done = name === "running" ? Math.min(whole, ranFor(node)) : 0;
    total += whole - done;
    if (knownMillis(state, node) !== undefined) known += whole - done;
    longest = Math.max(longest, state.ranks.at(node) - done);
  }
  return total === 0
    ? undefined
    : { millis: Math.max(longest, total / Math.max(1, state.parallel)), known: known / total };
}

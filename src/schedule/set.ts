/** The one place that changes a node's state. */
import { isSuccess, isTerminal, LAWFUL, type NodeState, STATES } from "../model/state.ts";
import type { ScheduleState } from "./state.ts";

const NUMBER: ReadonlyMap<NodeState, number> = new Map(STATES.map((name, index) => [name, index]));
const TERMINAL: readonly boolean[] = STATES.map(isTerminal);
const ALLOWED: readonly boolean[] = STATES.flatMap((from) => STATES.map((to) => LAWFUL[from].includes(to)));

/** The state of a node. */
export function stateOf(state: ScheduleState, node: number): NodeState {
  return STATES[state.states.at(node)]!;
}

/** Adds nodes in state `idle`. */
export function addIdle(state: ScheduleState, count = 1): void {
  state.states.extend(count, 0);
  state.counts[0]! += count;
}

/**
 * Changes a node's state, and the counts with it.
 *
 * @throws {Error} when the change is unlawful: that is a bug in runner.
 */
export function setState(state: ScheduleState, node: number, to: NodeState): void {
  const from = state.states.at(node);
  const next = NUMBER.get(to)!;
  if (!ALLOWED[from * STATES.length + next]) {
    throw new Error(`Internal error: node ${node} cannot go from ${STATES[from]} to ${to}`);
  }
  state.counts[from]!--;
  state.counts[next]!++;
  state.states.set(node, next);
  // Upstreams learn how many of their dependents still need them.
  if (TERMINAL[from] !== TERMINAL[next]) {
    const change = TERMINAL[next] ? -1 : 1;
    for (let edge = state.firstUp.at(node); edge >= 0; edge = state.nextUp.at(edge)) {
      const upstream = state.upTo.at(edge);
      state.waiting.add(upstream < 0 ? ~upstream : upstream, change);
    }
    if (TERMINAL[next] && state.awaited.size > 0) settle(state, node);
  }
  if (state.trace) {
    state.changes.push(node);
    state.changes.push(from);
    state.changes.push(next);
  }
}

/** A node that attempts wait for has come to its end. */
function settle(state: ScheduleState, node: number): void {
  const waits = state.awaited.get(node);
  if (waits === undefined) return;
  state.awaited.delete(node);
  const succeeded = isSuccess(stateOf(state, node));
  for (const wait of waits) {
    if (wait.left === 0) continue;
    wait.left = succeeded ? wait.left - 1 : 0;
    if (wait.left === 0 && --wait.of.open === 0 && wait.of.node >= 0) state.due.add(wait.of.node);
  }
}

/** How many nodes are in a state. */
export function countOf(state: ScheduleState, name: NodeState): number {
  return state.counts[NUMBER.get(name)!]!;
}

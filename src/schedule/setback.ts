/** What goes wrong: failed attempts, what a final failure or a cancel means for the rest, stored results that are gone. */
import { retryPause } from "../model/retry.ts";
import { isSuccess } from "../model/state.ts";
import { countPending, enqueue, releaseUpstreams } from "./advance.ts";
import type { Effect } from "./effect.ts";
import type { AttemptFailed, ResultsLost } from "./input.ts";
import { leaveLane } from "./lanes.ts";
import { setState, stateOf } from "./set.ts";
import {
  addFlag,
  clearFlag,
  FOLLOWING,
  FRESH,
  hasFlag,
  OPEN,
  PAUSING,
  RELEASED,
  RESOLVING,
  type ScheduleState,
} from "./state.ts";

/** A failed attempt: again after a pause, or never. */
export function failed(state: ScheduleState, input: AttemptFailed, effects: Effect[]): void {
  const { node } = input;
  const { retry } = state.groups[state.groupOf.at(node)]!;
  const pause = state.stopped || !input.retriable
    ? undefined
    : retryPause(retry, state.attempts.at(node), input, input.vary);
  if (pause === undefined) {
    setState(state, node, input.reason === "timeout" ? "timed-out" : "failed");
    return afterFailure(state, node, effects);
  }
  setState(state, node, "blocked");
  countPending(state, node);
  addFlag(state, node, PAUSING);
  state.paused++;
  effects.push({ kind: "pause", node, millis: pause });
}

/** A pause is over; meanwhile an upstream's result may have been lost, or the run cancelled. */
export function pauseEnded(state: ScheduleState, node: number): void {
  state.paused--;
  if (!hasFlag(state, node, PAUSING) || stateOf(state, node) !== "blocked") return;
  clearFlag(state, node, PAUSING);
  if (state.pending.at(node) > 0) return;
  setState(state, node, "ready");
  enqueue(state, node);
}

/** What a final failure means for the rest of the run. */
export function afterFailure(state: ScheduleState, node: number, effects: Effect[]): void {
  releaseUpstreams(state, node, effects);
  if (state.policy === "keep-going") return;
  state.stopped = true;
  takeBack(state, effects);
  if (state.policy === "kill") effects.push({ kind: "cancel-running", hard: true });
}

/** Nothing starts any more, running attempts are asked to stop or made to, the rest is cancelled. */
export function cancelAll(state: ScheduleState, hard: boolean, effects: Effect[]): void {
  state.stopped = state.cancelled = true;
  takeBack(state, effects);
  effects.push({ kind: "cancel-running", hard });
  for (let node = 0; node < state.states.length; node++) {
    const name = stateOf(state, node);
    if (name === "wanted" || name === "blocked" || name === "ready") setState(state, node, "cancelled");
  }
}

/** Takes back whatever lanes have not begun. */
function takeBack(state: ScheduleState, effects: Effect[]): void {
  state.lanes.forEach(({ running }, lane) => {
    if (running.size > 1) effects.push({ kind: "recall", lane, count: running.size });
  });
}

/**
 * Stored results that could not be read: their nodes run again, and those that wait for them wait once more.
 *
 * @throws {Error} when it was no upstream's result: then the node would wait for nothing. That is a bug in runner.
 */
export function lost(state: ScheduleState, input: ResultsLost): void {
  const { node, during } = input;
  if (during === "attempt") {
    leaveLane(state, node);
    state.attempts.add(node, -1);
  } else if (during !== "end") {
    state.asked--;
    clearFlag(state, node, RESOLVING);
    if (stateOf(state, node) === "cancelled") return;
    addFlag(state, node, during === "expand" ? OPEN : FOLLOWING);
  }
  state.ended = false;
  for (const upstream of input.upstreams) again(state, upstream);
  if (during === "end") return;
  if (stateOf(state, node) !== "blocked") setState(state, node, "blocked");
  if (state.stopped) return setState(state, node, "cancelled");
  if (countPending(state, node) === 0) {
    throw new Error(`Internal error: node ${node} lost results that it does not wait for`);
  }
}

/** Runs a node again whose result is gone, unless it is about to run anyway. */
function again(state: ScheduleState, node: number): void {
  if (!isSuccess(stateOf(state, node))) return;
  for (let edge = state.firstEdge.at(node); edge >= 0; edge = state.nextEdge.at(edge)) {
    const dependent = state.edgeTo.at(edge);
    if (stateOf(state, dependent) === "blocked") state.pending.add(dependent, 1);
  }
  setState(state, node, "wanted");
  if (state.stopped) return setState(state, node, "cancelled");
  clearFlag(state, node, RELEASED);
  addFlag(state, node, FRESH);
  setState(state, node, "ready");
  enqueue(state, node);
}

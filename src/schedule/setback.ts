/** What goes wrong: failed attempts, what a final failure or a cancel means for the rest, stored results that are gone. */
import { excusedPause, isExcused, MOST_EXCUSED, retryPause } from "../model/retry.ts";
import { isSuccess } from "../model/state.ts";
import { countPending, doom, enqueue, giveUp, isDoomed, proceed, releaseUpstreams } from "./advance.ts";
import type { Effect } from "./effect.ts";
import type { AttemptFailed, ResultsLost } from "./input.ts";
import { leaveLane } from "./lanes.ts";
import { countOf, setState, stateOf } from "./set.ts";
import { attemptIsBack } from "./waiting.ts";
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
  SETTLING,
  WAITING,
} from "./state.ts";

/** A failed attempt: again after a pause, or never. */
export function failed(state: ScheduleState, input: AttemptFailed, effects: Effect[]): void {
  const { node } = input;
  if (input.group !== undefined) state.groupOf.set(node, input.group);
  // Its upstreams had succeeded; one whose result was lost may have failed since.
  const wanted = state.stopped || !input.retriable || isDoomed(state, node)
    ? undefined
    : pauseBefore(state, input);
  const pause = inTime(state, input, wanted);
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

/** A pause, unless nothing would be left of its node's time. */
function inTime(
  state: ScheduleState,
  { node, left }: AttemptFailed,
  pause: number | undefined,
): number | undefined {
  const late = pause !== undefined && left !== undefined && pause >= left;
  if (late) state.tooLate.add(node);
  else state.tooLate.delete(node);
  return late ? undefined : pause;
}

/** The pause before a node's next attempt; `undefined` when there is none. What is not the task's fault does not count against it. */
function pauseBefore(state: ScheduleState, input: AttemptFailed): number | undefined {
  const { node, reason } = input;
  const { retry } = state.groups[state.groupOf.at(node)]!;
  const excused = state.excused.get(node) ?? 0;
  if (isExcused(reason) && !input.counts && excused < MOST_EXCUSED) {
    state.excused.set(node, excused + 1);
    return excusedPause(excused);
  }
  return retryPause(retry, state.attempts.at(node) - excused, input, input.vary);
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
  doom(state, node, effects);
  if (countOf(state, "failed") + countOf(state, "timed-out") < state.mostFailures) return;
  state.stopped = true;
  takeBack(state, effects);
  if (state.policy === "kill") effects.push({ kind: "cancel-running", hard: true });
}

/** Nothing starts any more, running attempts are asked to stop or made to, the rest is cancelled. */
export function cancelAll(state: ScheduleState, hard: boolean, effects: Effect[]): void {
  state.stopped = state.cancelled = true;
  if (state.laneOf.size > 0) state.ended = false;
  takeBack(state, effects);
  effects.push({ kind: "cancel-running", hard });
  for (let node = 0; node < state.states.length; node++) {
    const name = stateOf(state, node);
    // An attempt that waits is under way like those that run: it is asked, and ends.
    if (hasFlag(state, node, WAITING) || state.laneOf.has(node)) continue;
    if (name === "wanted" || name === "blocked" || name === "ready") setState(state, node, "cancelled");
  }
}

/** Takes back whatever lanes have not begun. */
function takeBack(state: ScheduleState, effects: Effect[]): void {
  state.lanes.forEach(({ running, pool }, lane) => {
    if (running.size > 1) effects.push({ kind: "recall", pool, lane, count: running.size });
  });
}

/**
 * Stored results that could not be read: their nodes run again, and those that wait for them wait once more.
 *
 * @throws {Error} when it was no upstream's result: then the node would wait for nothing. That is a bug in runner.
 */
export function lost(state: ScheduleState, input: ResultsLost, effects: Effect[]): void {
  const { node, during } = input;
  if (during === "attempt") {
    attemptIsBack(state, node);
    leaveLane(state, node);
    state.attempts.add(node, -1);
  } else if (during !== "end") {
    state.asked--;
    clearFlag(state, node, RESOLVING);
    if (stateOf(state, node) === "cancelled") return;
    if (during !== "look-up") addFlag(state, node, during === "expand" ? OPEN : FOLLOWING);
  }
  state.ended = false;
  if (during !== "end" && stateOf(state, node) !== "blocked") setState(state, node, "blocked");
  for (const upstream of input.upstreams) again(state, upstream, effects);
  if (during === "end" || stateOf(state, node) === "cancelled") return;
  if (state.stopped || isDoomed(state, node)) return giveUp(state, node, effects);
  if (countPending(state, node) > 0) return;
  // Calls that the attempt made are made again by the next one, which waits for them.
  if (!hasCalls(state, node)) {
    throw new Error(`Internal error: node ${node} lost results that it does not wait for`);
  }
  setState(state, node, "ready");
  proceed(state, node, effects);
}

/** Whether an attempt of a node has made calls. */
function hasCalls(state: ScheduleState, node: number): boolean {
  for (let edge = state.firstUp.at(node); edge >= 0; edge = state.nextUp.at(edge)) {
    if (state.upTo.at(edge) < 0) return true;
  }
  return false;
}

/** Runs a node again whose result is gone, unless it is about to run anyway. */
function again(state: ScheduleState, node: number, effects: Effect[]): void {
  if (!isSuccess(stateOf(state, node))) return;
  for (let edge = state.firstEdge.at(node); edge >= 0; edge = state.nextEdge.at(edge)) {
    const end = state.edgeTo.at(edge);
    const dependent = end < 0 ? ~end : end;
    if (stateOf(state, dependent) !== "blocked") continue;
    if (end >= 0 || hasFlag(state, dependent, SETTLING)) state.pending.add(dependent, 1);
  }
  setState(state, node, "wanted");
  if (state.stopped) return giveUp(state, node, effects);
  clearFlag(state, node, RELEASED);
  addFlag(state, node, FRESH);
  setState(state, node, "ready");
  enqueue(state, node);
}

/**
 * Attempts that wait for calls they have made: they give their place away, and get one of the same lane back.
 *
 *     running → blocked (waiting) → ready (to go on) → running
 *
 * An attempt may have several waits at once, and goes on when all of them are over: a wait is when all its nodes have
 * succeeded, or one never will. From then on the attempt is due, and the run is not quiet, until the engine says `wait-over`,
 * or that the attempt itself is over.
 */
import { isSuccess, isTerminal } from "../model/state.ts";
import { connect, giveUp } from "./advance.ts";
import type { Effect } from "./effect.ts";
import { leaveLane } from "./lanes.ts";
import { setState, stateOf } from "./set.ts";
import { addFlag, clearFlag, hasFlag, type ScheduleState, type Wait, WAITING } from "./state.ts";

/** An attempt waits for nodes; it may say so several times. */
export function waits(state: ScheduleState, node: number, on: readonly number[]): void {
  if (stateOf(state, node) === "running") {
    // -1: a lane of its pool's own.
    const lane = state.lanes.findIndex(({ running }) => running.has(node));
    leaveLane(state, node, true);
    if (lane >= 0) state.lanes[lane]!.waiting++;
    state.laneOf.set(node, lane);
    state.waitsOf.set(node, { node, open: 0, on: [] });
    setState(state, node, "blocked");
    addFlag(state, node, WAITING);
  } else if (!state.laneOf.has(node)) return;
  connect(state, node, on, true);
  if (!hasFlag(state, node, WAITING)) return;
  const waiting = state.waitsOf.get(node)!;
  waiting.on.push(on);
  const left = on.filter((one) => !isSuccess(stateOf(state, one)));
  if (left.length > 0 && !left.some((one) => isTerminal(stateOf(state, one)))) {
    waiting.open++;
    const wait: Wait = { of: waiting, left: left.length };
    for (const one of left) {
      const known = state.awaited.get(one);
      if (known === undefined) state.awaited.set(one, [wait]);
      else known.push(wait);
    }
  }
  if (waiting.open === 0) state.due.add(node);
  else state.due.delete(node);
}

/** What it waited for is settled, or will never be. */
export function waitOver(state: ScheduleState, node: number): void {
  if (!hasFlag(state, node, WAITING)) return;
  state.ended = false;
  waitsNoLonger(state, node);
  setState(state, node, "ready");
  const lane = state.laneOf.get(node)!;
  (lane < 0 ? state.portionOf.get(node)!.pool : state.lanes[lane]!).resumable.push(node);
}

/** An attempt has ended that may have been waiting, or about to go on: as far as its state goes it was running. */
export function attemptIsBack(state: ScheduleState, node: number): void {
  const index = state.laneOf.size === 0 ? undefined : state.laneOf.get(node);
  if (index === undefined) return;
  state.ended = false;
  state.laneOf.delete(node);
  if (index >= 0) state.lanes[index]!.waiting--;
  if (hasFlag(state, node, WAITING)) {
    waitsNoLonger(state, node);
    setState(state, node, "ready");
  }
  setState(state, node, "running");
}

/** Forgets what an attempt waited for. */
function waitsNoLonger(state: ScheduleState, node: number): void {
  clearFlag(state, node, WAITING);
  state.due.delete(node);
  state.waitsOf.get(node)!.node = -1;
  state.waitsOf.delete(node);
}

/** Attempts that wait: at the end of a run, those that wait in vain. */
export function waitingAttempts(state: ScheduleState): readonly number[] {
  return [...state.waitsOf.keys()];
}

/** Nothing starts any more: nodes that attempts wait for, and that have not begun, never will. Gives whether there were any. */
export function giveUpAwaited(state: ScheduleState, effects: Effect[]): boolean {
  let any = false;
  for (const { on } of state.waitsOf.values()) {
    for (const one of on.flat()) {
      if (state.laneOf.has(one) || isTerminal(stateOf(state, one))) continue;
      giveUp(state, one, effects);
      any = true;
    }
  }
  return any;
}

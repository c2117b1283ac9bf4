/**
 * The scheduler: one function, events in, instructions out. It does nothing itself, knows no clock and no chance, and is the
 * only place that changes a node's state (through `set.ts`).
 */
import { isSuccess } from "../model/state.ts";
import { retryPause } from "../model/retry.ts";
import { unreachable } from "../model/unreachable.ts";
import type { Effect } from "./effect.ts";
import type { AttemptFailed, Input, NodeSpec, ResultsLost } from "./input.ts";
import { assign } from "./lanes.ts";
import { addIdle, countOf, setState, stateOf } from "./set.ts";
import {
  FOLLOWING,
  FRESH,
  FROM_CACHE,
  KEPT,
  OPEN,
  PAUSING,
  readyQueue,
  RELEASED,
  type ScheduleState,
} from "./state.ts";

/** How much the newest attempt counts in the moving average of a task's times. */
const NEWEST = 0.3;

/**
 * Takes in one event and says what is to be done about it.
 *
 * @throws {Error} when an event does not fit the state of its node: that is a bug in runner.
 */
export function step(state: ScheduleState, input: Input): Effect[] {
  const effects: Effect[] = [];
  take(state, input, effects);
  assign(state, effects);
  if (!state.ended && isOver(state)) {
    state.ended = true;
    effects.push({ kind: "end" });
  }
  return effects;
}

/** One event, by kind. */
function take(state: ScheduleState, input: Input, effects: Effect[]): void {
  switch (input.kind) {
    case "together":
      for (const one of input.inputs) take(state, one, effects);
      return;
    case "groups-added":
      for (const group of input.groups) {
        state.groups.push(group);
        state.millis.push(-1);
      }
      return;
    case "nodes-added":
      state.ended = false;
      return addNodes(state, input.nodes, effects);
    case "lookup-answered":
      state.asked--;
      if (stateOf(state, input.node) !== "ready") return;
      if (input.follow !== undefined) return follow(state, input.node, input.follow, FROM_CACHE, effects);
      if (!input.hit) return enqueue(state, input.node);
      setState(state, input.node, "up-to-date");
      return finished(state, input.node, effects);
    case "expanded":
      state.asked--;
      return wait(state, input.node, input.upstreams, effects);
    case "resolved":
      state.asked--;
      if (stateOf(state, input.node) !== "blocked") return;
      setState(state, input.node, hasFlag(state, input.node, FROM_CACHE) ? "up-to-date" : "succeeded");
      return finished(state, input.node, effects);
    case "attempt-succeeded":
      leaveLane(state, input.node);
      learn(state, input.node, input.millis);
      if (input.follow !== undefined) return follow(state, input.node, input.follow, 0, effects);
      setState(state, input.node, "succeeded");
      return finished(state, input.node, effects);
    case "attempt-failed":
      leaveLane(state, input.node);
      return failed(state, input, effects);
    case "attempt-cancelled":
      leaveLane(state, input.node);
      return setState(state, input.node, "cancelled");
    case "recalled":
      for (const node of input.nodes) {
        leaveLane(state, node);
        state.attempts.add(node, -1);
        setState(state, node, state.cancelled ? "cancelled" : "ready");
        enqueue(state, node);
      }
      return;
    case "results-lost":
      return lost(state, input);
    case "pause-ended":
      state.paused--;
      if (!hasFlag(state, input.node, PAUSING) || stateOf(state, input.node) !== "blocked") return;
      clearFlag(state, input.node, PAUSING);
      setState(state, input.node, "ready");
      return enqueue(state, input.node);
    case "node-refused":
      state.asked--;
      if (stateOf(state, input.node) === "cancelled") return;
      setState(state, input.node, "failed");
      return afterFailure(state, effects);
    case "cancel-asked":
      state.stopped = state.cancelled = true;
      takeBack(state, effects);
      effects.push({ kind: "cancel-running", hard: input.hard });
      for (let node = 0; node < state.states.length; node++) {
        const name = stateOf(state, node);
        if (name === "wanted" || name === "blocked" || name === "ready") setState(state, node, "cancelled");
      }
      return;
    default:
      return unreachable(input);
  }
}

/** New nodes: all of them are wanted, since a plan holds nothing else. */
function addNodes(state: ScheduleState, nodes: readonly NodeSpec[], effects: Effect[]): void {
  const first = state.states.length;
  // All first: an edge may lead to a node that comes later in the list.
  for (const spec of nodes) {
    addIdle(state);
    state.groupOf.push(spec.group);
    state.pending.push(0);
    state.waiting.push(0);
    state.attempts.push(0);
    state.flags.push((spec.open ? OPEN : 0) | (spec.kept ? KEPT : 0));
    state.firstEdge.push(-1);
    state.firstUp.push(-1);
  }
  nodes.forEach((spec, index) => {
    setState(state, first + index, "wanted");
    connect(state, first + index, spec.upstreams);
  });
  // In order, and only those without open ends: the others follow when their upstreams finish.
  for (let node = first; node < first + nodes.length; node++) {
    if (state.stopped) setState(state, node, "cancelled");
    else if (state.pending.at(node) > 0) setState(state, node, "blocked");
    else {
      setState(state, node, "ready");
      proceed(state, node, effects);
    }
  }
}

/** Adds edges from upstreams to a node, and counts those that are not finished. */
function connect(state: ScheduleState, node: number, upstreams: readonly number[]): void {
  for (const upstream of upstreams) {
    state.nextEdge.push(state.firstEdge.at(upstream));
    state.edgeTo.push(node);
    state.firstEdge.set(upstream, state.nextEdge.length - 1);
    state.nextUp.push(state.firstUp.at(node));
    state.upTo.push(upstream);
    state.firstUp.set(node, state.nextUp.length - 1);
    state.waiting.add(upstream, 1);
    if (!isSuccess(stateOf(state, upstream))) state.pending.add(node, 1);
  }
}

/** A node whose known upstreams are finished: ask for the rest of its `deps`, ask the cache, or queue it. */
function proceed(state: ScheduleState, node: number, effects: Effect[]): void {
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
function enqueue(state: ScheduleState, node: number): void {
  if (stateOf(state, node) !== "ready") return;
  readyQueue(state, state.groups[state.groupOf.at(node)]!.pool).push(node);
}

/** More upstreams for a node that is ready: it goes on when they are finished. */
function wait(state: ScheduleState, node: number, upstreams: readonly number[], effects: Effect[]): void {
  if (stateOf(state, node) !== "ready") return;
  connect(state, node, upstreams);
  if (state.pending.at(node) > 0) setState(state, node, "blocked");
  else proceed(state, node, effects);
}

/** A node's value is made of other calls' values. */
function follow(
  state: ScheduleState,
  node: number,
  calls: readonly number[],
  flag: number,
  effects: Effect[],
): void {
  setState(state, node, "blocked");
  if (state.stopped) return setState(state, node, "cancelled");
  state.flags.set(node, state.flags.at(node) | FOLLOWING | flag);
  connect(state, node, calls);
  if (state.pending.at(node) === 0) resolve(state, node, effects);
}

/** All calls that a node returned are computed. */
function resolve(state: ScheduleState, node: number, effects: Effect[]): void {
  clearFlag(state, node, FOLLOWING);
  state.asked++;
  effects.push({ kind: "resolve", node });
}

/** A node has its value: dependents that waited for nothing else go on, results nobody needs are released. */
function finished(state: ScheduleState, node: number, effects: Effect[]): void {
  for (let edge = state.firstEdge.at(node); edge >= 0; edge = state.nextEdge.at(edge)) {
    const dependent = state.edgeTo.at(edge);
    if (stateOf(state, dependent) !== "blocked" || hasFlag(state, dependent, PAUSING)) continue;
    if (state.pending.add(dependent, -1) > 0) continue;
    if (hasFlag(state, dependent, FOLLOWING)) resolve(state, dependent, effects);
    else {
      setState(state, dependent, "ready");
      proceed(state, dependent, effects);
    }
  }
  release(state, node, effects);
  for (let edge = state.firstUp.at(node); edge >= 0; edge = state.nextUp.at(edge)) {
    release(state, state.upTo.at(edge), effects);
  }
}

/** Lets go of a result that no unfinished node needs. */
function release(state: ScheduleState, node: number, effects: Effect[]): void {
  if (
    state.waiting.at(node) > 0 || hasFlag(state, node, KEPT | RELEASED) || !isSuccess(stateOf(state, node))
  ) return;
  state.flags.set(node, state.flags.at(node) | RELEASED);
  effects.push({ kind: "release", node });
}

/** A failed attempt: again after a pause, or never. */
function failed(state: ScheduleState, input: AttemptFailed, effects: Effect[]): void {
  const { node } = input;
  const { retry } = state.groups[state.groupOf.at(node)]!;
  const pause = state.stopped || !input.retriable
    ? undefined
    : retryPause(retry, state.attempts.at(node), input, input.vary);
  if (pause === undefined) {
    setState(state, node, input.reason === "timeout" ? "timed-out" : "failed");
    return afterFailure(state, effects);
  }
  setState(state, node, "blocked");
  state.flags.set(node, state.flags.at(node) | PAUSING);
  state.paused++;
  effects.push({ kind: "pause", node, millis: pause });
}

/** What a final failure means for the rest of the run. */
function afterFailure(state: ScheduleState, effects: Effect[]): void {
  if (state.policy === "keep-going") return;
  state.stopped = true;
  takeBack(state, effects);
  if (state.policy === "kill") effects.push({ kind: "cancel-running", hard: true });
}

/** Takes back whatever lanes have not begun. */
function takeBack(state: ScheduleState, effects: Effect[]): void {
  state.lanes.forEach(({ running }, lane) => {
    if (running.size > 1) effects.push({ kind: "recall", lane, count: running.size });
  });
}

/** Stored results that could not be read: their nodes run again, and those that wait for them wait once more. */
function lost(state: ScheduleState, input: ResultsLost): void {
  state.ended = false;
  if (input.during === "attempt") {
    leaveLane(state, input.node);
    state.attempts.add(input.node, -1);
  } else if (input.during !== "end") {
    state.asked--;
    state.flags.set(input.node, state.flags.at(input.node) | (input.during === "expand" ? OPEN : FOLLOWING));
  }
  if (input.during !== "end" && stateOf(state, input.node) !== "blocked") {
    setState(state, input.node, "blocked");
  }
  for (const upstream of new Set(input.upstreams)) {
    const again = isSuccess(stateOf(state, upstream));
    for (let edge = state.firstEdge.at(upstream); edge >= 0; edge = state.nextEdge.at(edge)) {
      const dependent = state.edgeTo.at(edge);
      const waits = dependent === input.node ||
        (again && stateOf(state, dependent) === "blocked" && !hasFlag(state, dependent, PAUSING));
      if (waits) state.pending.add(dependent, 1);
    }
    if (!again) continue;
    setState(state, upstream, "wanted");
    if (state.stopped) {
      setState(state, upstream, "cancelled");
      continue;
    }
    clearFlag(state, upstream, RELEASED);
    state.flags.set(upstream, state.flags.at(upstream) | FRESH);
    setState(state, upstream, "ready");
    enqueue(state, upstream);
  }
}

/** A node's attempt is over, whatever became of it. */
function leaveLane(state: ScheduleState, node: number): void {
  for (const lane of state.lanes) if (lane.running.delete(node)) return;
}

/** Notes how long a task takes. */
function learn(state: ScheduleState, node: number, millis: number): void {
  const group = state.groupOf.at(node);
  const known = state.millis[group]!;
  state.millis[group] = known < 0 ? millis : known + (millis - known) * NEWEST;
}

/** Whether nothing runs, nothing is asked or paused, and nothing more may start. */
function isOver(state: ScheduleState): boolean {
  if (countOf(state, "running") > 0 || state.asked > 0) return false;
  if (state.stopped) return true;
  return state.paused === 0 && countOf(state, "ready") === 0;
}

/** Whether any of these bits is set. */
function hasFlag(state: ScheduleState, node: number, bits: number): boolean {
  return (state.flags.at(node) & bits) !== 0;
}

/** Clears these bits. */
function clearFlag(state: ScheduleState, node: number, bits: number): void {
  state.flags.set(node, state.flags.at(node) & ~bits);
}

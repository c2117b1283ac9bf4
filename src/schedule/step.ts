/**
 * The scheduler: one function, events in, instructions out. It does nothing itself, knows no clock and no chance, and is the
 * only place that changes a node's state (through `set.ts`).
 */
import { unreachable } from "../model/unreachable.ts";
import {
  connect,
  countPending,
  doom,
  enqueue,
  finished,
  follow,
  giveUp,
  isDoomed,
  proceed,
  wait,
} from "./advance.ts";
import type { Effect } from "./effect.ts";
import type { Input, NodeSpec } from "./input.ts";
import { assign, leaveLane } from "./lanes.ts";
import { isQuiet, whenQuiet } from "./quiet.ts";
import { attemptIsBack, waitOver, waits } from "./waiting.ts";
import { setPool } from "./own_lanes.ts";
import { closeRoom, makeRooms, openRoom, setRoom } from "./rooms.ts";
import { addIdle, setState, stateOf } from "./set.ts";
import { afterFailure, cancelAll, failed, lost, pauseEnded } from "./setback.ts";
import {
  addFlag,
  clearFlag,
  CONDITIONAL,
  FROM_CACHE,
  hasFlag,
  KEPT,
  OPEN,
  RESOLVING,
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
  while (!state.ended && isQuiet(state) && whenQuiet(state, effects)) assign(state, effects);
  if (!state.ended && isQuiet(state)) {
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
        makeRooms(state, group.needs);
        state.millis.push(-1);
        state.expected.push(-1);
      }
      if (state.wave === Infinity) state.wave = Math.min(...input.groups.map((group) => group.wave));
      return;
    case "rooms-set":
      for (const [room, capacity] of input.rooms) setRoom(state, room, capacity);
      return;
    case "pools-set":
      for (const [pool, lanes] of input.pools) setPool(state, pool, lanes);
      return;
    case "room-refused":
      leaveLane(state, input.node);
      state.attempts.add(input.node, -1);
      closeRoom(state, input.room);
      setState(state, input.node, state.cancelled ? "cancelled" : "ready");
      return enqueue(state, input.node);
    case "room-opened":
      return openRoom(state, input.room);
    case "nodes-added":
      state.ended = false;
      return addNodes(state, input.nodes, effects);
    case "lookup-answered":
      state.asked--;
      if (stateOf(state, input.node) !== "ready") return;
      if (input.leftOut) return giveUp(state, input.node, effects);
      if (input.first !== undefined) return wait(state, input.node, input.first, effects, true);
      if (input.made !== undefined) {
        state.attempts.add(input.node, 1);
        learn(state, input.node, input.made);
        // A job that was taken over has done so already.
        setState(state, input.node, "running");
      }
      if (input.follow !== undefined) {
        return follow(state, input.node, input.follow, input.made === undefined, effects);
      }
      if (input.group !== undefined) state.groupOf.set(input.node, input.group);
      if (!input.hit) return enqueue(state, input.node);
      setState(state, input.node, input.made === undefined ? "up-to-date" : "succeeded");
      return finished(state, input.node, effects);
    case "entries-found":
      return found(state, input.nodes, effects);
    case "expanded":
      state.asked--;
      if (input.conditional) addFlag(state, input.node, CONDITIONAL);
      return wait(state, input.node, input.upstreams, effects);
    case "resolved":
      state.asked--;
      clearFlag(state, input.node, RESOLVING);
      if (stateOf(state, input.node) !== "blocked") return;
      setState(state, input.node, hasFlag(state, input.node, FROM_CACHE) ? "up-to-date" : "succeeded");
      return finished(state, input.node, effects);
    case "durations-learned":
      for (const [group, millis] of input.groups) state.expected[group] = millis;
      for (const [node, millis] of input.nodes) state.expectedOf.set(node, millis);
      return;
    case "attempt-waits":
      return waits(state, input.node, input.on);
    case "wait-over":
      return waitOver(state, input.node);
    case "attempt-outdated":
      attemptIsBack(state, input.node);
      leaveLane(state, input.node);
      state.attempts.add(input.node, -1);
      setState(state, input.node, "ready");
      if (state.stopped) return giveUp(state, input.node, effects);
      return wait(state, input.node, [], effects);
    case "attempt-succeeded":
      attemptIsBack(state, input.node);
      leaveLane(state, input.node);
      learn(state, input.node, input.millis);
      if (input.follow !== undefined) return follow(state, input.node, input.follow, false, effects);
      setState(state, input.node, input.skipped ? "skipped" : "succeeded");
      return finished(state, input.node, effects);
    case "attempt-failed":
      attemptIsBack(state, input.node);
      leaveLane(state, input.node);
      return failed(state, input, effects);
    case "attempt-cancelled":
      attemptIsBack(state, input.node);
      leaveLane(state, input.node);
      setState(state, input.node, "cancelled");
      return doom(state, input.node, effects);
    case "recalled":
      for (const node of input.nodes) {
        attemptIsBack(state, node);
        leaveLane(state, node);
        state.attempts.add(node, -1);
        setState(state, node, state.cancelled ? "cancelled" : "ready");
        enqueue(state, node);
      }
      return;
    case "results-lost":
      return lost(state, input, effects);
    case "pause-ended":
      return pauseEnded(state, input.node);
    case "node-refused":
      state.asked--;
      clearFlag(state, input.node, RESOLVING);
      if (stateOf(state, input.node) === "cancelled") return;
      setState(state, input.node, "failed");
      return afterFailure(state, input.node, effects);
    case "cancel-asked":
      return cancelAll(state, input.hard, effects);
    default:
      return unreachable(input);
  }
}

/** The cache has entries of nodes. */
function found(state: ScheduleState, nodes: readonly number[], effects: Effect[]): void {
  for (const node of nodes) {
    state.asked--;
    if (stateOf(state, node) !== "ready") continue;
    setState(state, node, "up-to-date");
    finished(state, node, effects);
  }
}

/** New nodes: all of them are wanted, since a plan holds nothing else. */
function addNodes(state: ScheduleState, nodes: readonly NodeSpec[], effects: Effect[]): void {
  const first = state.states.length;
  const count = nodes.length;
  // All first: an edge may lead to a node that comes later in the list.
  addIdle(state, count);
  for (const zeros of [state.groupOf, state.pending, state.waiting, state.attempts, state.flags]) {
    zeros.extend(count, 0);
  }
  state.firstEdge.extend(count, -1);
  state.firstUp.extend(count, -1);
  // The last one first: the newest edge is met first, and dependents are to go on in the order they were added.
  for (let index = count - 1; index >= 0; index--) {
    const { group, open, kept, conditional, chunk, upstreams } = nodes[index]!;
    const node = first + index;
    state.groupOf.set(node, group);
    state.flags.set(node, (open ? OPEN : 0) | (kept ? KEPT : 0) | (conditional ? CONDITIONAL : 0));
    if (chunk !== undefined) state.chunkOf.set(node, chunk);
    setState(state, node, "wanted");
    if (upstreams.length > 0) connect(state, node, upstreams);
  }
  // In order, and only those without open ends: the others follow when their upstreams finish.
  for (let node = first; node < first + count; node++) {
    if (state.stopped || isDoomed(state, node)) giveUp(state, node, effects);
    else if (countPending(state, node) > 0) setState(state, node, "blocked");
    else {
      setState(state, node, "ready");
      proceed(state, node, effects);
    }
  }
}

/** Notes how long a task takes. */
function learn(state: ScheduleState, node: number, millis: number): void {
  const group = state.groupOf.at(node);
  const known = state.millis[group]!;
  state.millis[group] = known < 0 ? millis : known + (millis - known) * NEWEST;
}

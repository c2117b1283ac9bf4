/**
 * Where nodes wait that need a lock which is taken, or more room than there is.
 *
 * A node whose turn comes too early is parked with those that need the same. When something is given back, one node of each such
 * set that could start returns to its queue, and when it has started, the next: all others would only be parked again.
 */
import { areFree, locksOf } from "./locks.ts";
import { importance } from "./rank.ts";
import { RankedQueue } from "./ranked_queue.ts";
import { fits, wake } from "./rooms.ts";
import type { Parked, ScheduleState } from "./state.ts";

/** Moves nodes out of the way that lack a lock or room, until the first one of the queue can start. */
export function park(state: ScheduleState, queue: RankedQueue): void {
  if (state.locked.size === 0 && state.rooms.size === 0) return;
  for (let node = queue.peek(); node >= 0; node = queue.peek()) {
    const group = state.groupOf.at(node);
    const { locks, needs } = state.groups[group]!;
    if (areFree(state, locks) && fits(state, needs, state.parkedOf[group])) return;
    queue.shift();
    parkedOf(state, group).queue.push(node, importance(state, node));
  }
}

/** A node of a group has started: the next one that waits for the same may be able to as well. */
export function wakeNext(state: ScheduleState, group: number): void {
  const parked = state.parkedOf[group];
  if (parked !== undefined) wake(state, parked);
}

/** Gives a node's locks back. */
export function unlock(state: ScheduleState, node: number): void {
  const locks = locksOf(state, node);
  if (locks.length === 0) return;
  for (const name of locks) if (state.locked.get(name) === node) state.locked.delete(name);
  const woken = new Set<Parked>();
  for (const name of locks) {
    for (const parked of state.parkedBy.get(name) ?? []) {
      if (woken.has(parked)) continue;
      woken.add(parked);
      wake(state, parked);
    }
  }
}

/** Where nodes wait that need what those of a group need. */
function parkedOf(state: ScheduleState, group: number): Parked {
  const { locks, needs } = state.groups[group]!;
  const key = JSON.stringify([locks, needs]);
  let parked = state.parked.get(key);
  if (parked === undefined) {
    state.parked.set(key, parked = { locks, needs, queue: new RankedQueue(), passed: 0 });
    for (const name of new Set(locks)) {
      const sets = state.parkedBy.get(name);
      if (sets === undefined) state.parkedBy.set(name, [parked]);
      else sets.push(parked);
    }
    for (const [name] of needs) state.rooms.get(name)?.parked.push(parked);
  }
  return state.parkedOf[group] ??= parked;
}

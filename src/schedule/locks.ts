/**
 * Named mutual exclusions. A node takes all its locks when it starts and gives them back when its attempt is over, so nobody
 * who is ready to start holds one; an attempt that waits for calls keeps them.
 *
 * A node whose turn comes while one of its locks is taken is parked with those that need the same locks. When a lock is given
 * back, one node of each such set whose locks are all free returns to its queue: the others would only be parked again.
 */
import { importance } from "./rank.ts";
import { RankedQueue } from "./ranked_queue.ts";
import type { Parked, ScheduleState } from "./state.ts";

/** The locks that a node needs. */
export function locksOf(state: ScheduleState, node: number): readonly string[] {
  return state.groups[state.groupOf.at(node)]!.locks;
}

/** Takes a node's locks: it starts. */
export function lock(state: ScheduleState, node: number): void {
  const locks = locksOf(state, node);
  if (locks.length > 0) { for (const name of locks) state.locked.set(name, node); }
}

/** Moves nodes out of the way whose locks are taken, until the first one of the queue can start. */
export function park(state: ScheduleState, queue: RankedQueue): void {
  if (state.locked.size === 0) return;
  for (let node = queue.peek(); node >= 0; node = queue.peek()) {
    const locks = locksOf(state, node);
    if (areFree(state, locks)) return;
    queue.shift();
    const key = JSON.stringify(locks);
    let parked = state.parked.get(key);
    if (parked === undefined) {
      state.parked.set(key, parked = { locks, queue: new RankedQueue() });
      for (const name of new Set(locks)) {
        const sets = state.parkedBy.get(name);
        if (sets === undefined) state.parkedBy.set(name, [parked]);
        else sets.push(parked);
      }
    }
    parked.queue.push(node, importance(state, node));
  }
}

/** Gives a node's locks back. */
export function unlock(state: ScheduleState, node: number): void {
  const locks = locksOf(state, node);
  if (locks.length === 0) return;
  for (const name of locks) if (state.locked.get(name) === node) state.locked.delete(name);
  const woken = new Set<Parked>();
  for (const name of locks) {
    for (const parked of state.parkedBy.get(name) ?? []) {
      if (woken.has(parked) || parked.queue.length === 0 || !areFree(state, parked.locks)) continue;
      woken.add(parked);
      state.arrived.push(parked.queue.shift());
    }
  }
}

/** Whether nobody holds any of these locks. */
function areFree(state: ScheduleState, locks: readonly string[]): boolean {
  return !locks.some((name) => state.locked.has(name));
}

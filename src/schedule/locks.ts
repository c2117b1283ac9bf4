/**
 * Named mutual exclusions. A node takes all its locks when it starts and gives them back when its attempt is over, so nobody who
 * is ready to start holds one; an attempt that waits for calls keeps them.
 */
import type { ScheduleState } from "./state.ts";

/** The locks that a node needs. */
export function locksOf(state: ScheduleState, node: number): readonly string[] {
  return state.groups[state.groupOf.at(node)]!.locks;
}

/** Takes a node's locks: it starts. */
export function lock(state: ScheduleState, node: number): void {
  const locks = locksOf(state, node);
  if (locks.length > 0) { for (const name of locks) state.locked.set(name, node); }
}

/** Whether nobody holds any of these locks. */
export function areFree(state: ScheduleState, locks: readonly string[]): boolean {
  return state.locked.size === 0 || !locks.some((name) => state.locked.has(name));
}

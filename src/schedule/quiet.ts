/** What happens when nothing else can: conditions are judged, the next wave begins, or the run is over. */
import { giveUp, proceed } from "./advance.ts";
import type { Effect } from "./effect.ts";
import { countOf } from "./set.ts";
import { awaitsOthers } from "./rooms.ts";
import { giveUpAwaited } from "./waiting.ts";
import { clearFlag, CONDITIONAL, type ScheduleState } from "./state.ts";

/** Whether nothing runs, nothing is asked or paused, and nothing can start as things are. */
export function isQuiet(state: ScheduleState): boolean {
  // Attempts that may go on are running by now, since all lanes are free.
  if (countOf(state, "running") > 0 || state.asked > 0 || state.due.size > 0) return false;
  if (state.stopped) return true;
  if (state.paused > 0 || state.arrived.length > 0) return false;
  for (const queue of state.ready.values()) if (queue.length > 0) return false;
  return !awaitsOthers(state);
}

/** Lets go on what was held back for this moment; gives whether there was anything. */
export function whenQuiet(state: ScheduleState, effects: Effect[]): boolean {
  if (state.stopped) return giveUpAwaited(state, effects);
  const conditional = state.conditional.splice(0);
  if (conditional.length > 0) {
    const failed = countOf(state, "failed") + countOf(state, "timed-out") > 0;
    for (const node of conditional) {
      clearFlag(state, node, CONDITIONAL);
      if (failed) giveUp(state, node, effects);
      else proceed(state, node, effects);
    }
    return true;
  }
  if (state.held.size === 0) return false;
  state.wave = Math.min(...state.held.keys());
  const nodes = state.held.get(state.wave)!;
  state.held.delete(state.wave);
  for (const node of nodes) proceed(state, node, effects);
  return true;
}

/**
 * What a selection leaves out, and is looked up by a run nevertheless when what stands before it has run: it may be up to date then,
 * and only then does what needs it run.
 */
import { isSuccess, isTerminal } from "../model/state.ts";
import { stateOf } from "../schedule/set.ts";
import type { RunState } from "./run_state.ts";

/** Of a preview in which the scheduler has decided what it can. */
export interface Undecided {
  /** Calls that are left out, unless they turn out to be up to date. */
  readonly leftOut: ReadonlySet<number>;
  /** Calls that run only if one of those turns out to be up to date. */
  readonly behind: ReadonlySet<number>;
}

/** Finds them. */
export function undecided(
  { graph, schedule }: RunState,
  leftOut: Uint8Array | undefined,
  upstreamsOf: (id: number) => readonly number[],
): Undecided {
  const nothing = { leftOut: new Set<number>(), behind: new Set<number>() };
  if (leftOut === undefined) return nothing;
  const waits = graph.nodes.map(({ id }) => id).filter((id) => !isTerminal(stateOf(schedule, id)));
  const open = new Set(waits.filter((id) => leftOut[id] === 1));
  if (open.size === 0) return nothing;
  const dependents = new Map<number, number[]>();
  for (const id of waits) {
    for (const up of upstreamsOf(id)) {
      if (isSuccess(stateOf(schedule, up))) continue;
      const known = dependents.get(up);
      if (known === undefined) dependents.set(up, [id]);
      else known.push(id);
    }
  }
  const behind = new Set<number>();
  const next = [...open];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    for (const dependent of dependents.get(id) ?? []) {
      if (behind.has(dependent)) continue;
      behind.add(dependent);
      next.push(dependent);
    }
  }
  return { leftOut: open, behind };
}

/** What a run is to do, so that it can be told whether another run has done the same. */
import { encode } from "../model/codec/encode.ts";
import { digestOf } from "../model/digest.ts";
import type { RunOptions } from "./options.ts";
import type { Plan } from "./plan.ts";

/** The work of a run. */
export interface Work {
  /** Equal for runs that want the same calls, with the same parameters and the same selection; empty where nobody can tell. */
  readonly wanted: string;
  /** What is to be made anew even if it is up to date. */
  readonly forced: boolean | readonly string[];
}

/** The work of a run with this plan. */
export function workOf({ graph, root }: Plan, options: RunOptions): Work {
  const { params = {}, only, omit, until, from, force = false } = options;
  try {
    const keys = root.nodes.map((id) => graph.nodes[id]!.call.key);
    const sorted = Object.entries(params).sort(([a], [b]) => a < b ? -1 : 1);
    return { wanted: digestOf(encode([root.bytes, keys, sorted, only, omit, until, from])), forced: force };
  } catch {
    // Parameters that cannot be told apart are told of when a task reads one.
    return { wanted: "", forced: force };
  }
}

/** Whether a run that ended well has done the work of another one. */
export function coversWork(done: Work, other: Work): boolean {
  if (other.wanted === "" || done.wanted !== other.wanted) return false;
  if (other.forced === false || done.forced === true) return true;
  if (other.forced === true || done.forced === false) return false;
  const made = done.forced;
  return other.forced.every((name) => made.includes(name));
}

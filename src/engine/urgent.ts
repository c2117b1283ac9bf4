/** Which calls of a run in a watch are looked up first: those that a change concerns, and what they wait for. */
import type { RunState } from "./run_state.ts";

/** More calls than this are no reason for haste: then it is most of them. */
const MOST = 256;

/** The nodes that are to be looked up before the others; `undefined` when there are none, or too many. */
export function urgentNodes(run: RunState): ReadonlySet<number> | undefined {
  // Only who watches knows of changes.
  if (!run.options.rerunOutdated) return undefined;
  const { graph, files } = run;
  const inner = run.ports.files();
  const urgent = new Set<number>();
  for (const { id } of graph.nodes) {
    const rules = files.known(id);
    if (rules !== undefined && inner.isConcerned(rules)) urgent.add(id);
    if (urgent.size > MOST) return undefined;
  }
  // A set that grows is gone through to its new end.
  for (const id of urgent) {
    for (const up of graph.upstreams(graph.nodes[id]!)) urgent.add(up);
    if (urgent.size > MOST) return undefined;
  }
  return urgent.size === 0 ? undefined : urgent;
}

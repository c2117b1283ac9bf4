/**
 * Order between calls of which one may read what the other makes, by patterns and folders. That is a guess: files are known only
 * when they are there. So it puts calls in order where it can, and never makes a cycle, or a wait, that nothing else makes.
 */
import { components } from "./cycles.ts";
import type { Graph } from "./graph.ts";

/** A node that may make what another one reads. */
export type LikelyEdge = readonly [maker: number, reader: number];

/** Which guesses hold. */
export interface Settled {
  readonly kept: readonly LikelyEdge[];
  /** Those that would close a cycle: nothing is put in order by them. */
  readonly dropped: readonly LikelyEdge[];
}

/** Chooses among guesses; linear in nodes and edges. */
export function settleLikely(graph: Graph, edges: readonly LikelyEdge[]): Settled {
  const { nodes, scheduled } = graph;
  let open = edges.filter(([maker, reader]) =>
    maker !== reader && nodes[maker]!.call.task.wave <= nodes[reader]!.call.task.wave &&
    // Whoever is scheduled may be waiting for the new ones by now, and what it waits for itself is settled.
    (scheduled === 0 || maker >= scheduled && reader >= scheduled)
  );
  if (open.length === 0) return { kept: [], dropped: [] };
  const late = lateNodes(graph);
  open = open.filter(([maker]) => late[maker] === 0);
  const readers = new Map<number, number[]>();
  for (const [maker, reader] of open) {
    const list = readers.get(reader);
    if (list === undefined) readers.set(reader, [maker]);
    else list.push(maker);
  }
  const component = components({
    count: nodes.length,
    of: (id) => {
      const more = readers.get(id);
      const known = graph.upstreams(nodes[id]!);
      return more === undefined ? known : [...known, ...more];
    },
  });
  const kept: LikelyEdge[] = [];
  const dropped: LikelyEdge[] = [];
  for (const edge of open) (component[edge[0]] === component[edge[1]] ? dropped : kept).push(edge);
  return { kept, dropped };
}

/** By node: 1 when it waits for something that nobody knows yet, or for all others: it may turn out to wait for anybody. */
function lateNodes(graph: Graph): Uint8Array {
  const late = new Uint8Array(graph.nodes.length);
  const found: number[] = [];
  for (const node of graph.nodes) if (graph.isOpen(node) || graph.isConditional(node)) found.push(node.id);
  if (found.length === 0) return late;
  const dependents: (number[] | undefined)[] = [];
  for (const node of graph.nodes) {
    for (const up of graph.upstreams(node)) (dependents[up] ??= []).push(node.id);
  }
  for (let id = found.pop(); id !== undefined; id = found.pop()) {
    if (late[id] === 1) continue;
    late[id] = 1;
    found.push(...dependents[id] ?? []);
  }
  return late;
}

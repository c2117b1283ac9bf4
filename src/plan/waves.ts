/** Waves: whoever is in a lower one cannot wait for a higher one. */
import type { Issue } from "../model/failure.ts";
import type { Graph } from "./graph.ts";

/** The most issues of this kind that are told. */
const MOST = 20;

/** Nodes that wait for a node of a higher wave, as issues. */
export function waveIssues(graph: Graph): Issue[] {
  const issues: Issue[] = [];
  const { nodes } = graph;
  if (nodes.every((node) => node.call.task.wave === 0)) return issues;
  for (const node of nodes) {
    const { task } = node.call;
    for (const upstream of graph.upstreams(node)) {
      const other = nodes[upstream]!;
      if (other.call.task.wave <= task.wave || issues.length === MOST) continue;
      const [at] = task.frames;
      const problem = `${graph.describe(node)} is in wave ${task.wave} and depends on ${
        graph.describe(other)
      } in wave ${other.call.task.wave}, which starts only when wave ${task.wave} is over`;
      issues.push({ kind: "bad-deps", task: task.name, problem, ...(at && { at }) });
    }
  }
  return issues;
}

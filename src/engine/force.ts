/** Which calls of a run are made anew although they are up to date. */
import { callsNamed } from "../model/catalogue.ts";
import { DefinitionError, type Issue } from "../model/failure.ts";
import { nameHint } from "../model/name_hint.ts";
import { allRegistered } from "../model/registry.ts";
import { didYouMean } from "../model/suggest.ts";
import { matchesName, matchNodes } from "../plan/selection.ts";
import type { RunOptions } from "./options.ts";
import type { Plan } from "./plan.ts";

/**
 * Whether nodes are forced, by the same patterns that other options take.
 *
 * @throws {DefinitionError} when a pattern fits no call of the run and no task: most likely a name is misspelt.
 */
export function forcedBy(
  { graph }: Plan,
  { force = false, separator }: RunOptions,
): (node: number) => boolean {
  if (typeof force === "boolean") return () => force;
  const planned = graph.nodes.length;
  const nodes = new Set<number>();
  const issues: Issue[] = [];
  for (const pattern of force) {
    const found = matchNodes(graph, "force", pattern);
    for (const node of found.nodes) nodes.add(node);
    if (found.issues.length === 0) continue;
    if (pattern.includes("...")) {
      issues.push(...found.issues);
      continue;
    }
    const problem = unknownIn(pattern, separator);
    if (problem !== "") issues.push({ kind: "bad-target", problem: `--force ${pattern}: ${problem}` });
  }
  if (issues.length > 0) throw new DefinitionError(issues);
  // Calls that tasks make later stand in no subtree that could be named.
  const late = force.filter((pattern) => !pattern.includes("..."));
  return (node) =>
    node < planned
      ? nodes.has(node)
      : late.some((pattern) => matchesName(graph, graph.nodes[node]!, pattern));
}

/** What is wrong with a pattern that fits no call that is there from the beginning; nothing if tasks may make such a call. */
function unknownIn(pattern: string, separator: string | undefined): string {
  const tasks = allRegistered();
  if (pattern.startsWith("tag:")) {
    const label = pattern.slice("tag:".length);
    const labels = new Set(tasks.flatMap((task) => task.labels.slice(1)));
    return tasks.some((task) => task.labels.includes(label))
      ? ""
      : `no task has that label${didYouMean(label, [...labels])}`;
  }
  const names = tasks.map((task) => task.name);
  if (names.includes(pattern)) return "";
  const found = callsNamed(pattern, { tasks, ...(separator !== undefined && { separator }) });
  if (found.kind !== "problem") return "";
  return found.missing
    ? `no call of this run, and no task, is called so${nameHint(pattern, names)}`
    : found.problem;
}

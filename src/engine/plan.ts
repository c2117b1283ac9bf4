/** From a target to a graph that is right, or everything that is wrong with it. */
import { separatorIssues } from "../model/catalogue.ts";
import { DefinitionError, type Issue } from "../model/failure.ts";
import { isFuture } from "../model/future.ts";
import { allRegistered } from "../model/registry.ts";
import type { Files } from "../model/file_ports.ts";
import { type Bound, Graph } from "../plan/graph.ts";
import { waveIssues } from "../plan/waves.ts";
import { definitionOf } from "../model/task.ts";
import { RunFiles } from "./file_rules.ts";
import type { RunOptions } from "./options.ts";

/** A planned run. */
export interface Plan {
  readonly graph: Graph;
  readonly root: Bound;
  readonly files: RunFiles;
}

/** What a plan rests on besides its target. */
export type PlanOptions = Pick<RunOptions, "separator" | "allowMissingDeps" | "inputsIgnore">;

/**
 * Makes the graph of a target.
 *
 * @param files the file system, when it is needed.
 * @throws {DefinitionError} with all that is wrong.
 */
export function plan(target: unknown, options: PlanOptions, files: (globs?: boolean) => Files): Plan {
  const { separator, allowMissingDeps = false, inputsIgnore = [] } = options;
  const graph = new Graph({ allowMissing: allowMissingDeps, ...(separator !== undefined && { separator }) });
  const ignore = typeof inputsIgnore === "string" ? [inputsIgnore] : inputsIgnore;
  const declared = new RunFiles(graph, files, ignore);
  if (separator !== undefined) graph.issues.push(...separatorIssues(allRegistered(), separator));
  graph.checkReverse();
  refuseTasks(target);
  const root = graph.bind(target, "target");
  // Whatever is wrong is told at once; a graph that has grown without end is not looked at any further.
  if (!graph.issues.some((issue) => issue.kind === "endless-graph")) {
    declared.plan();
    graph.issues.push(...waveIssues(graph));
    graph.findCycles();
  }
  if (graph.issues.length > 0) throw new DefinitionError(graph.issues);
  return { graph, root, files: declared };
}

/**
 * A task where a call of it is wanted: nothing else says what is missing.
 *
 * @throws {DefinitionError} naming each.
 */
function refuseTasks(target: unknown): void {
  const named: (readonly [string, unknown])[] =
    typeof target === "object" && target !== null && !isFuture(target)
      ? Object.entries(target).map(([name, part]) => [`target.${name}`, part])
      : [["target", target]];
  const issues = named.flatMap(([where, part]): Issue[] => {
    const task = definitionOf(part);
    if (task === undefined) return [];
    const problem =
      `${where} is the task "${task.name}", not a call of it: call it, with its input if it takes one`;
    return [{ kind: "bad-target", problem }];
  });
  if (issues.length > 0) throw new DefinitionError(issues);
}

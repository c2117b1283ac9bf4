/** From a target to a graph that is right, or everything that is wrong with it. */
import { separatorIssues } from "../model/catalogue.ts";
import { CodecError } from "../model/codec/error.ts";
import { refuseTask } from "../model/codec/refuse.ts";
import { DefinitionError } from "../model/failure.ts";
import { lookInside } from "../model/inside.ts";
import { allRegistered } from "../model/registry.ts";
import type { Files } from "../model/file_ports.ts";
import { type Bound, Graph } from "../plan/graph.ts";
import { waveIssues } from "../plan/waves.ts";
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
  const root = bindTarget(graph, target);
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
 * Adds the target to the graph.
 *
 * @throws {DefinitionError} when there is something in it that is no value: of tasks where calls of them are wanted, each.
 */
function bindTarget(graph: Graph, target: unknown): Bound {
  try {
    return graph.bind(target, "target");
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const { tasks } = lookInside(target, "target");
    const problems = tasks.map(({ where, task }) => `${where} ${refuseTask(task.name)}`);
    throw new DefinitionError(
      (problems.length > 0 ? problems : [error.message]).map((problem) => ({ kind: "bad-target", problem })),
    );
  }
}

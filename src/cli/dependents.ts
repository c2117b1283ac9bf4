/** Targets with dots: `x...` is x and whatever depends on it, of all that a pipeline offers without being told more. */
import { callsNamed } from "../model/catalogue.ts";
import type { Definition } from "../model/definition.ts";
import { DefinitionError } from "../model/failure.ts";
import { all, type Future, isFuture } from "../model/future.ts";
import { placeholders } from "../model/name.ts";
import { applyTask } from "../model/fields.ts";
import { plan } from "../engine/plan.ts";
import { selectNodes } from "../plan/selection.ts";
import { type Pipeline, separatorOf } from "./pipeline.ts";

/**
 * A name and its dependents among all exported calls, all tasks without input, and all templates whose fields have choices.
 *
 * @throws {DefinitionError} when nothing is called so.
 */
export function withDependents(pipeline: Pipeline, name: string): [name: string, future: Future<unknown>][] {
  const separator = separatorOf(pipeline);
  const calls = Object.values(pipeline.exports).filter(isFuture);
  const offered = all([...calls, ...pipeline.tasks.flatMap((task) => offers(pipeline, task))]);
  const { graph } = plan(offered, separator === undefined ? {} : { separator }, () => {
    throw new Error("Internal error: files are looked at while targets are being found");
  });
  const { leftOut, issues } = selectNodes(graph, { from: [name] });
  if (issues.length > 0) {
    throw new DefinitionError([{
      kind: "bad-target",
      problem: `${name}...: nothing that this pipeline runs without being told an input is called "${name}"`,
    }]);
  }
  return graph.nodes.filter((node) => leftOut[node.id] === 0).map((
    node,
  ) => [graph.describe(node), node.call]);
}

/** The calls of a task that can be made without being told anything. */
function offers(pipeline: Pipeline, task: Definition): Future<unknown>[] {
  if (placeholders(task.name).length === 0) {
    const needsNothing = task.run.length === 0 || /^(async\s*)?\(\s*_/.test(String(task.run));
    return needsNothing ? [applyTask(task, undefined)] : [];
  }
  const found = callsNamed(task.name.replace(/\[[^\[\]]*\]/g, "*"), { tasks: pipeline.tasks });
  return found.kind === "many" ? found.calls.map(({ call }) => call) : [];
}

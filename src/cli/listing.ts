/** What a pipeline offers, as text. */
import { TaskCode } from "../engine/code.ts";
import { isFuture } from "../model/future.ts";
import type { Definition } from "../model/definition.ts";
import { readableFrame } from "../model/source.ts";
import type { InputField } from "../plan/code/fields.ts";
import { openSources } from "../wire.ts";
import { fieldsOf } from "./inputs.ts";
import type { Pipeline } from "./pipeline.ts";

/** A task as `list` shows it. */
export interface ListedTask {
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** `undefined` when the source does not tell. */
  readonly fields: readonly InputField[] | undefined;
  readonly at: string | undefined;
}

/** What a pipeline offers. */
export function listing(
  pipeline: Pipeline,
): { readonly tasks: readonly ListedTask[]; readonly calls: readonly string[] } {
  const code = new TaskCode(openSources());
  const listed = (task: Definition): ListedTask => ({
    name: task.name,
    description: task.description,
    labels: task.labels.slice(1),
    fields: fieldsOf(task, (one) => code.fields(one)),
    at: task.frames[0] === undefined ? undefined : readableFrame(task.frames[0]),
  });
  return {
    tasks: pipeline.tasks.map(listed),
    calls: Object.keys(pipeline.exports).filter((name) => isFuture(pipeline.exports[name])),
  };
}

/** The same as text. */
export function describePipeline(pipeline: Pipeline): string {
  const { tasks, calls } = listing(pipeline);
  const lines: string[] = [];
  if (calls.length > 0) lines.push("Calls", ...calls.map((name) => `  ${name}`), "");
  if (tasks.length > 0) lines.push("Tasks");
  for (const task of tasks) {
    lines.push(
      `  ${task.name}${task.description === "" ? "" : `  ${task.description}`}${
        task.labels.length === 0 ? "" : `  [${task.labels.join(", ")}]`
      }`,
    );
    for (const field of task.fields ?? []) {
      lines.push(`      --${field.name} <${field.type}>${field.optional ? "  (optional)" : ""}`);
    }
  }
  return lines.length === 0 ? "The pipeline defines no tasks\n" : `${lines.join("\n")}\n`;
}

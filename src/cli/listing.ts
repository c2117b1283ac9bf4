/** What a pipeline offers, as text. */
import { TaskCode } from "../engine/code.ts";
import { listText } from "../model/choices.ts";
import { isFuture } from "../model/future.ts";
import type { Definition } from "../model/definition.ts";
import { readableFrame } from "../model/source.ts";
import { openSources } from "../wire.ts";
import { fieldsOf, type KnownField } from "./inputs.ts";
import type { Pipeline } from "./pipeline.ts";

/** A field as `list` shows it. */
export interface ListedField {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  /** The values it may have, where they are declared and do not depend on other fields; a bigint as text. */
  readonly choices?: readonly unknown[];
}

/** A task as `list` shows it. */
export interface ListedTask {
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** `undefined` when the source does not tell. */
  readonly fields: readonly ListedField[] | undefined;
  readonly at: string | undefined;
}

/** What a pipeline offers. */
export async function listing(
  pipeline: Pipeline,
): Promise<{ readonly tasks: readonly ListedTask[]; readonly calls: readonly string[] }> {
  const code = new TaskCode(await openSources());
  const listed = (task: Definition): ListedTask => ({
    name: task.name,
    description: task.description,
    labels: task.labels.slice(1),
    fields: fieldsOf(task, (one) => code.fields(one))?.map(listedField),
    at: task.frames[0] === undefined ? undefined : readableFrame(task.frames[0]),
  });
  return {
    tasks: pipeline.tasks.map(listed),
    calls: Object.keys(pipeline.exports).filter((name) => isFuture(pipeline.exports[name])),
  };
}

/** What of a field can be printed as JSON. */
function listedField({ name, type, optional, choices }: KnownField): ListedField {
  const values = choices?.map((value) => typeof value === "bigint" ? String(value) : value);
  return { name, type, optional, ...(values !== undefined && { choices: values }) };
}

/** The same as text. */
export async function describePipeline(pipeline: Pipeline): Promise<string> {
  const { tasks, calls } = await listing(pipeline);
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
      const choices = field.choices === undefined ? "" : `  ${listText(field.choices)}`;
      lines.push(`      --${field.name} <${field.type}>${choices}${field.optional ? "  (optional)" : ""}`);
    }
  }
  return lines.length === 0 ? "The pipeline defines no tasks\n" : `${lines.join("\n")}\n`;
}

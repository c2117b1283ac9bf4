/** What names and patterns mean: tasks, templates filled out, and every call that a `*` stands for. */
import { type Call, makeCall } from "./call.ts";
import type { Definition } from "./definition.ts";
import { expand, type NamedCall, templateCall } from "./expansion.ts";
import { DefinitionError, type Issue } from "./failure.ts";
import { checkInput } from "./fields.ts";
import { nameHint } from "./name_hint.ts";
import { placeholders, templateParts, templateSpans } from "./name.ts";
import { fillPattern, type Pattern, wildcard } from "./pattern.ts";
import { readableFrame } from "./source.ts";
import { type TaskIndex, taskIndex } from "./task_index.ts";

/** Where names are looked up. */
export interface NameScope {
  /** The input of the task that asks: fills placeholders of a pattern. */
  readonly fill?: unknown;
  /** What stands between the values of placeholders and is part of none but the last. */
  readonly separator?: string;
  /** The tasks; default: all that are registered. */
  readonly tasks?: readonly Definition[];
}

/** What a name or a pattern means. */
export type Named =
  | { readonly kind: "one"; readonly name: string; readonly call: Call<unknown> }
  | { readonly kind: "many"; readonly calls: readonly NamedCall[] }
  | {
    readonly kind: "problem";
    readonly problem: string;
    /** Nothing is called so. */
    readonly missing: boolean;
  };

/** What stands before the place of a task whose name was right and is not the mistake. */
const DEFINED = "the task is defined at";

/** What is wrong with a name. */
type Problem = Extract<Named, { readonly kind: "problem" }>;

/** The calls that a name (`"build::prod"`), or a pattern (`"build::[env]"`, `"build::*"`), means. */
export function callsNamed(pattern: string, scope: NameScope): Named {
  const index = taskIndex(scope.tasks);
  const filled = fillPattern(pattern, scope.fill);
  if (typeof filled === "string") return problemOf(filled);
  try {
    if (filled.wild.length === 0 || isPlain(filled.text) && index.named(filled.text).length > 0) {
      return oneCall(filled.text, index, scope.separator);
    }
    return manyCalls(filled, index, scope.separator);
  } catch (error) {
    // Choices that fail: their task is told wherever the name is.
    if (error instanceof DefinitionError) return problemOf(error.message);
    throw error;
  }
}

function problemOf(problem: string, missing = false): Problem {
  return { kind: "problem", problem, missing };
}

function isPlain(name: string): boolean {
  return !name.includes("[") || placeholders(name).length === 0;
}

/** The call that a name without wildcards means. */
function oneCall(name: string, index: TaskIndex, separator: string | undefined): Named {
  if (isPlain(name)) {
    const task = theOne(name, index);
    if (task !== undefined) return "kind" in task ? task : plainCall(task);
  }
  const fitting: NamedCall[] = [];
  const templates: Definition[] = [];
  let refused: Problem | undefined;
  for (const template of index.templatesFor(name)) {
    const spans = templateSpans(template, name, separator);
    if (spans === undefined) continue;
    const task = theOne(template, index)!;
    if ("kind" in task) return task;
    const { fields } = templateParts(template);
    const made = templateCall(
      task,
      Object.fromEntries(spans.map(([from, to], at) => [fields[at]!, name.slice(from, to)])),
    );
    if (typeof made === "string") {
      refused ??= problemOf(`"${name}" is no call of "${template}": ${made}${definedAt([task], DEFINED)}`);
    } else {
      fitting.push(made);
      templates.push(task);
    }
  }
  if (fitting.length > 1) {
    return problemOf(
      `"${name}" fits several templates: ${
        templates.map((one) => `"${one.name}"`).join(", ")
      }; rename one of them, or call the one that is meant${definedAt(templates)}`,
    );
  }
  const [made] = fitting;
  if (made !== undefined) return { kind: "one", ...made };
  return refused ??
    problemOf(`There is no task "${name}"${nameHint(name, index.names)}${available(index)}`, true);
}

/** The one task of a name, nothing, or the problem of two. */
function theOne(name: string, index: TaskIndex): Definition | Problem | undefined {
  const [task, other] = index.named(name);
  if (other === undefined) return task;
  return problemOf(`Two tasks are called "${name}"; rename one of them${definedAt([task!, other])}`);
}

/** The call of a task that is named and whose name is no template. */
function plainCall(task: Definition): Named {
  const checked = checkInput(task, undefined);
  if (checked.issue === undefined) {
    return { kind: "one", name: task.name, call: makeCall(task, checked.value) };
  }
  const { problem } = checked.issue;
  return problemOf(
    `The task "${task.name}" needs an input, so its name alone is no call: ${problem}; call it with one${
      definedAt([task], DEFINED)
    }`,
  );
}

/** The calls that a pattern with wildcards means. */
function manyCalls(pattern: Pattern, index: TaskIndex, separator: string | undefined): Named {
  const calls = new Map<string, Call<unknown>>();
  const whole = wildcard(pattern, 0, pattern.text.length);
  let refused: string | undefined;
  let unfit: string | undefined;
  for (const name of index.names) {
    const plain = isPlain(name);
    const spans = plain ? undefined : templateSpans(name, pattern.text, separator);
    if (plain ? !whole.test(name) : spans === undefined) continue;
    const task = theOne(name, index)!;
    if ("kind" in task) return task;
    if (plain) {
      const made = plainCall(task);
      if (made.kind !== "one") return made;
      calls.set(made.name, made.call);
      continue;
    }
    const expanded = expand(task, pattern, spans!);
    const where = definedAt([task], DEFINED);
    if ("problem" in expanded) return problemOf(`${expanded.problem}${where}`);
    for (const made of expanded.calls) calls.set(made.name, made.call);
    refused ??= expanded.refused && `${expanded.refused}${where}`;
    unfit ??= expanded.unfit && `${expanded.unfit}${where}`;
  }
  if (calls.size > 0) return { kind: "many", calls: [...calls].map(([name, call]) => ({ name, call })) };
  if (refused !== undefined) return problemOf(`"${pattern.text}" matches nothing: ${refused}`);
  return unfit === undefined
    ? problemOf(
      `"${pattern.text}" matches no task${starsHint(pattern.text, index) || available(index)}`,
      true,
    )
    : problemOf(`"${pattern.text}" matches nothing: ${unfit}`, true);
}

/** Where tasks are defined, as lines at the end of a problem. */
function definedAt(tasks: readonly Definition[], what = "at"): string {
  return tasks.flatMap(({ frames: [at] }) => at === undefined ? [] : [`\n    ${what} ${readableFrame(at)}`])
    .join("");
}

/** How many stars it takes, where a pattern has too few for a template that it begins like. */
function starsHint(pattern: string, index: TaskIndex): string {
  const head = pattern.slice(0, pattern.search(/[*?]/));
  const template = index.names.find((name) => {
    const { fields, texts } = templateParts(name);
    return fields.length > 1 && texts[0] === head && pattern.split(/[*?]/).length <= fields.length;
  });
  if (template === undefined) return "";
  const { fields, texts } = templateParts(template);
  const stars = texts.join("*");
  return `: "${template}" has ${fields.length} fields, and a star stands for one of them; write "${stars}"`;
}

/** What there is, or the beginning of it. */
function available({ names }: TaskIndex): string {
  if (names.length === 0) return "; no task is defined";
  return `\n    there are: ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}`;
}

/** The problems of templates in a run whose separator is set: the text between placeholders must be it. */
export function separatorIssues(tasks: readonly Definition[], separator: string): Issue[] {
  return tasks.flatMap((task): Issue[] => {
    const { fields, texts } = templateParts(task.name);
    const odd = texts.findIndex((text, index) => index > 0 && index < fields.length && text !== separator);
    if (odd < 0) return [];
    const at = task.frames[0];
    const problem = `between [${fields[odd - 1]}] and [${fields[odd]}] stands "${
      texts[odd]
    }", but the separator is set to "${separator}"`;
    return [{ kind: "bad-task", task: task.name, problem, ...(at && { at }) }];
  });
}

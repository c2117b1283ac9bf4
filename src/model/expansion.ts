/** From a template and texts for its placeholders to calls: values cast, wildcards expanded over choices. */
import { type Call, makeCall } from "./call.ts";
import { choicesOf, fieldPlan, listText } from "./choices.ts";
import type { Definition } from "./definition.ts";
import { castText, checkValue } from "./field.ts";
import { castTexts, checkInput } from "./fields.ts";
import { fillName, placeholders } from "./name.ts";
import { type Pattern, wildcard } from "./pattern.ts";

/** A call and its name, filled out. */
export interface NamedCall {
  /** The name, with the values as they were cast: `f::01` is `f::1` where the field is a number. */
  readonly name: string;
  /** The call. */
  readonly call: Call<unknown>;
}

/** The call of a template on the texts of its placeholders, or what is wrong with them. */
export function templateCall(task: Definition, texts: Readonly<Record<string, string>>): NamedCall | string {
  const cast = castTexts(task, texts);
  return "problem" in cast
    ? fieldProblem(cast.field, texts[cast.field], cast.problem)
    : callOn(task, cast.values);
}

function fieldProblem(field: string, text: string | undefined, problem: string): string {
  return `the field "${field}" is ${JSON.stringify(text)}: ${problem}`;
}

/** The call of a template on values, or what is wrong with them. */
function callOn(task: Definition, values: Readonly<Record<string, unknown>>): NamedCall | string {
  const checked = checkInput(task, values);
  if (checked.issue !== undefined) return checked.issue.problem;
  return { name: fillName(task.name, checked.value), call: makeCall(task, checked.value) };
}

/** What a pattern means for one template: the calls, and what was wrong first with those that are none. */
export type Expanded =
  | {
    readonly calls: readonly NamedCall[];
    readonly refused: string | undefined;
    /** The placeholder that none of its choices fits. */
    readonly unfit: string | undefined;
  }
  | { readonly problem: string };

/** The values of one placeholder that are tried, given those before it. */
type Values = (before: Readonly<Record<string, unknown>>) => readonly unknown[];

/**
 * All calls of a template that a pattern with wildcards means, in the order of the choices.
 *
 * @param spans where the values of the placeholders stand in the pattern.
 */
export function expand(
  task: Definition,
  pattern: Pattern,
  spans: readonly (readonly [from: number, to: number])[],
): Expanded {
  const fields = placeholders(task.name);
  const { choices } = fieldPlan(task);
  const values: Values[] = [];
  let unfit: string | undefined;
  for (const [at, field] of fields.entries()) {
    const [from, to] = spans[at]!;
    const text = pattern.text.slice(from, to);
    if (!pattern.wild.some((position) => from <= position && position < to)) {
      const rule = Object.hasOwn(task.fields, field) ? task.fields[field] : undefined;
      const cast = rule === undefined ? { value: text } : castText(rule, text);
      if (cast.problem !== undefined) {
        return { calls: [], refused: fieldProblem(field, text, cast.problem), unfit: undefined };
      }
      values.push(() => [(cast as { readonly value: unknown }).value]);
    } else if (Object.hasOwn(choices, field)) {
      const fits = wildcard(pattern, from, to);
      values.push((before) => {
        const list = choicesOf(task, field, before)!;
        const fitting = list.filter((value) => fits.test(String(value)));
        if (fitting.length === 0) unfit ??= `[${field}] of "${task.name}" is ${listText(list) || "nothing"}`;
        return fitting;
      });
    } else {
      const problem =
        `"${pattern.text}" has a * or ? for [${field}] of "${task.name}", which has no choices: declare them, as in choices: { ${field}: ["…"] }`;
      return { problem };
    }
  }
  const calls: NamedCall[] = [];
  let refused: string | undefined;
  const choose = (at: number, given: Record<string, unknown>, before: Record<string, unknown>): void => {
    const field = fields[at];
    if (field === undefined) {
      const made = leaf(task, given);
      if (typeof made === "string") refused ??= made;
      else calls.push(made);
      return;
    }
    const rule = Object.hasOwn(task.fields, field) ? task.fields[field] : undefined;
    for (const value of values[at]!(before)) {
      const checked = rule === undefined ? { value } : checkValue(rule, value);
      // What a schema refuses, the check of the whole input tells.
      const output = checked.problem === undefined ? (checked as { readonly value: unknown }).value : value;
      choose(at + 1, { ...given, [field]: value }, { ...before, [field]: output });
    }
  };
  choose(0, {}, {});
  return { calls, refused, unfit };
}

/** The call on chosen values. A schema of the whole input may want what the texts stand for. */
function leaf(task: Definition, given: Readonly<Record<string, unknown>>): NamedCall | string {
  const made = callOn(task, given);
  if (typeof made !== "string" || task.schema === undefined) return made;
  return templateCall(
    task,
    Object.fromEntries(Object.entries(given).map(([field, value]) => [field, String(value)])),
  );
}

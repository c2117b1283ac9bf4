/** Declared fields: how a task is applied to a checked input, and how texts of names and command lines become values. */
import { type Call, makeCall } from "./call.ts";
import { amongChoices, fieldPlan, isNothingDeclared } from "./choices.ts";
import type { Definition, StandardResult, StandardSchema } from "./definition.ts";
import { DefinitionError, type Issue } from "./failure.ts";
import { castText, checkValue, holdsFuture, jsonOf, validate } from "./field.ts";
import { isFuture } from "./future.ts";
import { readable } from "./readable.ts";

/** What is wrong with an input. */
export type BadInput = Extract<Issue, { readonly kind: "bad-input" }>;

/**
 * Checks an input against what a task declares, and converts it as its schemas say.
 *
 * @returns the input that the call is made of, or what is wrong.
 */
export function checkInput(
  task: Definition,
  input: unknown,
): { readonly value: unknown; readonly issue?: undefined } | { readonly issue: BadInput } {
  if (isNothingDeclared(task) || isFuture(input)) return { value: input };
  if (task.schema !== undefined) {
    if (holdsFuture(input)) return { value: input };
    const checked = validate(task.schema, input);
    if (checked.problem !== undefined) return wrong(task, "", input, checked.problem);
    input = checked.value;
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    const { order } = fieldPlan(task);
    if (task.schema !== undefined || order.length === 0) return { value: input };
    if (input !== undefined) return wrong(task, "", input, `it is an object with ${fieldList(order)}`);
  }
  const checked = checkFields(task, input as Readonly<Record<string, unknown>> | undefined ?? {});
  // Choices alone want no input.
  const still = input === undefined && checked.issue === undefined && Object.keys(task.fields).length === 0;
  return still ? { value: undefined } : checked;
}

/** Checks one field after the other. */
function checkFields(
  task: Definition,
  given: Readonly<Record<string, unknown>>,
): { readonly value: unknown; readonly issue?: undefined } | { readonly issue: BadInput } {
  const { order, placeholders, choices } = fieldPlan(task);
  let converted: Record<string, unknown> | undefined;
  const before: Record<string, unknown> = {};
  // A function of fields whose values are known only later cannot be asked.
  let known = true;
  for (const [index, field] of order.entries()) {
    const raw = Object.hasOwn(given, field) ? given[field] : undefined;
    if (isFuture(raw)) {
      known = false;
      continue;
    }
    const rule = Object.hasOwn(task.fields, field) ? task.fields[field] : undefined;
    const checked = rule === undefined ? { value: raw } : checkValue(rule, raw);
    if (checked.problem !== undefined) return wrong(task, field, raw, checked.problem);
    const { value } = checked as { readonly value: unknown };
    if (!Object.is(value, raw)) (converted ??= { ...given })[field] = value;
    const list = Object.hasOwn(choices, field) ? choices[field] : undefined;
    // A placeholder cannot be left out, other fields may.
    if (
      list !== undefined && (value !== undefined || index < placeholders) &&
      (known || typeof list !== "function")
    ) {
      const among = amongChoices(task, field, before, [raw, value]);
      if (among !== undefined) return wrong(task, field, raw, among);
    }
    before[field] = value;
  }
  return { value: converted ?? given };
}

/** `the field n`, `the fields a, b`. */
function fieldList(names: readonly string[]): string {
  return `the ${names.length === 1 ? "field" : "fields"} ${names.join(", ")}`;
}

function wrong(
  task: Definition,
  field: string,
  value: unknown,
  why: string,
): { readonly issue: BadInput } {
  const what = field === "" ? "the input" : `the field "${field}"`;
  const is = value === undefined ? "is missing" : `is ${readable(value)}`;
  const at = task.frames[0];
  return {
    issue: { kind: "bad-input", task: task.name, field, problem: `${what} ${is}: ${why}`, ...(at && { at }) },
  };
}

/**
 * The call of a task on an input that is checked and converted.
 *
 * @throws {DefinitionError} naming the field that is wrong.
 */
export function applyTask<T>(task: Definition, input: unknown): Call<T> {
  const checked = checkInput(task, input);
  if (checked.issue !== undefined) throw new DefinitionError([checked.issue]);
  return makeCall<T>(task, checked.value);
}

/**
 * Texts, as they stand in a name or on a command line, as values for a task's fields.
 *
 * @returns the values, or the field that is wrong and why.
 */
export function castTexts(
  task: Definition,
  texts: Readonly<Record<string, string>>,
): { readonly values: Readonly<Record<string, unknown>> } | {
  readonly field: string;
  readonly problem: string;
} {
  if (task.schema !== undefined) return { values: castBySchema(task.schema, texts) };
  const values: Record<string, unknown> = {};
  for (const [field, text] of Object.entries(texts)) {
    const rule = Object.hasOwn(task.fields, field) ? task.fields[field] : undefined;
    const checked = rule === undefined ? { value: text } : castText(rule, text);
    if (checked.problem !== undefined) return { field, problem: checked.problem };
    values[field] = checked.value;
  }
  return { values };
}

/** Texts that a schema of the whole refuses are replaced by the JSON values they stand for. */
function castBySchema(
  schema: StandardSchema,
  texts: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = { ...texts };
  // An issue may come to light only when the one before it is gone.
  for (let round = 0; round < Object.keys(texts).length; round++) {
    const refused = refusedFields(schema, values).filter((field) => values[field] === texts[field]);
    for (const field of refused) values[field] = jsonOf(texts[field] ?? "")?.value ?? texts[field];
    if (refused.length === 0) break;
  }
  return values;
}

/** The fields that a schema of the whole finds fault with. */
function refusedFields(schema: StandardSchema, values: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    const result = schema["~standard"].validate(values) as StandardResult<unknown>;
    return Array.from(result.issues ?? []).flatMap(({ path }) => {
      const [step] = path ?? [];
      return step === undefined ? [] : [String(typeof step === "object" ? step.key : step)];
    });
  } catch {
    return [];
  }
}

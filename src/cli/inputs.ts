/** From `--n 3` to `{ n: 3 }`: the input of a target, typed by what is known of its fields. */
import { fieldPlan } from "../model/choices.ts";
import { validate } from "../model/field.ts";
import { castTexts } from "../model/fields.ts";
import { placeholders } from "../model/name.ts";
import { readable } from "../model/readable.ts";
import { nearest } from "../model/suggest.ts";
import type { Definition, FieldRule } from "../model/definition.ts";
import type { InputField } from "../plan/code/fields.ts";
import { usage } from "./arguments.ts";
import { optionElsewhere } from "./unknown_option.ts";
import { describeType, fieldValue, mayBe, ruledValue } from "./values.ts";

/** What the command line gives for an input. */
export interface Given {
  /** The text of `--input`. */
  readonly json: string | undefined;
  /** Fields as they were written. */
  readonly fields: ReadonlyMap<string, string>;
  /** Fields that the target's name filled out. */
  readonly filled: Readonly<Record<string, string>>;
  /** The command's own options, for suggestions: a misspelt option looks like a field. */
  readonly options: readonly string[];
  /** The command. */
  readonly command: string;
  /** Fields that were written after `--`, so are meant as such. */
  readonly meant: ReadonlySet<string>;
}

/** A field of a task, as it is declared or as its source tells. */
export interface KnownField extends InputField {
  /** What is declared of it. */
  readonly rule?: FieldRule;
  /** The values it may have, where they are declared and do not depend on other fields. */
  readonly choices?: readonly unknown[];
}

/** The fields of a task as far as they are known: from its template name, its declared fields, or its source. */
export function fieldsOf(
  task: Definition,
  fromSource: (task: Definition) => readonly InputField[] | undefined,
): readonly KnownField[] | undefined {
  const template = placeholders(task.name);
  const { order, choices } = fieldPlan(task);
  const read: readonly InputField[] | undefined = template.length > 0
    ? template.map((name) => ({
      name,
      type: task.schema === undefined ? "string" : "value",
      optional: false,
    }))
    : fromSource(task) ?? (takesNothing(task) ? [] : undefined);
  if (read === undefined && Object.keys(task.fields).length === 0) return undefined;
  const names = new Set([...(read ?? []).map(({ name }) => name), ...order]);
  return [...names].map((name) => {
    const rule = Object.hasOwn(task.fields, name) ? task.fields[name] : undefined;
    const list = Object.hasOwn(choices, name) ? choices[name] : undefined;
    return {
      ...read?.find((one) => one.name === name) ?? { name, type: "value", optional: false },
      ...(rule !== undefined && declared(rule)),
      ...(Array.isArray(list) && { choices: list as readonly unknown[] }),
    };
  });
}

/** What a declaration says of a field, whatever the source says. */
function declared(rule: FieldRule): Pick<KnownField, "rule" | "type" | "optional"> {
  const optional = rule.schema !== undefined && validate(rule.schema, undefined).problem === undefined;
  return { rule, type: rule.type ?? "value", optional };
}

/** What stands for the value of a field in a usage text: `number`, `"dev" | "prod"`. */
export function placeholderText({ type, choices }: KnownField): string {
  if (choices === undefined || choices.length === 0) return type;
  const words = choices.slice(0, 8).map((value) => readable(value));
  return `${words.join(" | ")}${choices.length > 8 ? " | …" : ""}`;
}

/**
 * The input of a task.
 *
 * @param known its fields, or `undefined` when nobody knows them.
 * @throws {DefinitionError} naming the field that is wrong, missing or unknown.
 */
export function inputFor(
  task: Definition,
  known: readonly KnownField[] | undefined,
  given: Given,
): unknown {
  const base = given.json === undefined ? undefined : parseJson(given.json);
  const isRecord = typeof base === "object" && base !== null && !Array.isArray(base);
  const nothing = given.fields.size === 0 && Object.keys(given.filled).length === 0;
  if (given.json !== undefined && !isRecord) {
    if (!nothing) {
      throw usage("--input is not an object, so fields cannot be laid over it; give one or the other");
    }
    if (known === undefined) return base;
    throw usage(
      known.length === 0
        ? `The task "${task.name}" takes no input, so --input has nothing to go to`
        : `--input for "${task.name}" is an object with the fields ${
          known.map((field) => field.name).join(", ")
        }, not ${readable(base)}`,
    );
  }
  // A task without fields gets no input at all, as in `task()`.
  if (nothing && base === undefined && (known === undefined || known.length === 0)) return undefined;
  const filled = castTexts(task, given.filled);
  if ("problem" in filled) {
    throw usage(`"${given.filled[filled.field]}" is no ${filled.field}: ${filled.problem}`);
  }
  const input: Record<string, unknown> = { ...base as object, ...filled.values };
  for (const [name, value] of Object.entries(base ?? {})) checkJson(task, known, name, value);
  for (const [name, text] of given.fields) {
    const field = known?.find((one) => one.name === name);
    if (field === undefined) refuseUnknown(task, known, name, given);
    input[name] = field?.rule === undefined
      ? fieldValue(name, text, field?.type)
      : ruledValue(name, text, field.rule);
  }
  if (task.schema !== undefined) Object.assign(input, wholeValues(task, given.fields));
  if (known !== undefined) refuseMissing(task, known, input);
  return input;
}

/** The values of fields that a schema of the whole input judges. */
function wholeValues(
  task: Definition,
  fields: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> {
  const cast = castTexts(task, Object.fromEntries(fields));
  return "values" in cast ? cast.values : {};
}

/** Whether a task's functions have no parameter that an input could go to. */
function takesNothing(task: Definition): boolean {
  return [task.run, task.deps].every((one) =>
    typeof one !== "function" || /^(async\s*)?(function\b\s*)?(\*\s*)?([\w$]+\s*)?\(\s*\)/.test(String(one))
  );
}

/** A field that the task does not have. */
function refuseUnknown(
  task: Definition,
  known: readonly KnownField[] | undefined,
  name: string,
  { options, command, meant }: Given,
): void {
  const option = meant.has(name) ? undefined : nearest(name, options.filter((one) => one.length > 3));
  if (known === undefined) {
    // Any field may be right, but most likely this was to be an option.
    if (option === undefined) return;
    throw usage(
      `There is no option --${name}; did you mean --${option}? If it is a field, write it after --`,
    );
  }
  const names = known.map((field) => field.name);
  const close = nearest(name, names);
  const elsewhere = close === undefined && !meant.has(name) ? optionElsewhere(name, command) : undefined;
  if (elsewhere !== undefined) throw usage(`${elsewhere}, and the task "${task.name}" has no such field`);
  const near = close ?? option;
  throw usage(
    `The task "${task.name}" has no field "${name}"${near === undefined ? "" : `; did you mean --${near}?`}${
      names.length === 0 ? "\n    it takes no input" : `\n    it has: ${names.join(", ")}`
    }`,
  );
}

/** A field of `--input`, as far as it can be judged. */
function checkJson(
  task: Definition,
  known: readonly KnownField[] | undefined,
  name: string,
  value: unknown,
): void {
  if (known === undefined) return;
  const field = known.find((one) => one.name === name);
  if (field === undefined) {
    refuseUnknown(task, known, name, {
      json: undefined,
      fields: new Map(),
      filled: {},
      options: [],
      command: "",
      meant: new Set(),
    });
  } else if (field.rule === undefined && !mayBe(value, field.type)) {
    throw usage(`The field "${name}" of --input is ${describeType(field.type)}, not ${readable(value)}`);
  }
}

/** A field that must be there and is not. */
function refuseMissing(
  task: Definition,
  known: readonly KnownField[],
  input: Readonly<Record<string, unknown>>,
): void {
  const missing = known.filter((field) => !field.optional && !Object.hasOwn(input, field.name));
  if (missing.length === 0) return;
  const list = missing.map((field) => `--${field.name} <${placeholderText(field)}>`).join(" ");
  throw usage(
    `The task "${task.name}" needs ${
      missing.length === 1 ? "a field that is" : "fields that are"
    } missing: ${list}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usage(`--input is not JSON: ${(error as Error).message}`);
  }
}

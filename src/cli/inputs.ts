/** From `--n 3` to `{ n: 3 }`: the input of a target, typed by what is known of its fields. */
import { placeholders } from "../model/name.ts";
import { readable } from "../model/readable.ts";
import { nearest } from "../model/suggest.ts";
import type { Definition } from "../model/definition.ts";
import type { InputField } from "../plan/code/fields.ts";
import { usage } from "./arguments.ts";
import { describeType, fieldValue, mayBe } from "./values.ts";

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
  /** Fields that were written after `--`, so are meant as such. */
  readonly meant: ReadonlySet<string>;
}

/** The fields of a task as far as they are known: from its template name, or from its source. */
export function fieldsOf(
  task: Definition,
  fromSource: (task: Definition) => readonly InputField[] | undefined,
): readonly InputField[] | undefined {
  const names = placeholders(task.name);
  if (names.length > 0) return names.map((name) => ({ name, type: "string", optional: false }));
  return fromSource(task) ?? (takesNothing(task) ? [] : undefined);
}

/**
 * The input of a task.
 *
 * @param known its fields, or `undefined` when nobody knows them.
 * @throws {DefinitionError} naming the field that is wrong, missing or unknown.
 */
export function inputFor(
  task: Definition,
  known: readonly InputField[] | undefined,
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
  const input: Record<string, unknown> = { ...base as object, ...given.filled };
  for (const [name, value] of Object.entries(base ?? {})) checkJson(task, known, name, value);
  for (const [name, text] of given.fields) {
    const field = known?.find((one) => one.name === name);
    if (field === undefined) refuseUnknown(task, known, name, given);
    input[name] = fieldValue(name, text, field?.type);
  }
  if (known !== undefined) refuseMissing(task, known, input);
  return input;
}

/** Whether a task's functions have no parameter that an input could go to. */
function takesNothing(task: Definition): boolean {
  return [task.run, task.deps].every((one) =>
    one === undefined || /^(async\s*)?(function\b\s*)?(\*\s*)?([\w$]+\s*)?\(\s*\)/.test(String(one))
  );
}

/** A field that the task does not have. */
function refuseUnknown(
  task: Definition,
  known: readonly InputField[] | undefined,
  name: string,
  { options, meant }: Given,
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
  const near = nearest(name, names) ?? option;
  throw usage(
    `The task "${task.name}" has no field "${name}"${near === undefined ? "" : `; did you mean --${near}?`}${
      names.length === 0 ? "\n    it takes no input" : `\n    it has: ${names.join(", ")}`
    }`,
  );
}

/** A field of `--input`, as far as it can be judged. */
function checkJson(
  task: Definition,
  known: readonly InputField[] | undefined,
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
      meant: new Set(),
    });
  } else if (!mayBe(value, field.type)) {
    throw usage(`The field "${name}" of --input is ${describeType(field.type)}, not ${readable(value)}`);
  }
}

/** A field that must be there and is not. */
function refuseMissing(
  task: Definition,
  known: readonly InputField[],
  input: Readonly<Record<string, unknown>>,
): void {
  const missing = known.filter((field) => !field.optional && !Object.hasOwn(input, field.name));
  if (missing.length === 0) return;
  const list = missing.map((field) => `--${field.name} <${field.type}>`).join(" ");
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

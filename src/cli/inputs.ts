/** From `--n 3` to `{ n: 3 }`: the input of a target, typed by what is known of its fields. */
import { placeholders } from "../model/name.ts";
import { didYouMean } from "../model/suggest.ts";
import type { Definition } from "../model/task.ts";
import type { InputField } from "../plan/code/fields.ts";
import { usage } from "./arguments.ts";

/** The fields of a task as far as they are known: from its template name, or from its source. */
export function fieldsOf(
  task: Definition,
  fromSource: (task: Definition) => readonly InputField[] | undefined,
): readonly InputField[] | undefined {
  const names = placeholders(task.name);
  if (names.length > 0) return names.map((name) => ({ name, type: "string", optional: false }));
  return fromSource(task);
}

/**
 * The input of a task.
 *
 * @param known its fields, or `undefined` when nobody knows them.
 * @param json the text of `--input`.
 * @param filled fields that the target's name filled out.
 * @throws {DefinitionError} naming the field that is wrong, missing or unknown.
 */
export function inputFor(
  task: Definition,
  known: readonly InputField[] | undefined,
  given: {
    readonly json: string | undefined;
    readonly fields: ReadonlyMap<string, string>;
    readonly filled: Readonly<Record<string, string>>;
  },
): unknown {
  const base = given.json === undefined ? undefined : parseJson(given.json, "--input");
  const filled = Object.entries(given.filled);
  if (given.fields.size === 0 && filled.length === 0) {
    if (base !== undefined || known === undefined || known.length === 0) return base;
    refuseMissing(task, known, {});
    return {};
  }
  if (base !== undefined && (typeof base !== "object" || base === null || Array.isArray(base))) {
    throw usage("--input is not an object, so fields cannot be laid over it; give one or the other");
  }
  const input: Record<string, unknown> = { ...base, ...given.filled };
  for (const [name, text] of given.fields) {
    const field = known?.find((one) => one.name === name);
    if (known !== undefined && field === undefined) {
      const names = known.map((one) => one.name);
      throw usage(
        `The task "${task.name}" has no field "${name}"${didYouMean(name, names)}${
          names.length === 0 ? "; it has none" : `\n    it has: ${names.join(", ")}`
        }`,
      );
    }
    input[name] = fieldValue(name, text, field?.type);
  }
  if (known !== undefined) refuseMissing(task, known, input);
  return input;
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

/** A field's text as a value of its type; without a type, JSON if it is any, else the text. */
function fieldValue(name: string, text: string, type: string | undefined): unknown {
  const wrong = (wanted: string): never => {
    throw usage(`--${name} takes ${wanted}, not "${text}"`);
  };
  switch (type) {
    case "string":
      return text;
    case "number":
      return text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : wrong("a number");
    case "bigint":
      return /^-?\d+$/.test(text) ? BigInt(text) : wrong("a whole number");
    case "boolean":
      return text === "" || text === "true" ? true : text === "false" ? false : wrong("true or false");
    case undefined:
      return guess(text);
  }
  const choices = literals(type);
  if (choices !== undefined) {
    const choice = choices.find((one) => String(one) === text);
    return choice ?? wrong(choices.map((one) => JSON.stringify(one)).join(" or "));
  }
  if (/\[\]$|^(readonly )?\[|^\{|^(Readonly)?(Array|Record)<|^readonly /.test(type)) {
    try {
      return JSON.parse(text);
    } catch {
      return wrong(`JSON of type ${type}`);
    }
  }
  return guess(text);
}

/** The members of a union of literals, or `undefined` when the type is something else. */
function literals(type: string): readonly (string | number)[] | undefined {
  const parts = type.split("|").map((part) => part.trim()).filter((part) => part !== "");
  const values = parts.map((part) =>
    /^"[^"\\]*"$|^'[^'\\]*'$/.test(part)
      ? part.slice(1, -1)
      : /^-?\d+(\.\d+)?$/.test(part)
      ? Number(part)
      : undefined
  );
  return values.every((value) => value !== undefined) ? values : undefined;
}

/** The value of a text whose type nobody knows. */
function guess(text: string): unknown {
  if (text === "") return true;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usage(`${name} is not JSON: ${(error as Error).message}`);
  }
}

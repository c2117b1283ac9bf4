/** One declared field: what is right for it, and how a text becomes a value of it. */
import type { FieldRule, FieldType, StandardResult, StandardSchema } from "./definition.ts";
import { isFuture } from "./future.ts";
import { readable } from "./readable.ts";

/** A value that is right, or what is wrong with it. */
export type Checked = { readonly value: unknown; readonly problem?: undefined } | {
  readonly problem: string;
};

/** The types, in words. */
const WORDS: Readonly<Record<FieldType, string>> = {
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  bigint: "a whole number of any size (a bigint)",
};

/** A field's type in words. */
export function ruleWords(rule: FieldRule): string {
  return rule.type === undefined
    ? `what its schema (${rule.schema?.["~standard"].vendor}) takes`
    : WORDS[rule.type];
}

const TRUE = new Set(["true", "yes", "on", "1"]);
const FALSE = new Set(["false", "no", "off", "0"]);

/**
 * A text as a value for a field, as a call would be given it: what a schema makes of it is left to the call.
 *
 * A schema is given the text; if it refuses that, the JSON value that the text stands for.
 */
export function castText(rule: FieldRule, text: string): Checked {
  const { type, schema } = rule;
  if (schema !== undefined) {
    const checked = validate(schema, text);
    if (checked.problem === undefined) return { value: text };
    const json = jsonOf(text);
    return json !== undefined && validate(schema, json.value).problem === undefined ? json : checked;
  }
  const refused = { problem: `it takes ${WORDS[type!]}` };
  switch (type!) {
    case "string":
      return { value: text };
    case "number": {
      const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
      // No -0: it is written as 0, and a call has one name.
      return Number.isFinite(value) ? { value: value === 0 ? 0 : value } : refused;
    }
    case "integer": {
      const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
      if (Number.isSafeInteger(value)) return { value: value === 0 ? 0 : value };
      return Number.isNaN(value) ? refused : { problem: 'it is too large for "integer": declare "bigint"' };
    }
    case "boolean": {
      const word = text.toLowerCase();
      return TRUE.has(word) ? { value: true } : FALSE.has(word) ? { value: false } : refused;
    }
    case "bigint":
      return /^[+-]?\d+$/.test(text) ? { value: BigInt(text.replace("+", "")) } : refused;
  }
}

/** The JSON value of a text, if it has one. */
export function jsonOf(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** What a schema makes of a value. */
export function validate(schema: StandardSchema, value: unknown): Checked {
  let result: StandardResult<unknown>;
  try {
    result = schema["~standard"].validate(value) as StandardResult<unknown>;
  } catch (error) {
    return {
      problem: `its schema threw ${
        error instanceof Error ? `${error.name}: ${error.message}` : readable(error)
      }`,
    };
  }
  const { then } = result as unknown as { readonly then?: unknown };
  if (typeof then === "function") {
    // Whoever is not waited for must not end the program by failing.
    then.call(result, undefined, () => undefined);
    return {
      problem: "its schema checks asynchronously, and inputs are checked at once: leave that to the task",
    };
  }
  if (result.issues === undefined) return { value: result.value };
  // Not by `map`: arktype's lists are of classes of their own, which make more of themselves.
  const issues = Array.from(result.issues, ({ message, path = [] }) => {
    const at = Array.from(path, (step) => String(typeof step === "object" ? step.key : step)).join(".");
    return at === "" ? message : `${at}: ${message}`;
  });
  return { problem: issues.length === 0 ? "its schema refuses it" : issues.join("; ") };
}

/** Whether a value is right for a field; values in code are checked, not cast. */
export function checkValue(rule: FieldRule, value: unknown): Checked {
  if (rule.schema !== undefined) return holdsFuture(value) ? { value } : validate(rule.schema, value);
  const type = rule.type!;
  const kind: string = typeof value;
  const right = type === "integer"
    ? Number.isSafeInteger(value)
    : type === "number"
    ? Number.isFinite(value)
    : kind === type;
  return right ? { value } : { problem: `it takes ${WORDS[type]}` };
}

/** Whether futures stand in a value, which is then known only later. */
export function holdsFuture(value: unknown, above: ReadonlySet<unknown> = new Set()): boolean {
  if (isFuture(value)) return true;
  if (typeof value !== "object" || value === null || above.has(value) || ArrayBuffer.isView(value)) {
    return false;
  }
  const inside = new Set(above).add(value);
  const parts = value instanceof Map
    ? [...value].flat()
    : value instanceof Set
    ? [...value]
    : Object.values(value);
  return parts.some((part) => holdsFuture(part, inside));
}

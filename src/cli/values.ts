/** From the text of a field to a value of its type, as far as the type can be read. */
import type { FieldRule } from "../model/definition.ts";
import { castText } from "../model/field.ts";
import { usage } from "./arguments.ts";

/** What one member of a union makes of a text: a value, or nothing. */
type Reading = { readonly value: unknown } | undefined;

/**
 * A field's text as a value of its type; without a type, JSON if it is any, else the text.
 *
 * @throws {DefinitionError} when the text is no value of the type.
 */
export function fieldValue(name: string, text: string, type: string | undefined): unknown {
  if (type === undefined) return guess(text);
  const members = unionMembers(type).sort((one, other) => rank(one) - rank(other));
  for (const member of members) {
    const reading = read(member, text);
    if (reading !== undefined) return reading.value;
  }
  const wanted = oneOf(members.filter((member) => member !== "undefined").map(describe));
  throw usage(
    text === "" ? `--${name} needs a value: ${wanted}` : `--${name} takes ${wanted}, not "${text}"`,
  );
}

/**
 * A field's text as a value of its declared type.
 *
 * @throws {DefinitionError} when the text is no value of the type.
 */
export function ruledValue(name: string, text: string, rule: FieldRule): unknown {
  // `--verbose` alone is `--verbose true`.
  const cast = castText(rule, text === "" && rule.type === "boolean" ? "true" : text);
  if (cast.problem === undefined) return cast.value;
  if (text === "") throw usage(`--${name} needs a value: ${cast.problem}`);
  throw usage(`--${name} is ${JSON.stringify(text)}: ${cast.problem}`);
}

/** Whether a value that came as JSON can be of a type; types that cannot be judged are let through. */
export function mayBe(value: unknown, type: string): boolean {
  return unionMembers(type).some((member) => {
    const literal = literalOf(member);
    if (literal !== undefined) return literal.value === value;
    const kind: string = typeof value;
    if (["string", "number", "boolean"].includes(member)) return kind === member;
    if (isList(member)) return Array.isArray(value);
    return true;
  });
}

/** A type for people: `a number`, `"dev"`, `JSON of type number[]`. */
export function describeType(type: string): string {
  return oneOf(unionMembers(type).map(describe));
}

/** The members of a union type; the type itself when it is none. */
function unionMembers(type: string): string[] {
  const members = [""];
  let depth = 0;
  let quote = "";
  for (const character of type) {
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (/["'`]/.test(character)) quote = character;
    else if (/[<([{]/.test(character)) depth++;
    else if (/[>)\]}]/.test(character)) depth--;
    else if (character === "|" && depth === 0) {
      members.push("");
      continue;
    }
    members[members.length - 1] += character;
  }
  return members.map((member) => member.trim()).filter((member) => member !== "");
}

/** Members that say more are tried first: text fits everything. */
function rank(member: string): number {
  if (literalOf(member) !== undefined) return 0;
  if (member === "string") return 3;
  return ["number", "bigint", "boolean", "Date", "undefined"].includes(member) || isJson(member) ? 1 : 2;
}

function read(member: string, text: string): Reading {
  const literal = literalOf(member);
  if (literal !== undefined) {
    return String(literal.value) === text || (literal.value === true && text === "") ? literal : undefined;
  }
  switch (member) {
    case "string":
      return { value: text };
    case "value":
      return { value: guess(text) };
    case "number":
      return text.trim() !== "" && !Number.isNaN(Number(text)) ? { value: Number(text) } : undefined;
    case "bigint":
      return /^-?\d+$/.test(text) ? { value: BigInt(text) } : undefined;
    case "boolean":
      if (text === "" || text === "true") return { value: true };
      return text === "false" ? { value: false } : undefined;
    case "Date": {
      const date = new Date(text);
      return Number.isNaN(date.getTime()) ? undefined : { value: date };
    }
    case "undefined":
      return undefined;
  }
  if (!isJson(member)) return { value: guess(text) };
  try {
    const value = JSON.parse(text) as unknown;
    return isList(member) && !Array.isArray(value) ? undefined : { value };
  } catch {
    return undefined;
  }
}

/** The value of a type that has only one. */
function literalOf(member: string): { readonly value: string | number | boolean | null } | undefined {
  if (/^"[^"\\]*"$|^'[^'\\]*'$/.test(member)) return { value: member.slice(1, -1) };
  if (/^-?\d+(\.\d+)?$/.test(member)) return { value: Number(member) };
  if (member === "true" || member === "false") return { value: member === "true" };
  return member === "null" ? { value: null } : undefined;
}

function isList(member: string): boolean {
  return /\[\]$|^(readonly )?\[|^(Readonly)?Array</.test(member);
}

function isJson(member: string): boolean {
  return isList(member) || /^\{|^Record<|^Readonly</.test(member);
}

function describe(member: string): string {
  const literal = literalOf(member);
  if (literal !== undefined) return JSON.stringify(literal.value);
  switch (member) {
    case "string":
      return "a text";
    case "number":
      return "a number";
    case "bigint":
      return "a whole number";
    case "boolean":
      return "true or false";
    case "Date":
      return "a date, as in 2026-01-31";
    default:
      return `JSON of type ${member}`;
  }
}

/** `a`, `a or b`, `a, b or c`. */
function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
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

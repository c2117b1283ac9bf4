/** Patterns of names: placeholders filled from an input, `*` and `?` where they were written and nowhere else. */
import { templateParts } from "./name.ts";
import { readable } from "./readable.ts";
import { didYouMean } from "./suggest.ts";

/** A pattern whose placeholders are filled. */
export interface Pattern {
  /** The text. */
  readonly text: string;
  /** Where in it a `*` or `?` stands that is a wildcard: those of the values that were filled in are not. */
  readonly wild: readonly number[];
}

const NONE: readonly number[] = [];

/** Fills the placeholders of a pattern; a text says what is wrong. */
export function fillPattern(pattern: string, fill: unknown): Pattern | string {
  // Most are names: there may be 10^5 of them, and none is worth remembering.
  if (!/[[*?]/.test(pattern)) return { text: pattern, wild: NONE };
  const { fields, texts } = templateParts(pattern);
  const wild: number[] = [];
  let text = "";
  const add = (part: string): void => {
    for (let at = 0; at < part.length; at++) {
      if (part[at] === "*" || part[at] === "?") wild.push(text.length + at);
    }
    text += part;
  };
  add(texts[0]!);
  for (const [index, field] of fields.entries()) {
    const value = valueOf(pattern, field, fill);
    if ("problem" in value) return value.problem;
    text += value.text;
    add(texts[index + 1]!);
  }
  return { text, wild };
}

/** The text that stands for a placeholder. */
function valueOf(
  pattern: string,
  field: string,
  fill: unknown,
): { readonly text: string } | { readonly problem: string } {
  if (typeof fill !== "object" || fill === null) {
    return { problem: `"${pattern}" has a placeholder, [${field}], and there is no input to fill it from` };
  }
  const value = Object.hasOwn(fill, field) ? (fill as Readonly<Record<string, unknown>>)[field] : undefined;
  if (value === undefined) {
    const names = Object.keys(fill);
    const have = names.length === 0 ? "it has no fields" : `it has ${names.join(", ")}`;
    return {
      problem: `"${pattern}" has the placeholder [${field}], but the input has no field "${field}"${
        didYouMean(field, names) || `; ${have}`
      }`,
    };
  }
  if (["string", "number", "boolean", "bigint"].includes(typeof value)) return { text: String(value) };
  return {
    problem: `"${pattern}" has the placeholder [${field}], but that field is ${
      readable(value, 40)
    }, which cannot stand in a name`,
  };
}

/** What fits a part of a pattern: `*` is any text, `?` one character. */
export function wildcard({ text, wild }: Pattern, from: number, to: number): RegExp {
  let source = "";
  for (let at = from; at < to; at++) {
    const character = text[at]!;
    if (!wild.includes(at)) source += character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    else source += character === "*" ? "[^]*" : "[^]";
  }
  return new RegExp(`^${source}$`, "u");
}

/** Task names: which are lawful, the placeholders they hold, and how a template is filled out. */

/** The placeholders of a template name as a union: `"build::[env]::[target]"` gives `"env" | "target"`. */
export type PlaceholderOf<Name extends string> = Name extends `${string}[${infer Field}]${infer Rest}`
  ? Field | PlaceholderOf<Rest>
  : never;

/** The input a template name asks for: one text field for each placeholder. */
export type TemplateInput<Name extends string> = { [Field in PlaceholderOf<Name>]: string };

/** The placeholders of a template name, in order. */
export function placeholders(name: string): readonly string[] {
  return [...name.matchAll(/\[([^\[\]]*)\]/g)].map((match) => match[1] ?? "");
}

/** What stands before the placeholders of a template, without what parts them from it: `build` of `build::[env]`. */
export function baseName(name: string): string | undefined {
  const at = name.indexOf("[");
  return at < 0 ? undefined : name.slice(0, at).replace(/[^\p{L}\p{N}]+$/u, "") || undefined;
}

/** A template, taken apart. */
export interface TemplateParts {
  /** The placeholders, in order. */
  readonly fields: readonly string[];
  /** The texts around them: one more than there are placeholders. */
  readonly texts: readonly string[];
}

/** By template: there are as many as tasks, and each is asked for again and again. */
const takenApart = new Map<string, TemplateParts>();

/** Takes a template apart. */
export function templateParts(template: string): TemplateParts {
  let parts = takenApart.get(template);
  if (parts === undefined) {
    parts = { fields: placeholders(template), texts: template.split(/\[[^\[\]]*\]/) };
    takenApart.set(template, parts);
  }
  return parts;
}

/**
 * Where the values of a template's placeholders stand in a name: for each, from where and up to where.
 *
 * A placeholder takes one or more characters, as far as the text that follows it, and none of the separator; the last one
 * takes the rest, even nothing.
 *
 * @returns nothing when the name does not fit, or the template has no placeholders.
 */
export function templateSpans(
  template: string,
  name: string,
  separator = "",
): readonly (readonly [from: number, to: number])[] | undefined {
  const { fields, texts } = templateParts(template);
  const end = name.length - texts.at(-1)!.length;
  if (fields.length === 0 || !name.startsWith(texts[0]!)) return undefined;
  const spans: [number, number][] = [];
  let from = texts[0]!.length;
  for (let index = 1; index < fields.length; index++) {
    const text = texts[index]!;
    const to = name.indexOf(text, from);
    if (to <= from) return undefined;
    if (separator !== "") {
      const cut = name.indexOf(separator, from);
      if (cut >= 0 && cut < to) return undefined;
    }
    spans.push([from, to]);
    from = to + text.length;
  }
  if (from > end || !name.endsWith(texts.at(-1)!)) return undefined;
  spans.push([from, end]);
  return spans;
}

/** The values of a template's placeholders in a name, or nothing when the name does not fit; see `templateSpans`. */
export function matchTemplate(
  template: string,
  name: string,
  separator?: string,
): Readonly<Record<string, string>> | undefined {
  const spans = templateSpans(template, name, separator);
  if (spans === undefined) return undefined;
  const { fields } = templateParts(template);
  return Object.fromEntries(spans.map(([from, to], index) => [fields[index]!, name.slice(from, to)]));
}

/** Fills a template's placeholders from an input; a field that is not there stays as it is written. */
export function fillName(template: string, input: unknown): string {
  if (!template.includes("[") || typeof input !== "object" || input === null) return template;
  const fields = input as Readonly<Record<string, unknown>>;
  return template.replace(
    /\[([^\[\]]*)\]/g,
    (whole, field: string) => Object.hasOwn(fields, field) ? nameText(fields[field]) : whole,
  );
}

/** What stands for a field in a name: of a record or list its JSON, so that different calls have different names. */
function nameText(value: unknown): string {
  if (typeof value !== "object" || value === null || value instanceof Date) return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return String(value);
  }
}

/** Why a text cannot name a task, or `undefined` when it can. */
export function nameProblem(name: unknown): string | undefined {
  if (typeof name !== "string" || name.trim() === "") return "a task's name is a text that is not empty";
  // deno-lint-ignore no-control-regex -- control characters are exactly what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return "a task's name may not hold control characters";
  if (!name.isWellFormed()) return "a task's name may not hold half a surrogate pair";
  if (name.length > 200) return "a task's name may have 200 characters at most";
  const fields = placeholders(name);
  const odd = fields.find((field) => !/^[A-Za-z_$][\w$]*$/.test(field));
  if (odd !== undefined) {
    return `"[${odd}]" is no placeholder: write a field name between the brackets, as in "[env]"`;
  }
  const twice = fields.find((field, index) => fields.indexOf(field) !== index);
  if (twice !== undefined) return `the placeholder "[${twice}]" stands in it twice`;
  const touching = /\[[^\[\]]*\]\[[^\[\]]*\]/.exec(name);
  return touching === null
    ? undefined
    : `between the placeholders of "${
      touching[0]
    }" stands nothing, so nobody could tell where the first value ends: write a text between them, as in "::"`;
}

/** A file name for a task's name that is safe on every file system: letters, digits and `._-` stay, the rest is `%XX`. */
export function folderName(name: string): string {
  const safe = name.replace(
    /[^A-Za-z0-9._-]/gu,
    (character) =>
      [...new TextEncoder().encode(character)].map((byte) =>
        `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
      ).join(""),
  );
  return /^\.+$/.test(safe) ? safe.replaceAll(".", "%2E") : safe;
}

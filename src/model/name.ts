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

/** Fills a template's placeholders from an input; a field that is not there stays as it is written. */
export function fillName(template: string, input: unknown): string {
  if (!template.includes("[") || typeof input !== "object" || input === null) return template;
  const fields = input as Readonly<Record<string, unknown>>;
  return template.replace(
    /\[([^\[\]]*)\]/g,
    (whole, field: string) => Object.hasOwn(fields, field) ? String(fields[field]) : whole,
  );
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
  return twice === undefined ? undefined : `the placeholder "[${twice}]" stands in it twice`;
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

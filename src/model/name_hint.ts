/** "Did you mean" for names of calls, which may be templates filled out. */
import { templateParts, templateSpans } from "./name.ts";
import { didYouMean, editDistance, nearest } from "./suggest.ts";

/** A sentence for the end of an error about a name that nothing is called by, or nothing; `names` are those of tasks. */
export function nameHint(name: string, names: readonly string[]): string {
  const templates = names.filter((one) => /^[^[]+\[/.test(one));
  const begun = templates.find((one) => name.startsWith(templateParts(one).texts[0]!));
  if (begun !== undefined) return `; did you mean "${begun}"?`;
  const near = templates.map((one) => mended(name, one)).find((one) => one !== undefined);
  return didYouMean(name, names) || (near === undefined ? "" : `; did you mean "${near}"?`);
}

/** The name with what a template begins with, where it begins with something that is almost that. */
function mended(name: string, template: string): string | undefined {
  const [head = ""] = templateParts(template).texts;
  const lengths = [head.length, head.length - 1, head.length + 1].filter((length) => length < name.length);
  // Where a letter is missing, the beginning is shorter: what is cut off there has to be the most like it.
  const distance = (length: number) => editDistance(name.slice(0, length).toLowerCase(), head.toLowerCase());
  for (const length of lengths.sort((a, b) => distance(a) - distance(b) || b - a)) {
    if (nearest(name.slice(0, length), [head]) === undefined) continue;
    const whole = head + name.slice(length);
    if (templateSpans(template, whole) !== undefined) return whole;
  }
  return undefined;
}

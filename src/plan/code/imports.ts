/** Reads import and export statements into tables: what a local name, or an exported name, stands for. */
import { type Range, write } from "./canonical.ts";
import type { Statement } from "./statements.ts";
import { isPunct, isWord, type Lexed } from "./tokens.ts";

/** A name that a module takes from another, or hands on from another. */
export interface Binding {
  /** The name here: of a local for an import, as exported for a re-export. */
  readonly local: string;
  /** The name there: `default`, or `*` for the whole module. */
  readonly imported: string;
  readonly specifier: string;
  /** The text of `with { … }`, empty without. */
  readonly attributes: string;
}

/** What one import or re-export statement says. */
export interface Link {
  readonly specifier: string;
  readonly attributes: string;
  readonly bindings: readonly Binding[];
  /** Imported for its effects only, or in a way that was not understood: all of it counts. */
  readonly whole: boolean;
  /** `export * from`. */
  readonly star: boolean;
}

/** Reads `import … from "x"`, `import "x"`, `export … from "x"`. */
export function readLink(lexed: Lexed, statement: Statement): Link {
  const { tokens } = lexed;
  const at = sourceIndex(lexed, statement);
  const specifier = unquote(tokens[at]?.text ?? "");
  const attributes = write(lexed, { from: at + 1, to: statement.to }).text;
  const link = { specifier, attributes, bindings: [], whole: false, star: false };
  const start = statement.from + 1;
  if (at <= start) return { ...link, whole: true };
  if (!isWord(tokens[at - 1], "from")) return { ...link, whole: true };
  const bindings: Binding[] = [];
  const add = (local: string, imported: string) => bindings.push({ local, imported, specifier, attributes });
  let index = start;
  while (index < at - 1) {
    const token = tokens[index], next = tokens[index + 1];
    if (isPunct(token, ",")) index++;
    else if (isPunct(token, "*")) {
      if (!isWord(next, "as")) {
        return statement.form === "reexport" && index === start && at === start + 2
          ? { ...link, star: true }
          : { ...link, whole: true };
      }
      add(unquote(tokens[index + 2]?.text ?? ""), "*");
      index += 3;
    } else if (isPunct(token, "{")) {
      const close = lexed.match[index] ?? index;
      for (const { local, imported } of readNames(lexed, { from: index + 1, to: close })) {
        add(local, imported);
      }
      index = Math.max(close, index) + 1;
    } else if (token?.kind === "name" && (isPunct(next, ",") || index + 1 === at - 1)) {
      add(token.text, "default");
      index++;
    } else return { ...link, whole: true };
  }
  return { ...link, bindings };
}

/** The pairs of `export { local as exported }`. */
export function readExportList(
  lexed: Lexed,
  statement: Statement,
): readonly { local: string; exported: string }[] {
  const open = statement.from + 1;
  const range = { from: open + 1, to: lexed.match[open] ?? open };
  return readNames(lexed, range).map(({ local, imported }) => ({ local: imported, exported: local }));
}

/** Entries `imported as local` between braces; those marked `type` left out. */
function readNames({ tokens }: Lexed, range: Range): { imported: string; local: string }[] {
  const names: { imported: string; local: string }[] = [];
  let from = range.from;
  for (let index = range.from; index <= range.to; index++) {
    if (index < range.to && !isPunct(tokens[index], ",")) continue;
    const words = tokens.slice(from, index).map((token) => unquote(token.text));
    from = index + 1;
    // `type`, `type as x` and `type as as x` name something called "type"; all else that starts so is a type.
    const isType = words[0] === "type" && (words.length === 2 || words.length === 4) ||
      (words[0] === "type" && words.length === 3 && words[1] !== "as");
    const first = words[0], last = words.at(-1);
    if (!isType && first !== undefined && last !== undefined) names.push({ imported: first, local: last });
  }
  return names;
}

/** Index of the string behind `from`, or of the first string. */
function sourceIndex({ tokens, parent }: Lexed, statement: Range): number {
  let found = statement.from;
  for (let index = statement.from; index < statement.to; index++) {
    if (tokens[index]?.kind !== "string" || parent[index] !== -1) continue;
    if (isWord(tokens[index - 1], "from")) return index;
    if (found === statement.from) found = index;
  }
  return found;
}

function unquote(text: string): string {
  return /^["'`]/.test(text) ? text.slice(1, -1) : text;
}

/**
 * Patterns of paths, as far as planning has to know them: whether one fits a path, and whether two could fit the same. What is
 * not understood here (extended globs, for one) stands for all that is below the folder it begins with. Pure.
 */

/** What makes a path a pattern. */
const MAGIC = /[*?[\]{}]|[@+!]\(/;
/** What is not taken apart here: extended globs, escapes, named classes. */
const STRANGE = /[@+!*?]\(|\\|\[:/;
/** More alternatives than this are not written out. */
const MOST = 64;

/** A part of a pattern between slashes: `true` for any number of parts. */
type Part = true | string | { readonly fits: RegExp; readonly first: string; readonly last: string };

/** A pattern of paths, or a path with all that may be below it. */
export interface Pattern {
  /** The folder that it begins with; empty for the working folder. */
  readonly base: string;
  /** Whether it is understood: otherwise it fits more than it should. */
  readonly exact: boolean;
  /** The alternatives, in parts. */
  readonly ways: readonly (readonly Part[])[];
}

/** Whether a path may be a pattern. */
export function isPattern(path: string): boolean {
  return MAGIC.test(path);
}

/** The pattern of a path in its one spelling. */
export function patternOf(path: string): Pattern {
  const parts = path.split("/");
  const base = parts.slice(0, parts.findIndex(isPattern)).join("/");
  const written = STRANGE.test(path) ? undefined : alternatives(path);
  const ways = written?.map((one) => one.split("/").map(partOf));
  if (ways === undefined || ways.some((way) => way.includes(undefined))) {
    return { base, exact: false, ways: [[...plainParts(base), true]] };
  }
  return { base, exact: true, ways: ways as Part[][] };
}

/** A file, or a folder with all that is below it: which of them a path is, nobody knows before it is there. */
export function wholeOf(path: string): Pattern {
  return { base: path, exact: true, ways: [[...plainParts(path), true]] };
}

/** Whether a path fits. */
export function fits({ base, ways }: Pattern, path: string): boolean {
  if (isOutside(path) !== isOutside(base)) return false;
  const parts = plainParts(path);
  return ways.some((way) => meet(way, 0, parts, 0));
}

/** Whether anything at a path, or below it, may fit. */
export function mayFitBelow(pattern: Pattern, path: string): boolean {
  return mayMeet(pattern, wholeOf(path));
}

/** Whether there may be a path that fits both. */
export function mayMeet(one: Pattern, other: Pattern): boolean {
  if (isOutside(one.base) !== isOutside(other.base)) return false;
  return one.ways.some((way) => other.ways.some((another) => meet(way, 0, another, 0)));
}

function isOutside(path: string): boolean {
  return path.startsWith("/") || path.startsWith("../") || path === "..";
}

function plainParts(path: string): string[] {
  return path === "" || path === "." ? [] : path.split("/");
}

function meet(one: readonly Part[], i: number, other: readonly Part[], j: number): boolean {
  const a = one[i], b = other[j];
  if (a === true) return meet(one, i + 1, other, j) || b !== undefined && meet(one, i, other, j + 1);
  if (b === true) return meet(one, i, other, j + 1) || a !== undefined && meet(one, i + 1, other, j);
  if (a === undefined || b === undefined) return a === b;
  return namesMeet(a, b) && meet(one, i + 1, other, j + 1);
}

function namesMeet(a: Exclude<Part, true>, b: Exclude<Part, true>): boolean {
  if (typeof a === "string") return typeof b === "string" ? a === b : b.fits.test(a);
  if (typeof b === "string") return a.fits.test(b);
  return (a.first.startsWith(b.first) || b.first.startsWith(a.first)) &&
    (a.last.endsWith(b.last) || b.last.endsWith(a.last));
}

/** A pattern with its braces written out; `undefined` when that cannot be done, or there would be too many. */
function alternatives(pattern: string): string[] | undefined {
  const open = pattern.indexOf("{");
  if (open === -1) return pattern.includes("}") ? undefined : [pattern];
  let depth = 0;
  const cuts = [open];
  let close = -1;
  for (let at = open; at < pattern.length && close === -1; at++) {
    if (pattern[at] === "{") depth++;
    else if (pattern[at] === "," && depth === 1) cuts.push(at);
    else if (pattern[at] === "}" && --depth === 0) close = at;
  }
  if (close === -1 || cuts.length === 1) return undefined;
  const ends = [...cuts.slice(1), close];
  const all: string[] = [];
  for (const [index, cut] of cuts.entries()) {
    const one = pattern.slice(0, open) + pattern.slice(cut + 1, ends[index]) + pattern.slice(close + 1);
    const more = alternatives(one);
    if (more === undefined || all.length + more.length > MOST) return undefined;
    all.push(...more);
  }
  return all;
}

/** One part of a pattern; `undefined` when it is not understood. */
function partOf(text: string): Part | undefined {
  if (text === "**") return true;
  if (!isPattern(text)) return text;
  let source = "";
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === "*") source += "[^/]*";
    else if (letter === "?") source += "[^/]";
    else if (letter === "[") {
      const close = text.indexOf("]", at + 2);
      const inside = text.slice(at + 1, close).replace(/^!/, "^");
      if (close === -1 || /[[\]]/.test(inside)) return undefined;
      source += `[${inside}]`;
      at = close;
    } else source += letter.replace(/[\\^$.|+(){}\]]/, "\\$&");
  }
  try {
    const fits = new RegExp(`^${source}$`, "su");
    return { fits, first: /^[^*?[]*/.exec(text)![0], last: /[^*?\]]*$/.exec(text)![0] };
  } catch {
    return undefined;
  }
}

/** The part of a failing log that matters: errors with their surroundings, or the end. Pure. */
import { colouredLines, plainLines } from "./ansi.ts";
import { blockAt, type Range, weigh } from "./log_blocks.ts";
import type { Style } from "./style.ts";

/** The most lines that are shown. */
const MOST_LINES = 40;
/** So many lines stand around what matters. */
const AROUND = 2;
/** So many of the last lines are shown when nothing looks like an error; a log of no more is shown as it is. */
const LAST_LINES = 16;
/** The most characters of a line: a minified script must not fill the screen. */
const MOST_CHARACTERS = 500;
/** What the beginning of a log says when it is not its beginning: then nobody knows the numbers of its lines. */
const CUT_OFF = /^… \(the beginning is in /;

/** How a log is looked at. */
export interface FocusOptions {
  /** Lines that one of these fits are no sign of an error. */
  readonly ignore?: readonly RegExp[];
  /** All of it. */
  readonly full?: boolean;
}

/** What is shown of a log. */
export interface Focus {
  /** Ranges of lines, in order, with gaps between them; both ends included, counted from 0. */
  readonly ranges: readonly Range[];
  /** Places with errors or warnings that are not shown, for there are too many. */
  readonly more: number;
}

/** Chooses what is shown of the lines of a log; they hold no control sequences. */
export function focus(lines: readonly string[], options: FocusOptions = {}): Focus {
  const all = [{ from: 0, to: lines.length - 1 }];
  if (options.full || lines.length <= LAST_LINES) return { ranges: all, more: 0 };
  const places = findPlaces(lines, options.ignore ?? []);
  if (places.length === 0) {
    return { ranges: [{ from: lines.length - LAST_LINES, to: lines.length - 1 }], more: 0 };
  }
  let shown: readonly Range[] = [];
  let more = 0;
  for (const { range } of inOrder(places)) {
    const next = merge([...shown, range]);
    if (size(next) <= MOST_LINES) shown = next;
    else if (shown.length === 0) shown = shorten(range);
    else more++;
  }
  return { ranges: shown, more };
}

/** A place in a log, and whether it tells of an error. */
interface Place {
  readonly range: Range;
  readonly error: boolean;
}

/** All places that matter, first to last; those that overlap are one. */
function findPlaces(lines: readonly string[], ignore: readonly RegExp[]): Place[] {
  const places: Place[] = [];
  for (let at = 0; at < lines.length; at++) {
    const weight = weigh(lines[at]!);
    if (weight === 0 || ignore.some((rule) => fits(rule, lines[at]!))) continue;
    const block = blockAt(lines, at);
    const range = {
      from: Math.max(0, block.from - AROUND),
      to: Math.min(lines.length - 1, block.to + AROUND),
    };
    const last = places.at(-1);
    const together = last === undefined ? range : {
      from: Math.min(last.range.from, range.from),
      to: Math.max(last.range.to, range.to),
    };
    // Errors that touch are one place as long as it can be shown whole; warnings do not stick to errors.
    if (
      last !== undefined && range.from <= last.range.to + 1 && last.error === weight > 1 &&
      size([together]) <= MOST_LINES
    ) {
      places[places.length - 1] = { range: together, error: last.error };
    } else places.push({ range, error: weight > 1 });
    // What a block holds has been told.
    at = Math.max(at, block.to);
  }
  return places;
}

/** Whether a rule fits; one with the flag `g` or `y` would remember where it was. */
function fits(rule: RegExp, line: string): boolean {
  rule.lastIndex = 0;
  return rule.test(line);
}

/** The first error is where things went wrong, the last what came of it; then the other errors, then warnings. */
function inOrder(places: readonly Place[]): Place[] {
  const errors = places.filter(({ error }) => error);
  const [first, ...rest] = errors;
  const last = rest.pop();
  return [
    ...(first === undefined ? [] : [first]),
    ...(last === undefined ? [] : [last]),
    ...rest,
    ...places.filter(({ error }) => !error),
  ];
}

/** A block of its own that is too long: its head, and its end, where most stacks say what happened. */
function shorten({ from, to }: Range): Range[] {
  const head = MOST_LINES / 2;
  return [{ from, to: from + head - 1 }, { from: to - (MOST_LINES - head) + 1, to }];
}

function merge(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    // A gap of one line takes as much room as the line.
    if (last !== undefined && range.from <= last.to + 2) {
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    } else merged.push(range);
  }
  return merged;
}

function size(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** A log of a failed task as lines of a report: a head, what matters with the numbers of its lines, gaps as `…`. */
export function renderLog(name: string, text: string, style: Style, options: FocusOptions = {}): string[] {
  if (text.trim() === "") return [];
  const plain = plainLines(text);
  const shown = style.dim("x") === "x" ? plain : colouredLines(text);
  const { ranges, more } = focus(plain, options);
  const count = size(ranges);
  const whole = count === plain.length;
  const lines: string[] = [];
  const numbered = !whole && !CUT_OFF.test(plain[0]!);
  const digits = String(ranges.at(-1)!.to + 1).length;
  for (const [index, { from, to }] of ranges.entries()) {
    if (index > 0 || (from > 0 && !whole)) lines.push(style.dim("  …"));
    for (let at = from; at <= to; at++) {
      const line = options.full ? shown[at]! : short(shown[at]!, plain[at]!);
      const number = numbered ? `${style.dim(`${String(at + 1).padStart(digits)} │`)} ` : "";
      lines.push(`  ${number}${line}`.trimEnd());
    }
  }
  if (ranges.at(-1)!.to < plain.length - 1) lines.push(style.dim("  …"));
  if (more > 0) {
    lines.push(style.dim(`  (errors or warnings in ${more} more ${more === 1 ? "place" : "places"})`));
  }
  const told = whole ? "" : ` (${count} of ${plain.length} lines)`;
  return [style.dim(`  ── ${name}${told} ──`), ...lines];
}

/** A line that is not too long; a cut one loses its colours, for they could be cut in two. */
function short(shown: string, plain: string): string {
  return plain.length <= MOST_CHARACTERS ? shown : `${plain.slice(0, MOST_CHARACTERS)}…`;
}

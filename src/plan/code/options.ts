/** The options of a task that say how it is run, not what it computes: they are no part of its code. */
import type { Hole } from "./canonical.ts";
import type { Span } from "./spans.ts";
import { isPunct, type Lexed } from "./tokens.ts";

/** Changing one of these changes no result. */
const IDLE = new Set([
  "description",
  "timeout",
  "retry",
  "labels",
  "locks",
  "wave",
  "priority",
  "noSkip",
  "logIgnore",
  "choices",
  "resources",
  "isolation",
  "permissions",
  "hermetic",
  "compression",
  "cache",
]);

/** The idle options in the definition that a span is, as ranges to leave out; none where they are not written as a literal. */
export function idleOptions(lexed: Lexed, { from, to, children }: Span): readonly Hole[] {
  const { tokens, match, parent } = lexed;
  let open = from;
  while (open < to && !isPunct(tokens[open], "(")) open++;
  const close = match[open];
  if (close === undefined) return [];
  let brace = open + 1;
  while (brace < close && !(isPunct(tokens[brace], ",") && parent[brace] === open)) brace++;
  const end = match[++brace];
  if (!isPunct(tokens[brace], "{") || end === undefined || !/^[),]$/.test(tokens[end + 1]?.text ?? "")) {
    return [];
  }
  const holes: Hole[] = [];
  for (let at = brace + 1; at < end;) {
    let next = at;
    while (next < end && !(isPunct(tokens[next], ",") && parent[next] === brace)) next++;
    const name = tokens[at];
    const named = name?.kind === "name" && IDLE.has(name.text) &&
      (isPunct(tokens[at + 1], ":") || at + 1 === next);
    // The last property goes with the comma before it, the others with the one behind.
    const first = next === end && isPunct(tokens[at - 1], ",") ? at - 1 : at;
    const hole: Hole = { from: first, to: Math.min(next + 1, end), silent: true };
    if (named && !children.some((child) => child.from < hole.to && hole.from < child.to)) holes.push(hole);
    at = next + 1;
  }
  return holes;
}

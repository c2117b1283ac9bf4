/** Finds the call that a stack frame points at, and how the calls that define tasks lie inside each other. */
import type { Range } from "./canonical.ts";
import { isDot, isPunct, isWord, type Lexed, type Token } from "./tokens.ts";

/** A call in a module. */
export interface Call {
  /** Index of the callee's first token: `r` in `r.task(…)`. */
  readonly callee: number;
  /** The last name of the callee: `task` in `r.task(…)`. */
  readonly name: string;
  /** Index of the opening parenthesis. */
  readonly open: number;
  /** Index of the closing one. */
  readonly close: number;
}

/** What a task's definition takes up: type arguments and arguments of a call, brackets included. */
export interface Span extends Range {
  readonly call: Call;
  /** The span around this one. */
  parent: Span | undefined;
  /** The spans directly inside this one, in order. */
  readonly children: Span[];
}

const MOST_STEPS = 64;

/** Index of the token at a position, or of the first one after it; as many as there are tokens when behind all. */
export function tokenAt(tokens: readonly Token[], line: number, column: number): number {
  let low = 0, high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const token = tokens[middle];
    if (token === undefined) break;
    const before = token.line < line ||
      (token.line === line && token.column + (token.end - token.offset) <= column);
    if (before) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The call at a position of a stack trace. Engines give the callee's first name, its last name or the opening
 * parenthesis; each will do. Undefined when no call stands there.
 */
export function callAt(lexed: Lexed, line: number, column: number): Call | undefined {
  const { tokens, match } = lexed;
  const at = tokenAt(tokens, line, column);
  if (tokens[at]?.line !== line) return undefined;
  let open = at;
  if (isWord(tokens[open], "new")) return undefined;
  for (let step = 0; step < MOST_STEPS && (isName(tokens[open]) || isDot(tokens[open])); step++) {
    if (isName(tokens[open]) && isName(tokens[open + 1])) return undefined;
    open++;
  }
  let last = open - 1;
  if (open === at) {
    last = skipTypesBack(tokens, open - 1);
    if (!isName(tokens[last])) return undefined;
  }
  if (isDot(tokens[last])) last--;
  open = skipTypes(lexed, open);
  if (!isPunct(tokens[open], "(")) return undefined;
  const close = match[open] ?? -1;
  if (close <= open) return undefined;
  let callee = last;
  while (isDot(tokens[callee - 1]) && isName(tokens[callee - 2])) callee -= 2;
  return { callee, name: tokens[last]?.text ?? "", open, close };
}

function isName(token: Token | undefined): boolean {
  return token?.kind === "name" || token?.kind === "private";
}

/** From a `<` to behind its `>`; stays where it is when there is none. */
function skipTypes({ tokens, match }: Lexed, from: number): number {
  if (!isPunct(tokens[from], "<")) return from;
  let depth = 0;
  for (let index = from; index < tokens.length; index++) {
    const token = tokens[index];
    if (token?.kind !== "punct") continue;
    if (token.text === "<") depth++;
    else if (/^>+$/.test(token.text)) depth -= token.text.length;
    else if (/^[([{]$/.test(token.text)) index = Math.max(match[index] ?? index, index);
    else if (/^[)\]};]$/.test(token.text)) return from;
    if (depth <= 0) return depth === 0 ? index + 1 : from;
  }
  return from;
}

/** From a `>` to before its `<`. */
function skipTypesBack(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let index = from; index >= 0; index--) {
    const token = tokens[index];
    if (token?.kind === "punct" && /^>+$/.test(token.text)) depth += token.text.length;
    else if (isPunct(token, "<")) depth--;
    if (depth <= 0) return index === from ? from : index - 1;
  }
  return from;
}

/** Puts the calls that define tasks in order, each below the one around it. Returned: all, by opening parenthesis. */
export function nestSpans(lexed: Lexed, calls: Iterable<Call>): ReadonlyMap<number, Span> {
  const spans = new Map<number, Span>();
  for (const call of [...calls].sort((a, b) => a.open - b.open)) {
    if (spans.has(call.open)) continue;
    const from = skipTypesBack(lexed.tokens, call.open - 1) + 1;
    spans.set(call.open, { from, to: call.close + 1, call, parent: undefined, children: [] });
  }
  const around: Span[] = [];
  for (const span of spans.values()) {
    while ((around.at(-1)?.to ?? Infinity) <= span.from) around.pop();
    span.parent = around.at(-1);
    span.parent?.children.push(span);
    around.push(span);
  }
  return spans;
}

/**
 * Whether the function `name` that is declared by the statement returns exactly what `call` in it returns:
 * `function name() { … return call(…); }` or `const name = () => call(…)`. Then a call of `name` that got as far
 * as `call` has no other result, and no other task can depend on its arguments.
 */
export function returnsCall({ tokens, parent }: Lexed, statement: Range, call: Call, name: string): boolean {
  const before = tokens[call.callee - 1], behind = tokens[call.close + 1];
  const around = parent[call.callee] ?? -1;
  let start = statement.from;
  while (/^(?:export|default|async|function|const|\*)$/.test(tokens[start]?.text ?? "")) {
    if (tokens[start]?.text === "*") return false;
    start++;
  }
  if (!isWord(tokens[start], name) || start === statement.from) return false;
  const ends = call.close + 1 >= statement.to || isPunct(behind, ";") || isPunct(behind, "}") ||
    (behind?.newline === true && behind.kind === "name" &&
      !/^(?:as|in|instanceof|satisfies)$/.test(behind.text));
  if (!ends) return false;
  if (isPunct(before, "=>")) return around === -1;
  if (!isWord(before, "return") || tokens[call.callee]?.newline) return false;
  if (around === -1 || parent[around] !== -1 || !isPunct(tokens[around], "{")) return false;
  return isWord(tokens[start - 1], "function") || isPunct(tokens[around - 1], "=>");
}

/** Reads the fields of a task's input out of the types in its source, for typed flags and help texts. */
import { breaksBefore, type Range } from "./canonical.ts";
import type { Module } from "./module.ts";
import type { Call } from "./spans.ts";
import { type Statement, typeEnd } from "./statements.ts";
import { isDot, isPunct, isWord, type Lexed, type Token } from "./tokens.ts";

/** A field of an input. */
export interface InputField {
  readonly name: string;
  /** Its type as written: `number`, `"dev" | "prod"`, `string[]`; an alias of the same file is written out. */
  readonly type: string;
  readonly optional: boolean;
}

/** Parts of a task's options whose first parameter is the input, best first. */
const FUNCTIONS = ["run", "deps", "inputs", "outputs", "validate", "hash", "timeout"];
const MOST_ALIASES = 8;

/**
 * The fields of the first parameter of the task that `call` defines, from a literal type or one declared in the
 * same file. Undefined when the source does not tell.
 */
export function inputFields(
  module: Module,
  statement: Statement,
  call: Call,
): readonly InputField[] | undefined {
  for (const range of candidates(module, statement, call)) {
    const fields = typeFields(module, range, 0);
    if (fields !== undefined) return fields;
  }
  return undefined;
}

/** Where the input's type may stand, best first. */
function* candidates(module: Module, statement: Statement, call: Call): Iterable<Range> {
  const { lexed } = module;
  const { tokens, match } = lexed;
  const comma = nextAt(lexed, call.open + 1, call.close, ",");
  if (isPunct(tokens[comma + 1], "{")) {
    const close = match[comma + 1] ?? 0;
    for (const key of FUNCTIONS) {
      for (const at of propertiesOf(lexed, comma + 1, close, key)) yield* parameterType(module, at);
    }
  } else if (comma < call.close) yield* parameterType(module, comma + 1);
  if (isPunct(tokens[call.open - 1], ">")) {
    for (let index = call.callee; index < call.open; index++) {
      if (isPunct(tokens[index], "<")) {
        yield firstTypeArgument(lexed, index, call.open);
        break;
      }
    }
  }
  if (isPunct(tokens[call.callee - 1], "=")) {
    for (let index = statement.from; index < call.callee; index++) {
      if (!isPunct(tokens[index], ":") || lexed.parent[index] !== lexed.parent[call.callee]) continue;
      if (isWord(tokens[index + 1], "Task") && isPunct(tokens[index + 2], "<")) {
        yield firstTypeArgument(lexed, index + 2, call.callee);
      }
      break;
    }
  }
}

/** Index of `text` between `from` and `to`, outside of brackets; `to` when it is not there. */
function nextAt({ tokens, match }: Lexed, from: number, to: number, text: string): number {
  for (let index = from; index < to; index++) {
    if (isPunct(tokens[index], text)) return index;
    if (/^[([{]$/.test(tokens[index]?.text ?? "")) index = Math.max(match[index] ?? index, index);
  }
  return to;
}

/** Where the functions called `key` of an object literal start: behind the colon, or at the name of a method. */
function* propertiesOf(
  { tokens, parent }: Lexed,
  open: number,
  close: number,
  key: string,
): Iterable<number> {
  for (let index = open + 1; index < close; index++) {
    if (parent[index] !== open || !isWord(tokens[index], key) || isDot(tokens[index - 1])) continue;
    if (isPunct(tokens[index + 1], ":")) yield index + 2;
    else if (isPunct(tokens[index + 1], "(") || isPunct(tokens[index + 1], "<")) yield index;
    else if (isPunct(tokens[index + 1], ",") || index + 1 === close) yield index;
  }
}

/** The type of the first parameter of the function that starts at `at`, or that is named there. */
function* parameterType(module: Module, at: number, depth = 0): Iterable<Range> {
  const { lexed } = module;
  const { tokens, match } = lexed;
  let index = at;
  if (isWord(tokens[index], "async")) index++;
  if (isWord(tokens[index], "function")) index++;
  if (isPunct(tokens[index], "*")) index++;
  const name = tokens[index]?.kind === "name" ? tokens[index] : undefined;
  if (name !== undefined) index++;
  if (isPunct(tokens[index], "<")) index = nextAt(lexed, index, tokens.length, "(");
  if (!isPunct(tokens[index], "(")) {
    if (name === undefined || depth > 2) return;
    for (const { from, to } of module.declared.get(name.text) ?? []) {
      for (let inner = from; inner < to; inner++) {
        if (isWord(tokens[inner], "function")) yield* parameterType(module, inner, depth + 1);
        else if (isPunct(tokens[inner], "=")) yield* parameterType(module, inner + 1, depth + 1);
        else continue;
        break;
      }
    }
    return;
  }
  const close = match[index] ?? index;
  const first = tokens[index + 1];
  let colon = index + 2;
  if (isPunct(first, "{") || isPunct(first, "[")) colon = (match[index + 1] ?? index) + 1;
  if (isPunct(tokens[colon], "?")) colon++;
  if (!isPunct(tokens[colon], ":")) return;
  yield { from: colon + 1, to: typeEnd(lexed, colon + 1, close) };
}

function firstTypeArgument(lexed: Lexed, open: number, limit: number): Range {
  const from = open + 1;
  const comma = typeEnd(lexed, from, limit);
  if (isPunct(lexed.tokens[comma], ",")) return { from, to: comma };
  let depth = 1, to = from;
  for (; to < limit && depth > 0; to++) {
    const token = lexed.tokens[to];
    if (isPunct(token, "<")) depth++;
    else if (token?.kind === "punct" && /^>+$/.test(token.text)) depth -= token.text.length;
    else if (/^[([{]$/.test(token?.text ?? "")) to = Math.max(lexed.match[to] ?? to, to);
  }
  return { from, to: to - 1 };
}

/** The fields of an object type: a literal, or the name of one. */
function typeFields(module: Module, range: Range, depth: number): readonly InputField[] | undefined {
  const { lexed } = module;
  const { tokens, match } = lexed;
  const { from, to } = range;
  if (depth > MOST_ALIASES || to <= from) return undefined;
  if (isPunct(tokens[from], "{") && match[from] === to - 1) return literalFields(module, from, depth);
  if (isWord(tokens[from], "Readonly") && isPunct(tokens[from + 1], "<") && isPunct(tokens[to - 1], ">")) {
    return typeFields(module, { from: from + 2, to: to - 1 }, depth + 1);
  }
  // A parameter that is only there for `ctx` to come second.
  if (to === from + 1 && (isWord(tokens[from], "undefined") || isWord(tokens[from], "void"))) return [];
  const alias = to === from + 1 ? aliasOf(module, tokens[from]) : undefined;
  return alias && typeFields(module, alias, depth + 1);
}

/** What a type declared in the same file stands for; undefined for others, and for those with parameters. */
function aliasOf({ lexed, statements, types }: Module, name: Token | undefined): Range | undefined {
  if (name?.kind !== "name" || !types.has(name.text)) return undefined;
  const { tokens, match } = lexed;
  const declaring = statements.filter((statement) => statement.types.includes(name.text));
  const [statement] = declaring;
  if (statement === undefined || declaring.length > 1) return undefined;
  let at = statement.from;
  while (at < statement.to && tokens[at]?.text !== name.text) at++;
  if (isWord(tokens[at - 1], "type") && isPunct(tokens[at + 1], "=")) {
    return { from: at + 2, to: statement.to };
  }
  const open = at + 1;
  const isInterface = isWord(tokens[at - 1], "interface") && isPunct(tokens[open], "{");
  return isInterface ? { from: open, to: (match[open] ?? open) + 1 } : undefined;
}

function literalFields(module: Module, open: number, depth: number): readonly InputField[] | undefined {
  const { lexed } = module;
  const { tokens, match, parent } = lexed;
  const close = match[open] ?? open;
  const fields: InputField[] = [];
  let angle = 0, from = open + 1;
  for (let index = open + 1; index <= close; index++) {
    const token = tokens[index];
    if (index < close && parent[index] !== open) continue;
    if (isPunct(token, "<")) angle++;
    else if (token?.kind === "punct" && /^>+$/.test(token.text)) angle -= token.text.length;
    const ends = index === close || isPunct(token, ";") || (isPunct(token, ",") && angle === 0);
    const breaks = angle === 0 && index > from && breaksBefore(lexed, index);
    if (!ends && !breaks) continue;
    if (index > from) {
      const field = readField(module, { from, to: index }, depth);
      if (field === undefined) return undefined;
      fields.push(field);
    }
    from = ends ? index + 1 : index;
  }
  return fields;
}

/** `readonly name?: type`. */
function readField(module: Module, { from, to }: Range, depth: number): InputField | undefined {
  const { lexed } = module;
  const { tokens } = lexed;
  let at = from;
  if (isWord(tokens[at], "readonly") && !isPunct(tokens[at + 1], ":") && !isPunct(tokens[at + 1], "?")) at++;
  const name = tokens[at];
  if (name === undefined || !/^(?:name|string|number)$/.test(name.kind)) return undefined;
  const optional = isPunct(tokens[at + 1], "?");
  const colon = optional ? at + 2 : at + 1;
  if (!isPunct(tokens[colon], ":") || colon + 1 >= to) return undefined;
  return {
    name: name.kind === "string" ? name.text.slice(1, -1) : name.text,
    type: typeText(module, { from: colon + 1, to }, depth),
    optional,
  };
}

/** A type as text; the name of a type that is declared in the same file, and is no object, written out. */
function typeText(module: Module, { from, to }: Range, depth: number): string {
  const { tokens, match } = module.lexed;
  const alias = to === from + 1 && depth <= MOST_ALIASES ? aliasOf(module, tokens[from]) : undefined;
  if (alias !== undefined && !(isPunct(tokens[alias.from], "{") && match[alias.from] === alias.to - 1)) {
    return typeText(module, alias, depth + 1);
  }
  let text = "";
  for (let index = isPunct(tokens[from], "|") ? from + 1 : from; index < to; index++) {
    const token = tokens[index], before = tokens[index - 1];
    if (token === undefined) break;
    text += text !== "" && before !== undefined && before.end < token.offset ? ` ${token.text}` : token.text;
  }
  return text;
}

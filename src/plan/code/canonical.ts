/**
 * Writes a range of tokens so that formatting does not count, and notes what the range refers to.
 *
 * Line ends cannot simply be forgotten: `a⏎[0]` and `a;⏎[0]` differ. So a `;` is written wherever a statement
 * can end at a semicolon or line end, whichever it was, and nowhere else.
 */
import { isDot, isPunct, isWord, type Lexed, type Token } from "./tokens.ts";

/** A run of tokens, from the first to before the last. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A range that is left out. */
export interface Hole extends Range {
  /** Leaves no trace, as if it were not there. */
  readonly silent?: true;
}

/** A range as text, and what it refers to. */
export interface View {
  /** The canonical tokens, joined. */
  readonly text: string;
  /** Names that may refer to something outside the range. */
  readonly names: ReadonlySet<string>;
  /** Specifiers of `import("…")`, `require("…")`, `new URL("…", import.meta.url)`, `import.meta.resolve("…")`. */
  readonly specifiers: ReadonlySet<string>;
}

/** Stands in the text for tokens left out; no token looks like it. */
export const HOLE = "\u0001task\u0001";

const SEPARATOR = "\0";
const LINE = "\u0001line\u0001";
const CANNOT_END = new Set(
  ("const var new typeof delete await in instanceof extends implements case export import default else do " +
    "try finally function class enum interface throw if while for switch with catch").split(" "),
);
const CANNOT_START = new Set("in instanceof extends implements else catch finally with".split(" "));
const CONTEXTUAL = new Set(["as", "satisfies", "from"]);
/** After these a line end always counts, whatever follows: `return⏎x`, and a class field named `get`. */
const RESTRICTED = new Set(
  ("return break continue yield throw get set static async accessor readonly public private protected override " +
    "abstract declare").split(" "),
);
const VALUE_END = /^[)\]}]$/;

/** Whether `)` at `index` closes the header of an `if`, `for`, `while` or `with`. */
export function closesHeader({ tokens, match }: Lexed, index: number): boolean {
  if (!isPunct(tokens[index], ")")) return false;
  let before = (match[index] ?? 0) - 1;
  if (isWord(tokens[before], "await")) before--;
  const word = tokens[before];
  return word?.kind === "name" && /^(?:if|for|while|with)$/.test(word.text) && !isDot(tokens[before - 1]);
}

/** Whether a statement may end with the token at `index`. */
export function canEnd(lexed: Lexed, index: number): boolean {
  const token = lexed.tokens[index];
  switch (token?.kind) {
    case undefined:
    case "head":
    case "middle":
    case "text":
      return false;
    case "name":
      return !CANNOT_END.has(token.text) || isDot(lexed.tokens[index - 1]) || isAsConst(lexed, index);
    case "jsx":
      return token.text === ">";
    case "punct":
      if (token.text === ")") return !closesHeader(lexed, index);
      if (token.text === "!") return isPostfixBang(lexed, index);
      return /^(?:[\]}]|\+\+|--|>{1,3})$/.test(token.text);
    default:
      return true;
  }
}

function isAsConst({ tokens }: Lexed, index: number): boolean {
  return isWord(tokens[index], "const") && isWord(tokens[index - 1], "as");
}

function isPostfixBang({ tokens }: Lexed, index: number): boolean {
  const before = tokens[index - 1];
  if (before === undefined || before.end !== tokens[index]?.offset) return false;
  if (before.kind === "name") return !CANNOT_END.has(before.text) || isDot(tokens[index - 2]);
  return before.kind === "punct"
    ? VALUE_END.test(before.text)
    : before.kind !== "head" && before.kind !== "middle";
}

/** Whether a statement may start with the token at `index` when it comes first on its line. */
export function canStart({ tokens }: Lexed, index: number): boolean {
  const token = tokens[index];
  switch (token?.kind) {
    case "name":
      return !CANNOT_START.has(token.text) && !(CONTEXTUAL.has(token.text) && continues(tokens[index + 1]));
    case "private":
    case "string":
    case "number":
    case "regex":
      return true;
    case "punct":
      return /^(?:\+\+|--|[!~@])$/.test(token.text);
    default:
      return false;
  }
}

/** Whether `as`, `satisfies` or `from` before `next` cannot be a name of its own. */
function continues(next: Token | undefined): boolean {
  if (next === undefined || next.newline) return false;
  return next.kind === "name" ? !CANNOT_START.has(next.text) : next.kind === "string" || isPunct(next, "{");
}

/** Whether the token at `index` stands among statements or members, where a line end can mean a `;`. */
export function amongStatements({ tokens, parent }: Lexed, index: number): boolean {
  const around = parent[index] ?? -1;
  return around === -1 || isPunct(tokens[around], "{");
}

/** Whether a line end before the token at `index` ends a statement. */
export function breaksBefore(lexed: Lexed, index: number): boolean {
  const token = lexed.tokens[index], before = lexed.tokens[index - 1];
  if (token === undefined || before === undefined || !token.newline || !amongStatements(lexed, index)) {
    return false;
  }
  if (VALUE_END.test(token.text) && token.kind === "punct") return false;
  if (before.kind === "name" && RESTRICTED.has(before.text) && !isDot(lexed.tokens[index - 2])) return true;
  return canEnd(lexed, index - 1) && canStart(lexed, index);
}

/** Writes the tokens of `range`, with a {@link HOLE} for each of `holes` that is not silent (in order, apart, inside the range). */
export function write(lexed: Lexed, range: Range, holes: readonly Hole[] = []): View {
  const { tokens } = lexed;
  const out: string[] = [];
  const names = new Set<string>(), specifiers = new Set<string>();
  let hole = 0, skipAt = -1, hasCase = false;
  for (let index = range.from; index < range.to; index++) {
    const gap = holes[hole];
    if (gap !== undefined && index === gap.from) {
      if (!gap.silent) out.push(HOLE);
      hole++;
      index = gap.to - 1;
      continue;
    }
    const token = tokens[index];
    if (token === undefined) break;
    const before = tokens[index - 1], next = tokens[index + 1];
    if (token.kind === "punct") {
      if (token.text === ";" && amongStatements(lexed, index)) {
        if (isEmptyBody(lexed, index) || !isIdle(before, next)) out.push(";");
        continue;
      }
      if (token.text === "," && isTrailingComma(before, next)) continue;
      if (token.text === "(" && isLoneParameter(tokens, index)) {
        skipAt = index + 2;
        continue;
      }
      if (index === skipAt) continue;
    }
    if (index > range.from && token.newline && amongStatements(lexed, index)) {
      if (breaksBefore(lexed, index)) {
        if (!isPunct(before, ";")) out.push(";");
      } else if (isPunct(token, "[") && canEnd(lexed, index - 1)) out.push(LINE); // `let a: T⏎[b] = c`
    }
    out.push(token.text);
    if (token.kind === "name") {
      hasCase ||= token.text === "case";
      if (!isDot(before) && !isKey(before, next, hasCase)) names.add(token.text);
    } else if (token.kind === "jsx") {
      if (/^[$_\p{ID_Start}]/u.test(token.text)) names.add(token.text);
    } else if (token.kind === "string" || token.kind === "template") {
      if (isSpecifier(tokens, index)) specifiers.add(token.text.slice(1, -1));
    } else if (token.hidden !== undefined) {
      for (const name of token.hidden) names.add(name);
    }
  }
  return { text: out.join(SEPARATOR), names, specifiers };
}

/** Whether a `;` between these tokens says nothing. */
function isIdle(before: Token | undefined, next: Token | undefined): boolean {
  const opens = before?.kind === "punct" && /^[{:;]$/.test(before.text);
  return opens || next === undefined || isPunct(next, "}") || isWord(next, "else");
}

/** Whether the `;` at `index` is a statement of its own, as in `if (x);`. */
function isEmptyBody(lexed: Lexed, index: number): boolean {
  const before = lexed.tokens[index - 1];
  return closesHeader(lexed, index - 1) || isWord(before, "else") || isWord(before, "do");
}

function isTrailingComma(before: Token | undefined, next: Token | undefined): boolean {
  if (isPunct(next, "]")) return !isPunct(before, ",") && !isPunct(before, "[");
  return isPunct(next, ")") || isPunct(next, "}");
}

/** Whether `(` opens `(x) =>`, which is `x =>`. */
function isLoneParameter(tokens: readonly Token[], index: number): boolean {
  return tokens[index + 1]?.kind === "name" && isPunct(tokens[index + 2], ")") &&
    isPunct(tokens[index + 3], "=>");
}

/** Whether a name between these tokens is a property name, as in `{ name: 1 }`. */
function isKey(before: Token | undefined, next: Token | undefined, hasCase: boolean): boolean {
  return isPunct(next, ":") && (isPunct(before, "{") || (isPunct(before, ",") && !hasCase));
}

/** Whether the literal at `index` names a module or a file beside the module. */
function isSpecifier(tokens: readonly Token[], index: number): boolean {
  if (!isPunct(tokens[index - 1], "(")) return false;
  const callee = tokens[index - 2];
  if (callee?.kind !== "name") return false;
  if (callee.text === "import" || callee.text === "require") return true;
  if (callee.text === "URL") return spells(tokens, index + 1, [",", "import", ".", "meta", ".", "url"]);
  return callee.text === "resolve" && spells(tokens, index - 6, ["import", ".", "meta", "."]);
}

function spells(tokens: readonly Token[], from: number, texts: readonly string[]): boolean {
  return texts.every((text, index) => tokens[from + index]?.text === text);
}

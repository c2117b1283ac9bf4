/**
 * Splits a module into its top-level statements and says what each declares.
 *
 * Only a heuristic parser, made so that its mistakes are harmless: a part split off by mistake declares
 * nothing, and what declares nothing counts for every task of the module.
 */
import { breaksBefore, canEnd, canStart, closesHeader, type Range } from "./canonical.ts";
import { isPunct, isWord, type Lexed, type Token } from "./tokens.ts";

/** What a statement is: `list` is `export { a, b }` without a source, `type` has no effect at run time. */
export type StatementForm = "import" | "reexport" | "list" | "type" | "code";

/** A top-level statement. */
export interface Statement extends Range {
  /** Its place in the module, from 0. */
  readonly index: number;
  readonly form: StatementForm;
  /** Names of values it declares; more than it really declares, never fewer. `default` for the default export. */
  readonly names: readonly string[];
  /** Names of types it declares. */
  readonly types: readonly string[];
  readonly exported: boolean;
  /** Whether it may be moved among others without changing what any of them computes. */
  readonly movable: boolean;
  /** Whether it runs in the main program only: `if (import.meta.main) { … }`. */
  readonly mainOnly: boolean;
}

/** How a statement begins. */
interface Head {
  readonly form: StatementForm;
  /** `body` ends with a `}`, `line` with its line, `variable` and `other` where JavaScript says. */
  readonly shape: "body" | "line" | "variable" | "other";
  /** Index of the word that says so, behind decorators and modifiers. */
  readonly at: number;
  readonly exported: boolean;
  readonly isDefault: boolean;
}

const DECLARED = new Set(
  "const let var function class enum namespace module global type interface abstract async".split(" "),
);
const CONTINUES_LINE = new Set(["|", "&", ".", ",", "=", "?", ":", "=>", ">", "<"]);
const CONTINUES_BODY = new Set(["|", "&", ",", "=", "=>", ">", ";"]);
const CONTINUES_TYPE = new Set(["extends", "implements", "is", "with"]);

/** The top-level statements of a module, in order. */
export function splitStatements(lexed: Lexed): readonly Statement[] {
  const { tokens, parent } = lexed;
  const statements: Statement[] = [];
  let from = 0;
  let head = readHead(lexed, 0);
  for (let index = 0; index < tokens.length; index++) {
    if (parent[index] !== -1) continue;
    if (index > from && index > head.at && startsAnew(lexed, index, head)) begin(index, index);
    if (isPunct(tokens[index], ";") && !isWord(tokens[index + 1], "else")) {
      const empty = closesHeader(lexed, index - 1) || isWord(tokens[index - 1], "else");
      begin(empty ? index + 1 : index, index + 1);
    }
  }
  begin(tokens.length, tokens.length);
  return statements;

  function begin(to: number, next: number): void {
    if (to > from) statements.push(describe(lexed, { from, to }, head, statements.length));
    from = next;
    head = readHead(lexed, next);
  }
}

/** Whether the top-level token at `index` starts another statement than the one that began with `head`. */
function startsAnew(lexed: Lexed, index: number, head: Head): boolean {
  const token = lexed.tokens[index], before = lexed.tokens[index - 1];
  if (token === undefined || before === undefined || !canEnd(lexed, index - 1)) return false;
  if (token.kind === "punct" && /^[)\]}]$/.test(token.text)) return false;
  const typeWord = token.kind === "name" && CONTINUES_TYPE.has(token.text);
  if (head.shape === "body" && isPunct(before, "}")) {
    const sameLine = !token.newline && (isPunct(token, "{") || isPunct(token, "["));
    if (!sameLine && !typeWord && !(token.kind === "punct" && CONTINUES_BODY.has(token.text))) return true;
  }
  if (!token.newline) return false;
  if (breaksBefore(lexed, index)) return true;
  if (head.shape === "line" || head.form === "type") {
    if (token.kind === "name") return !typeWord && canStart(lexed, index);
    return !(token.kind === "punct" && CONTINUES_LINE.has(token.text)) &&
      !(head.shape === "body" && isPunct(token, "{"));
  }
  return head.shape === "variable" && isPunct(token, "{");
}

function readHead(lexed: Lexed, from: number): Head {
  const { tokens, match } = lexed;
  let at = from;
  while (isPunct(tokens[at], "@")) {
    at++;
    if (isPunct(tokens[at], "(")) at = after(at);
    else {
      at++;
      while (isPunct(tokens[at], ".")) at += 2;
      if (isPunct(tokens[at], "(")) at = after(at);
    }
  }
  let exported = false, isDefault = false;
  const result = (form: StatementForm, shape: Head["shape"]) => ({ form, shape, at, exported, isDefault });
  if (isWord(tokens[at], "import")) return result(...importForm(tokens, at + 1));
  if (isWord(tokens[at], "export")) {
    exported = true;
    at++;
    if (isWord(tokens[at], "import")) return result("code", "other");
    if (isPunct(tokens[at], "*")) return result("reexport", "line");
    if (isPunct(tokens[at], "{")) {
      const closed = after(at);
      return result(isWord(tokens[closed], "from") ? "reexport" : "list", "line");
    }
    if (isWord(tokens[at], "type") && /^[{*]$/.test(tokens[at + 1]?.text ?? "")) {
      return result("type", "line");
    }
    if (isWord(tokens[at], "as")) return result("type", "line");
    if (isWord(tokens[at], "default")) {
      isDefault = true;
      at++;
    }
  }
  let form: StatementForm = "code";
  for (;;) {
    const word = tokens[at], next = tokens[at + 1];
    if (word?.kind !== "name" || next === undefined || next.newline) break;
    const declares = word.text === "declare" && next.kind === "name" && DECLARED.has(next.text);
    if (declares) form = "type";
    const modifier = declares || (word.text === "abstract" && isWord(next, "class")) ||
      (word.text === "async" && isWord(next, "function")) || (word.text === "const" && isWord(next, "enum"));
    if (!modifier) break;
    at++;
  }
  const word = tokens[at], next = tokens[at + 1];
  if (word?.kind !== "name") return result("code", "other");
  const named = next?.kind === "name" && !next.newline;
  switch (word.text) {
    case "function":
    case "class":
    case "enum":
      return result(form, "body");
    case "namespace":
    case "module":
      return named || (next?.kind === "string" && !next.newline)
        ? result(form, "body")
        : result("code", "other");
    case "global":
      return form === "type" ? result(form, "body") : result("code", "other");
    case "interface":
      return named ? result("type", "body") : result("code", "other");
    case "type":
      return named && /^[=<]$/.test(tokens[at + 2]?.text ?? "")
        ? result("type", "line")
        : result("code", "other");
    case "const":
    case "let":
    case "var":
      return result(form, "variable");
    default:
      return result("code", "other");
  }

  function after(open: number): number {
    return Math.max(match[open] ?? 0, open) + 1;
  }
}

function importForm(tokens: readonly Token[], at: number): [StatementForm, Head["shape"]] {
  const [first, second, third] = [tokens[at], tokens[at + 1], tokens[at + 2]];
  if (isPunct(first, "(") || isPunct(first, ".")) return ["code", "other"];
  if (
    isWord(first, "type") && !isPunct(second, ",") && !(isWord(second, "from") && third?.kind === "string")
  ) {
    return ["type", "line"];
  }
  if (first?.kind === "name" && isPunct(second, "=")) return ["code", "variable"];
  return ["import", "line"];
}

function describe(lexed: Lexed, range: Range, head: Head, index: number): Statement {
  const { tokens } = lexed;
  const { form, exported, isDefault, at } = head;
  let declared: string[] = [];
  if (form === "code" || form === "type") {
    if (head.shape === "variable") declared = variableNames(lexed, { from: at + 1, to: range.to });
    else if (isWord(tokens[at], "type") || head.shape === "body") {
      const name = tokens[isPunct(tokens[at + 1], "*") ? at + 2 : at + 1];
      if (name?.kind === "name" && name.text !== "extends" && name.text !== "implements") {
        declared = [name.text];
      }
    } else if (exported && isWord(tokens[at], "import")) {
      declared = tokens[at + 1]?.kind === "name" ? [tokens[at + 1]?.text ?? ""] : [];
    }
    if (isDefault) declared.push("default");
    if (exported && isPunct(tokens[at], "=")) declared.push("default");
  }
  return {
    ...range,
    index,
    form,
    names: form === "code" ? declared : [],
    types: form === "type" ? declared : [],
    exported,
    movable: form !== "code" || isWord(tokens[at], "function") ||
      (head.shape === "variable" && isConstant(lexed, range, at)),
    mainOnly: form === "code" && isMainOnly(lexed, range),
  };
}

/** The names in `a: T = 1, { b, c: [d] } = e`; with comparisons around, some that are none. */
function variableNames(lexed: Lexed, range: Range): string[] {
  const { tokens, parent, match } = lexed;
  const names: string[] = [];
  const level = parent[range.from];
  for (let index = range.from; index < range.to; index++) {
    if (index > range.from && !(isPunct(tokens[index - 1], ",") && parent[index] === level)) continue;
    const token = tokens[index];
    if (token?.kind === "name") names.push(token.text);
    else if (isPunct(token, "{") || isPunct(token, "[")) {
      const close = match[index] ?? index;
      for (let inner = index + 1; inner < close; inner++) {
        const found = tokens[inner];
        if (found?.kind === "name") names.push(found.text);
      }
      index = Math.max(close, index);
    }
    if (isPunct(tokens[index + 1], ":")) index = typeEnd(lexed, index + 2, range.to) - 1;
  }
  return names;
}

/** Index behind a type that starts at `from`: of the `=` or `,` that ends it; `from` when it is not clear. */
export function typeEnd({ tokens, match }: Lexed, from: number, to: number): number {
  let depth = 0;
  for (let index = from; index < to; index++) {
    const token = tokens[index];
    if (token?.kind !== "punct") continue;
    if (token.text === "<") depth++;
    else if (/^>+=?$/.test(token.text)) depth -= token.text.replace("=", "").length;
    else if (/^[([{]$/.test(token.text)) index = Math.max(match[index] ?? index, index);
    else if (depth === 0 && /^[=,;)\]}]$/.test(token.text)) return index;
    if (depth < 0 || (depth === 0 && token.text.length > 1 && token.text.endsWith(">="))) return from;
  }
  return depth === 0 ? to : from;
}

/** Whether a declaration is one name and a function or a literal, which no other statement can influence. */
function isConstant({ tokens, parent, match }: Lexed, range: Range, at: number): boolean {
  let equals = -1;
  for (let index = at; index < range.to; index++) {
    if (parent[index] !== -1) continue;
    if (isPunct(tokens[index], ",")) return false;
    if (equals === -1 && isPunct(tokens[index], "=")) equals = index;
  }
  if (equals === -1 || !isWord(tokens[at], "const") || tokens[at + 1]?.kind !== "name") return false;
  let first = equals + 1;
  if (isWord(tokens[first], "async")) first++;
  const token = tokens[first], next = tokens[first + 1];
  if (first === range.to - 1) {
    return token?.kind === "string" || token?.kind === "number" || token?.kind === "template";
  }
  if (token?.kind === "name") return isPunct(next, "=>");
  if (!isPunct(token, "(")) return false;
  const behind = tokens[(match[first] ?? first) + 1];
  return isPunct(behind, "=>") || isPunct(behind, ":");
}

function isMainOnly({ tokens, match, parent }: Lexed, { from, to }: Range): boolean {
  const guard = ["if", "(", "import", ".", "meta", ".", "main", ")"];
  if (!guard.every((text, index) => tokens[from + index]?.text === text)) return false;
  const body = from + guard.length;
  if (isPunct(tokens[body], "{")) return match[body] === to - 1;
  // Without braces, what follows on later lines may be a statement of its own.
  for (let index = body; index < to; index++) {
    const token = tokens[index];
    if (parent[index] === -1 && index > body && (token?.newline || isWord(token, "else"))) return false;
  }
  return to > body;
}

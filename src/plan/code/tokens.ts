/**
 * Cuts TypeScript or JavaScript source into tokens without comments and white space, with positions and
 * matched brackets, and says so when it could not make sense of the text.
 */
import jsTokens from "npm:js-tokens@10.0.0";

/** What a token is; a template literal is one `template`, or `head`, `middle`… and `tail`; `text` is JSX text. */
export type TokenKind =
  | "name"
  | "private"
  | "punct"
  | "string"
  | "number"
  | "regex"
  | "template"
  | "head"
  | "middle"
  | "tail"
  | "jsx"
  | "text";

/** One token of a source. */
export interface Token {
  readonly kind: TokenKind;
  /** The text, with the quotes of plain strings and the line ends of templates made uniform. */
  readonly text: string;
  /** 1-based line. */
  readonly line: number;
  /** 1-based column in UTF-16 units, as engines count in stack traces. */
  readonly column: number;
  /** Where the token starts in the source. */
  readonly offset: number;
  /** Where the token ends in the source. */
  readonly end: number;
  /** Whether a line terminator stands between this token and the one before. */
  readonly newline: boolean;
  /** Identifiers that may hide in a regular expression which may really be a division. */
  readonly hidden?: readonly string[];
}

/** A source, cut up. */
export interface Lexed {
  readonly source: string;
  readonly tokens: readonly Token[];
  /** For each bracket the index of its partner (pieces of a template: the piece before); -1 for other tokens. */
  readonly match: Int32Array;
  /** For each token the index of the innermost bracket that is open around it; -1 at the top level. */
  readonly parent: Int32Array;
  /** False when the text was not understood; then only the raw text may be relied on. */
  readonly sound: boolean;
}

const KINDS: Readonly<Record<string, TokenKind>> = {
  IdentifierName: "name",
  PrivateIdentifier: "private",
  Punctuator: "punct",
  StringLiteral: "string",
  NumericLiteral: "number",
  RegularExpressionLiteral: "regex",
  NoSubstitutionTemplate: "template",
  TemplateHead: "head",
  TemplateMiddle: "middle",
  TemplateTail: "tail",
  JSXPunctuator: "jsx",
  JSXIdentifier: "jsx",
  JSXString: "jsx",
  JSXText: "text",
};

const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;
const IDENTIFIER = /[$_\p{ID_Start}][$\u200C\u200D\p{ID_Continue}]*/gu;
const KEYWORD_BEFORE_VALUE =
  /^(?:await|case|default|delete|do|else|in|instanceof|new|of|return|throw|typeof|void|yield|if|for|while|with)$/;
const MOST_REPAIRS = 32;

/** Whether a file of this name holds JSX, by its extension. */
export function isJsx(file: string): boolean {
  return /\.[jt]sx$/i.test(file.replace(/[?#].*$/s, ""));
}

/** Cuts `source` into tokens. `file` is a name or URL, read only for its extension. Never throws. */
export function lex(source: string, file = ""): Lexed {
  // js-tokens knows JavaScript only: in `a! / b` it sees a regular expression. A non-null mark has no
  // meaning at run time, so each one that misleads becomes a space, and the text is cut again.
  let text = source;
  for (let repair = 0; repair <= MOST_REPAIRS; repair++) {
    const result = scan(text, isJsx(file));
    if (typeof result !== "number") return { ...result, source };
    text = `${text.slice(0, result)} ${text.slice(result + 1)}`;
  }
  return { source, tokens: [], match: new Int32Array(0), parent: new Int32Array(0), sound: false };
}

/** The tokens, or the offset of a non-null mark that was taken for a negation. */
function scan(source: string, jsx: boolean): Omit<Lexed, "source"> | number {
  const tokens: Token[] = [];
  let sound = !source.includes("\0");
  let offset = 0, line = 1, lineStart = 0, newline = false;
  for (const raw of jsTokens(source, { jsx })) {
    const value = raw.value;
    const type: string = raw.type;
    const start = offset;
    offset += value.length;
    if (type === "WhiteSpace") continue;
    if (type === "LineTerminatorSequence") {
      newline = true;
      line++;
      lineStart = offset;
      continue;
    }
    const comment = type === "MultiLineComment" || type === "SingleLineComment" || type === "HashbangComment";
    if ("closed" in raw && raw.closed === false) sound = false;
    if (!comment) {
      const kind = type === "Invalid" && value === "@" ? "punct" : KINDS[type];
      if (kind === undefined || (kind === "name" && value.includes("\\"))) sound = false;
      const token: Token = {
        kind: kind ?? "punct",
        text: uniform(type, value),
        line,
        column: start - lineStart + 1,
        offset: start,
        end: offset,
        newline,
      };
      newline = false;
      if (kind === "regex") {
        const doubt = regexDoubt(tokens);
        if (typeof doubt === "number") return doubt;
        if (doubt === "keyword" || (doubt === "maybe" && /["'`]/.test(value))) sound = false;
        tokens.push(doubt === "maybe" ? { ...token, hidden: value.match(IDENTIFIER) ?? [] } : token);
      } else tokens.push(token);
    }
    if (type === "MultiLineComment" || type === "JSXText" || kindSpansLines(type)) {
      for (const end of value.matchAll(LINE_END)) {
        if (comment) newline = true;
        line++;
        lineStart = start + end.index + end[0].length;
      }
    }
  }
  const brackets = matchBrackets(tokens);
  if (!brackets.balanced || (jsx && !balancedTags(tokens))) sound = false;
  return { tokens, match: brackets.match, parent: brackets.parent, sound };
}

function kindSpansLines(type: string): boolean {
  return type.startsWith("Template") || type === "NoSubstitutionTemplate" || type === "StringLiteral" ||
    type === "JSXString";
}

function uniform(type: string, value: string): string {
  if (type === "StringLiteral" || type === "JSXString") {
    return value.startsWith("'") && !/["\\]/.test(value) ? `"${value.slice(1, -1)}"` : value;
  }
  return type.startsWith("Template") || type === "NoSubstitutionTemplate"
    ? value.replace(/\r\n?/g, "\n")
    : value;
}

/** Whether the regular expression that follows `before` may be a division in truth. */
function regexDoubt(before: readonly Token[]): "none" | "maybe" | "keyword" | number {
  const previous = before.at(-1), earlier = before.at(-2);
  if (previous === undefined) return "none";
  if (previous.kind === "name") {
    return earlier !== undefined && isDot(earlier) ? "keyword" : "none";
  }
  if (previous.text === "!" && earlier !== undefined && !previous.newline) {
    const operand = earlier.kind === "name"
      ? !KEYWORD_BEFORE_VALUE.test(earlier.text) || isDot(before.at(-3))
      : earlier.kind !== "punct" || /^[)\]}]$/.test(earlier.text);
    if (operand) return earlier.end === previous.offset ? previous.offset : "maybe";
  }
  return /^(?:[)}\]]|>+|\+\+|--)$/.test(previous.text) ? "maybe" : "none";
}

/** Whether `token` is the dot of a property access. */
export function isDot(token: Token | undefined): boolean {
  return token?.kind === "punct" && (token.text === "." || token.text === "?.");
}

/** Whether `token` is the punctuator `text`. */
export function isPunct(token: Token | undefined, text: string): boolean {
  return token?.kind === "punct" && token.text === text;
}

/** Whether `token` is the word `text`. */
export function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === "name" && token.text === text;
}

const CLOSER: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

function matchBrackets(tokens: readonly Token[]) {
  const match = new Int32Array(tokens.length).fill(-1);
  const parent = new Int32Array(tokens.length).fill(-1);
  const open: { index: number; closer: string }[] = [];
  let balanced = true;
  for (const [index, { kind, text }] of tokens.entries()) {
    parent[index] = open.at(-1)?.index ?? -1;
    if (kind === "middle" || kind === "tail") close(index, "`");
    if (kind === "head" || kind === "middle") open.push({ index, closer: "`" });
    if (kind !== "punct" && kind !== "jsx") continue;
    const closer = CLOSER[text];
    if (closer !== undefined) open.push({ index, closer });
    else if (text === ")" || text === "]" || text === "}") close(index, text);
  }
  return { match, parent, balanced: balanced && open.length === 0 };

  function close(index: number, closer: string): void {
    const top = open.pop();
    if (top === undefined || top.closer !== closer) {
      balanced = false;
      return;
    }
    match[index] = top.index;
    if (match[top.index] === -1) match[top.index] = index;
    parent[index] = open.at(-1)?.index ?? -1;
  }
}

/** In `.tsx` a generic arrow function looks like a tag that is never closed; this finds it out. */
function balancedTags(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "jsx") continue;
    const next = tokens[index + 1], previous = tokens[index - 1];
    if (token.text === "<") depth += next?.kind === "jsx" && next.text === "/" ? -1 : 1;
    else if (token.text === "/" && next?.kind === "jsx" && next.text === ">") {
      if (!(previous?.kind === "jsx" && previous.text === "<")) depth--;
    }
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Where a module waits while it is loaded: its `await`s that stand in no function. A heuristic, for people. Pure. */
import { isDot, isPunct, isWord, type Lexed, type Token } from "./tokens.ts";

/** Words before the brackets of a statement that has a block. */
const HEADS = /^(?:if|for|while|switch|catch|with)$/;
/** Words before a block. */
const BLOCKS = /^(?:else|try|finally|do)$/;
/** Words that a statement begins with, where it begins a line. */
const STARTS = /^(?:const|let|var|export|import|function|class|if|for|while|try|await|async|return)$/;

/** The `await`s of a module that hold up its loading. */
export function topLevelWaits(lexed: Lexed): readonly Token[] {
  const { tokens, parent } = lexed;
  return tokens.filter((token, index) => {
    if (!isWord(token, "await") || isDot(tokens[index - 1])) return false;
    for (let at = index; at >= 0; at = parent[at]!) {
      if (at !== index && isPunct(tokens[at], "{") && isBody(lexed, at) || isInArrow(lexed, at)) return false;
    }
    return true;
  });
}

/** Whether a brace begins the body of a function or a class. */
function isBody({ tokens, match }: Lexed, brace: number): boolean {
  const before = tokens[brace - 1];
  if (before === undefined) return false;
  if (isPunct(before, "=>")) return true;
  if (isPunct(before, ")")) {
    const open = match[brace - 1]!;
    const head = tokens[open - 1];
    const isHead = isWord(head, "await") ? isWord(tokens[open - 2], "for") : HEADS.test(head?.text ?? "");
    return !isHead || isDot(tokens[open - 2]);
  }
  // A name or a type: of a class, or of what a function returns.
  return before.kind === "name" && !BLOCKS.test(before.text) || isPunct(before, ">");
}

/** Whether a token stands in an arrow function without braces, among the tokens between the same brackets. */
function isInArrow({ tokens, match, parent }: Lexed, index: number): boolean {
  for (let at = index - 1; at > parent[index]!; at--) {
    const token = tokens[at]!;
    if (isPunct(token, "=>")) return true;
    if (isPunct(token, ",") || isPunct(token, ";")) return false;
    const next = tokens[at + 1]!;
    if (next.newline && next.kind === "name" && STARTS.test(next.text)) return false;
    if (match[at]! >= 0 && match[at]! < at) at = match[at]!;
  }
  return false;
}

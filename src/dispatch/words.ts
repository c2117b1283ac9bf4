/** Commands as people type them: a text is split into words as a POSIX shell would. Pure. */

/**
 * Splits a command: single and double quotes and backslashes mean what they mean to a POSIX shell; nothing is expanded, so `$x`,
 * `*` and `~` stay what they are.
 *
 * @throws {RangeError} when a quote is not closed, with what stands behind it.
 */
export function splitWords(text: string): string[] {
  return readWords(text).map(({ word }) => word);
}

/**
 * A word by which somebody means a shell to do something: `&&`, `|`, `2>&1`, `first;`, unless it is quoted. Without a shell it is
 * a word like any other, which is hardly what was meant.
 */
export function shellOperator(text: string): string | undefined {
  return readWords(text).find(({ word, plain }) => plain && /^(?:[|&;]+|&?\d*[<>].*|[^;]+;)$/s.test(word))
    ?.word;
}

/** A word, and whether nothing in it was quoted. */
interface Word {
  readonly word: string;
  readonly plain: boolean;
}

function readWords(text: string): Word[] {
  const words: Word[] = [];
  let word: string | undefined;
  let plain = true;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (/[ \t\n]/.test(character)) {
      if (word !== undefined) words.push({ word, plain });
      [word, plain] = [undefined, true];
      continue;
    }
    // A line that goes on: neither character is there.
    if (character === "\\" && text[at + 1] === "\n") {
      at++;
      continue;
    }
    word ??= "";
    plain &&= !/['"\\]/.test(character);
    if (character === "'" || character === '"') {
      const end = closing(text, at);
      word += character === "'" ? text.slice(at + 1, end) : unescaped(text.slice(at + 1, end));
      at = end;
    } else if (character === "\\") {
      at++;
      word += at < text.length ? text[at] : "\\";
    } else word += character;
  }
  if (word !== undefined) words.push({ word, plain });
  return words;
}

/** Where a quote is closed that opens at a place. */
function closing(text: string, open: number): number {
  const quote = text[open]!;
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === quote) return at;
    if (quote === '"' && text[at] === "\\") at++;
  }
  throw new RangeError(`a quote is not closed: ${text.slice(open, open + 30)}`);
}

/** What stands between double quotes: there a backslash is one, unless it stands before what would mean something. */
function unescaped(text: string): string {
  return text.replace(/\\([$`"\\\n])/g, (_, character: string) => character === "\n" ? "" : character);
}

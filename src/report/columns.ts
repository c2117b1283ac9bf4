/** How wide a text is on a terminal, and cutting it to what fits. Pure. */

/** A piece of a line, and how it is emphasised. */
export type Part = readonly [text: string, emphasis?: (text: string) => string];

/** Characters that take two columns: East Asian wide ones and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
/** Characters that take none: marks on the one before, joiners. */
const NONE = /[\p{Mn}\p{Me}\u200b-\u200f\u2060\ufeff]/u;

/** The columns of a character. */
function widthOf(character: string): number {
  if (character < "\u0300") return 1;
  return NONE.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}

/** The columns of a text without control sequences. */
export function width(text: string): number {
  let sum = 0;
  for (const character of text) sum += widthOf(character);
  return sum;
}

/** A text within a number of columns; `…` stands for what is left out. Control characters become spaces. */
export function cut(text: string, columns: number): string {
  // deno-lint-ignore no-control-regex -- control characters are exactly what would move the cursor
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
  if (width(plain) <= columns) return plain;
  let kept = "";
  let used = 1;
  for (const character of plain) {
    used += widthOf(character);
    if (used > columns) break;
    kept += character;
  }
  return columns < 1 ? "" : `${kept}…`;
}

/** A text within a number of columns, cut where it differs least from others of its kind: calls of a template end differently. */
export function cutMiddle(text: string, columns: number): string {
  const plain = cut(text, Infinity);
  if (width(plain) <= columns) return plain;
  const end = Math.floor((columns - 1) / 2);
  let kept = "";
  let used = 0;
  for (const character of [...plain].reverse()) {
    used += widthOf(character);
    if (used > end) break;
    kept = character + kept;
  }
  return cut(plain, columns - width(kept)) + kept;
}

/** Parts one after another, each emphasised, cut where the columns end. */
export function spread(parts: readonly Part[], columns: number): string {
  let left = columns;
  let line = "";
  for (const [text, emphasis] of parts) {
    const shown = cut(text, left);
    if (shown !== "") line += emphasis === undefined ? shown : emphasis(shown);
    left -= width(shown);
    if (shown !== text) break;
  }
  return line;
}

/** Logs as terminals would show them: control sequences that move the cursor are gone, colours stay where they are wanted. Pure. */

/** Sequences that set a title or a link, and the few that are no CSI; what they enclose stays. */
// deno-lint-ignore no-control-regex -- control sequences are what is taken out
const OTHER_SEQUENCES = /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[PX^_][^\x1b]*(?:\x1b\\|$)|\x1b[ -/]+[0-~]/g;
/** CSI sequences; the last letter says what they do. */
// deno-lint-ignore no-control-regex -- control sequences are what is taken out
const CSI = /(?:\x1b\[|\x9b)[0-?]*[ -/]*([@-~])?/g;
/** What is left of control characters, tabs excepted, and an escape that begins nothing. */
// deno-lint-ignore no-control-regex -- control characters are exactly what is taken out
const CONTROLS = /\x1b(?!\[[\d;:]*m)[@-~]?|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/g;
/** A colour or an emphasis. */
// deno-lint-ignore no-control-regex -- colours are control sequences
const COLOUR = /\x1b\[([\d;:]*)m/g;
/** The most colour sequences that are carried from line to line. */
const MOST_CARRIED = 16;

/** The lines of a log, as a terminal without colours would show them. */
export function plainLines(text: string): string[] {
  return clean(text).map((line) => line.replaceAll(COLOUR, ""));
}

/** The same with colours; each line sets its own and ends with none, so that any of them can be shown alone. */
export function colouredLines(text: string): string[] {
  let carried: string[] = [];
  return clean(text).map((line) => {
    const before = carried.join("");
    let coloured = before !== "";
    for (const [sequence, codes] of line.matchAll(COLOUR)) {
      coloured = true;
      if (/^0*(?:;|$)/.test(codes!)) carried = /^0*;?$/.test(codes!) ? [] : [sequence];
      else carried = [...carried, sequence].slice(-MOST_CARRIED);
    }
    return coloured ? `${before}${line}\x1b[0m` : line;
  });
}

/** Lines without anything that moves: what a carriage return or a backspace has written over is gone. */
function clean(text: string): string[] {
  return text.replace(/\r?\n$/, "").split(/\r*\n/).map((line) => {
    // Most lines are just text.
    // deno-lint-ignore no-control-regex -- the quick way out for lines without control characters
    if (!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(line)) return line;
    const last = line.includes("\r") ? line.split("\r").findLast((part) => part !== "") ?? "" : line;
    let shown = last.replaceAll(OTHER_SEQUENCES, "")
      .replaceAll(CSI, (sequence, end) => end === "m" ? sequence.replace("\x9b", "\x1b[") : "");
    // deno-lint-ignore no-control-regex -- a backspace takes the character before it
    while (/[^\x08]\x08/.test(shown)) shown = shown.replaceAll(/[^\x08]\x08/g, "");
    return shown.replaceAll(CONTROLS, "");
  });
}

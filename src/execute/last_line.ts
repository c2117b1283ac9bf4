/** What an attempt printed last. */
import { lastWords } from "../model/last_words.ts";
import { node } from "../runtime/builtin.ts";

/** Bytes of a file that are looked at, and letters of a line that are told. */
const TAIL = 16_384, MOST = 200;

/** The last line that says something, of the file that was written to last; `undefined` when there is none. */
export function lastLine(
  output: { readonly stdout?: string; readonly stderr?: string },
): string | undefined {
  const ends = [output.stdout, output.stderr].flatMap((file) => file === undefined ? [] : [endOf(file)])
    .sort((one, other) => other.time - one.time);
  for (const { text } of ends) {
    const line = text.split(/[\r\n]+/).findLast((one) => one.trim() !== "");
    if (line !== undefined) return line.trim().slice(0, MOST);
  }
  return undefined;
}

/** What the end of a file says of how its program ended; `undefined` when it says nothing. */
export function lastWordsIn(file: string): string | undefined {
  return lastWords(endOf(file).text);
}

/** The end of a file, and when that was written. */
function endOf(file: string): { readonly text: string; readonly time: number } {
  const { fs } = node;
  let opened: number | undefined;
  try {
    opened = fs.openSync(file, "r");
    const { size, mtimeMs } = fs.fstatSync(opened);
    const bytes = new Uint8Array(Math.min(size, TAIL));
    const read = fs.readSync(opened, bytes, 0, bytes.length, size - bytes.length);
    return { text: new TextDecoder().decode(bytes.subarray(0, read)), time: mtimeMs };
  } catch {
    return { text: "", time: 0 };
  } finally {
    if (opened !== undefined) fs.closeSync(opened);
  }
}

/**
 * Messages between a run and its jobs, as files in folders that both can see: whole or not there at all, in order, each with a
 * digest of its own. Folders are listed rather than names probed: a network file system remembers for long that a name was not
 * there, and forgets at once what a listing said.
 */
import { decode } from "../../model/codec/decode.ts";
import { encode } from "../../model/codec/encode.ts";
import { digestOf } from "../../model/digest.ts";
import { digestAside } from "../../runtime/digest.ts";
import { fs } from "../../runtime/fs.ts";

/** What stands before the bytes of a letter: a word, a blank, 64 hex characters, a line feed. */
const MARK = "runner-letter ";
const HEAD = MARK.length + 65;

/** Writes a letter: aside first, so that nobody sees half of it. */
export function writeLetter(file: string, content: unknown): void {
  const bytes = encode(content);
  const head = new TextEncoder().encode(`${MARK}${digestOf(bytes)}\n`);
  const all = new Uint8Array(HEAD + bytes.length);
  all.set(head);
  all.set(bytes, HEAD);
  const aside = `${file}~`;
  const descriptor = fs.openSync(aside, "w");
  try {
    for (let done = 0; done < all.length;) done += fs.writeSync(descriptor, all, done);
  } finally {
    fs.closeSync(descriptor);
  }
  fs.renameSync(aside, file);
}

/**
 * Reads a letter.
 *
 * @throws {Error} when it is not there, or not as it was written.
 */
export function readLetter(file: string): unknown {
  const { digest, bytes } = parts(fs.readFileSync(file));
  return opened(file, bytes, digest === digestOf(bytes));
}

/** Reads a letter as a process does that has just begun: there, counting in plain arithmetic is slow. */
export async function readFirstLetter(file: string): Promise<unknown> {
  const { digest, bytes } = parts(fs.readFileSync(file));
  return opened(file, bytes, digest === await digestAside(bytes));
}

/** What is said before the content, and the content. */
function parts(all: Uint8Array<ArrayBuffer>): { digest: string; bytes: Uint8Array<ArrayBuffer> } {
  const head = new TextDecoder().decode(all.subarray(0, HEAD));
  return {
    digest: head.startsWith(MARK) && head.endsWith("\n") ? head.slice(MARK.length, -1) : "",
    bytes: all.subarray(HEAD),
  };
}

function opened(file: string, bytes: Uint8Array, whole: boolean): unknown {
  if (!whole) throw new Error(`${file} is not as it was written`);
  return decode(bytes);
}

/** The names of the letters in a folder, sorted; none when there is no such folder. */
export function lettersIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).filter((name) => !name.endsWith("~")).sort();
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw error;
  }
}

/** A number as it stands in the name of a letter, so that names sort as numbers do. */
export function letterNumber(number: number): string {
  return String(number).padStart(14, "0");
}

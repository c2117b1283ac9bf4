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
import { INBOX, type ToJob } from "./job_spec.ts";

/** What stands before the bytes of a letter: a word, a blank, 64 hex characters, a line feed. */
const MARK = "runner-letter ";
const HEAD = MARK.length + 65;

/** Writes a letter. */
export function writeLetter(file: string, content: unknown): void {
  writeWhole(file, encode(content));
}

let letters = 0;

/** Leaves a letter for a job, in its folder. */
export function writeToJob(folder: string, letter: ToJob): void {
  const inbox = `${folder}/${INBOX}`;
  fs.mkdirSync(inbox, { recursive: true });
  writeLetter(`${inbox}/${letterNumber(Date.now() * 10 + letters++ % 10)}`, letter);
}

/**
 * Reads a letter.
 *
 * @throws {Error} when it is not there, or not as it was written.
 */
export function readLetter(file: string): unknown {
  return decode(readWhole(file));
}

/** Writes bytes: aside first, so that nobody sees half of them. */
export function writeWhole(file: string, bytes: Uint8Array): void {
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
 * Reads bytes that were written so.
 *
 * @throws {Error} when they are not there, or not as they were written.
 */
export function readWhole(file: string): Uint8Array {
  const { digest, bytes } = parts(fs.readFileSync(file));
  return unlessBroken(file, bytes, digest === digestOf(bytes));
}

/** Does so in a process that has just begun: there, counting in plain arithmetic is slow. */
export async function readWholeFirst(file: string): Promise<Uint8Array> {
  const { digest, bytes } = parts(fs.readFileSync(file));
  return unlessBroken(file, bytes, digest === await digestAside(bytes));
}

/** What is said before the content, and the content. */
function parts(all: Uint8Array<ArrayBuffer>): { digest: string; bytes: Uint8Array<ArrayBuffer> } {
  const head = new TextDecoder().decode(all.subarray(0, HEAD));
  return {
    digest: head.startsWith(MARK) && head.endsWith("\n") ? head.slice(MARK.length, -1) : "",
    bytes: all.subarray(HEAD),
  };
}

function unlessBroken(file: string, bytes: Uint8Array, whole: boolean): Uint8Array {
  if (!whole) throw new Error(`${file} is not as it was written`);
  return bytes;
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

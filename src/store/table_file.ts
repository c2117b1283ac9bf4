/**
 * The table that says where each record of an index stands, kept beside the index so that a process need not look at all of
 * its records first. Derived, and only believed about the very bytes it was made for; it may be deleted at any time.
 */
import { node } from "../runtime/builtin.ts";
import { scratchName } from "./owner.ts";

/** Where the records stand in the first bytes of an index. */
export interface Table {
  /** Open addressing: where a record stands, in units of the index; 0 for a free slot. */
  readonly slots: Int32Array;
  /** How many bytes of the index it tells of. */
  readonly bytes: number;
  /** How many records these hold, and how many of them no later one replaces. */
  readonly count: number;
  readonly live: number;
}

const MAGIC = 0x31544e52;
/** Words before the slots: magic, checksum of what follows, checksum of the index, bytes of it, count, live, two to spare. */
const HEAD = 8;
/** What fewer records than this tell is found faster without a table. */
const FEW = 1_000;

/** A table of no records, with room for so many: half of its slots stay free. */
export function newTable(count: number): Table {
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(16, count * 2))));
  return { slots, bytes: 0, count: 0, live: 0 };
}

/** Whether so much was added to a table since it was written that the next process should find that there too. */
export function isOutdated(written: Table | undefined, count: number): boolean {
  return count - (written?.count ?? 0) > count / 8;
}

/** The first slot to look at. */
export function slotOf(hash: number, mask: number): number {
  return (Math.imul(hash, 0x9e3779b1) >>> 7) & mask;
}

/** The table beside the index at `path`, if it was made for the bytes that `index` begins with, and has room for so many records. */
export function readTable(path: string, index: Uint8Array, room: number): Table | undefined {
  try {
    const file = node.fs.readFileSync(placeOf(path));
    if (file.length % 4 !== 0 || file.byteOffset % 4 !== 0) return undefined;
    const words = new Int32Array(file.buffer, file.byteOffset, file.length >> 2);
    const slots = words.subarray(HEAD);
    const [magic, own, sum, bytes, count, live] = words;
    // A power of two, as slots are found by a mask.
    if (magic !== MAGIC || slots.length < room * 2 || (slots.length & (slots.length - 1)) !== 0) {
      return undefined;
    }
    if (bytes! > index.length || own !== node.zlib.crc32(file.subarray(8)) >> 0) return undefined;
    if (sum !== node.zlib.crc32(index.subarray(0, bytes)) >> 0) return undefined;
    return { slots, bytes: bytes!, count: count!, live: live! };
  } catch {
    return undefined;
  }
}

/** Keeps a table for the next process, if it is of any use; whoever cannot write it does without. */
export function writeTable(path: string, index: Uint8Array, { slots, bytes, count, live }: Table): void {
  if (count < FEW) return;
  const words = new Int32Array(HEAD + slots.length);
  words.set(slots, HEAD);
  words.set([MAGIC, 0, node.zlib.crc32(index.subarray(0, bytes)), bytes, count, live]);
  const file = new Uint8Array(words.buffer);
  words[1] = node.zlib.crc32(file.subarray(8));
  const aside = `${placeOf(path)}.${scratchName("new")}`;
  try {
    node.fs.writeFileSync(aside, file);
    node.fs.renameSync(aside, placeOf(path));
  } catch {
    node.fs.rmSync(aside, { force: true });
  }
}

/** In the index's folder, under a name that no task's folder has. */
function placeOf(path: string): string {
  const { basename, dirname } = node.path;
  return `${dirname(path)}/~${basename(path)}.table`;
}

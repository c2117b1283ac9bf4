/**
 * The index of file digests: one file of records that says which bytes a file had when it looked as it did, so that what has
 * not changed is not read again. Derived, each record with a checksum; it may be deleted at any time. Appended to; a later
 * record of a path replaces an earlier one, and when a third of them have been replaced the file is written anew.
 */
import type { Buffer } from "node:buffer";
import { digestOf } from "../../model/digest.ts";
import { node } from "../../runtime/builtin.ts";
import { scratchName } from "../owner.ts";
import { digestAt } from "../text.ts";
import { isOutdated, newTable, readTable, slotOf, writeTable } from "../table_file.ts";
import { isSettled } from "./digest.ts";

/** What is known of a file. */
export interface DigestRecord {
  readonly size: number;
  readonly mtime: number;
  readonly ctime: number;
  readonly inode: number;
  /** The moment before it was looked at, and then read. */
  readonly at: number;
  readonly digest: string;
}

const MAGIC = "RNFILES1";
/** Bytes of the file before the first record. */
const START = 8;
/** Bytes of a record before its path: length 4, checksum 4, folder 8, hash 4, characters 4, five numbers, digest 32. */
const HEAD = 96;
/** Where the digest stands in a record. */
const DIGEST = 64;

/** The records of a cache, as seen from one working folder, and those to be added. */
export class DigestIndex {
  private bytes: Buffer = node.buffer.Buffer.alloc(0);
  private words: Int32Array = new Int32Array(0);
  private units: Uint16Array = new Uint16Array(0);
  private numbers: Float64Array = new Float64Array(0);
  /** Open addressing: offsets of records in words, 0 for none (no record stands at the start). */
  private table: Int32Array = new Int32Array(16);
  private count = 0;
  private live = 0;
  private whole = true;
  /** Whether the table beside the file is as good as it need be. */
  private tabled = true;
  private loaded = false;
  private readonly added = new Map<string, DigestRecord>();
  private readonly fresh = new Set<string>();
  /** Stands for the working folder: two checkouts may share a cache, and paths are relative. */
  private readonly folder: Int32Array;

  /** The index at `path`, or one in memory only; one that is absent or damaged is an empty one. */
  constructor(private readonly path: string | undefined, cwd: string) {
    this.folder = new Int32Array(Uint8Array.fromHex(digestOf(cwd).slice(0, 16)).buffer);
  }

  /** The digest of a file that looks like this, if it is known and may be relied on. */
  find(
    path: string,
    file: { readonly size: number; readonly mtime: number; readonly ctime: number; readonly inode: number },
  ): string | undefined {
    if (this.added.size > 0) {
      const known = this.added.get(path);
      if (known !== undefined) {
        return known.size === file.size && known.mtime === file.mtime && known.ctime === file.ctime &&
            known.inode === file.inode && isSettled(known.mtime, known.ctime, known.at)
          ? known.digest
          : undefined;
      }
    }
    if (!this.loaded) this.load();
    const word = this.locate(path);
    if (word === 0) return undefined;
    const { numbers } = this;
    const at = (word >> 1) + 3;
    if (
      numbers[at] !== file.size || numbers[at + 1] !== file.mtime || numbers[at + 2] !== file.ctime ||
      numbers[at + 3] !== file.inode || !isSettled(file.mtime, file.ctime, numbers[at + 4]!)
    ) return undefined;
    return digestAt(this.bytes, word * 4 + DIGEST);
  }

  /** Notes a file; it is written by `flush`. */
  add(path: string, record: DigestRecord): void {
    this.added.set(path, record);
    if (this.path !== undefined) this.fresh.add(path);
  }

  /** How many files have been noted since the last `flush`. */
  get pending(): number {
    return this.fresh.size;
  }

  /** Appends what was noted, or writes the file anew; what was noted before stays known. */
  flush(): void {
    const { path, fresh } = this;
    if (path === undefined) return;
    if (this.loaded && !this.tabled) this.keepTable(path);
    if (fresh.size === 0) return;
    if (!this.loaded) this.load();
    const records = node.buffer.Buffer.concat(
      [...fresh].map((name) => this.pack(name, this.added.get(name)!)),
    );
    let dead = this.count - this.live;
    for (const name of fresh) if (this.locate(name) !== 0) dead++;
    if (!this.whole || dead * 3 > this.count + fresh.size || !append(path, records)) {
      this.rewrite(path, records);
    }
    fresh.clear();
    // What was written is in `added`; the file is not read again.
    this.whole = true;
  }

  private rewrite(path: string, records: Buffer): void {
    // Another runner may have added to the file since it was read.
    this.load();
    const kept: Buffer[] = [node.buffer.Buffer.from(MAGIC, "latin1")];
    const replaced = new Set<number>();
    for (const name of this.fresh) replaced.add(this.locate(name));
    for (const word of this.table) {
      if (word === 0 || replaced.has(word)) continue;
      kept.push(this.bytes.subarray(word * 4, word * 4 + this.words[word]!));
    }
    const aside = `${path}.${scratchName("new")}`;
    node.fs.mkdirSync(node.path.dirname(path), { recursive: true });
    try {
      node.fs.writeFileSync(aside, node.buffer.Buffer.concat([...kept, records]));
      node.fs.renameSync(aside, path);
    } catch (error) {
      node.fs.rmSync(aside, { force: true });
      throw error;
    }
    this.load();
  }

  /** Keeps where the records are, for the next process. */
  private keepTable(path: string): void {
    this.tabled = true;
    const { table: slots, bytes, count, live } = this;
    writeTable(path, bytes, { slots, bytes: bytes.length, count, live });
  }

  private load(): void {
    this.loaded = true;
    const bytes = this.path === undefined ? node.buffer.Buffer.alloc(0) : readOrEmpty(this.path);
    // Numbers want to begin at a multiple of eight, and nothing at the end is torn.
    const copied = bytes.byteOffset % 8 !== 0;
    this.bytes = copied ? node.buffer.Buffer.from(new Uint8Array(bytes).buffer) : bytes;
    const { buffer, byteOffset, length } = this.bytes;
    this.words = new Int32Array(buffer, byteOffset, length >> 2);
    this.units = new Uint16Array(buffer, byteOffset, length >> 1);
    this.numbers = new Float64Array(buffer, byteOffset, length >> 3);
    const room = Math.floor(length / (HEAD + 16));
    const known = this.path === undefined ? undefined : readTable(this.path, this.bytes, room);
    const table = known ?? newTable(room);
    this.table = table.slots;
    this.count = table.count;
    this.live = table.live;
    this.whole = length > 0 && this.bytes.toString("latin1", 0, START) === MAGIC;
    if (!this.whole) return;
    let at = Math.max(START, table.bytes);
    while (at + HEAD <= length) {
      const word = at >> 2, size = this.words[word]!;
      if (size < HEAD || size % 8 !== 0 || at + size > length) break;
      // A record that is garbled costs itself, unless its length is: then the rest is lost as well.
      if (checksum(this.words, word) === this.words[word + 1] && this.words[word + 5]! * 2 + HEAD <= size) {
        this.enter(word);
      } else this.whole = false;
      at += size;
    }
    if (at !== length) this.whole = false;
    this.tabled = !this.whole || !isOutdated(known, this.count);
  }

  /** Puts a record into the table, in the place of an earlier one of the same path. */
  private enter(word: number): void {
    const { table, words, units } = this;
    const mask = table.length - 1;
    const length = words[word + 5]!;
    this.count++;
    let slot = slotOf(words[word + 4]!, mask);
    for (; table[slot] !== 0; slot = (slot + 1) & mask) {
      const other = table[slot]!;
      if (
        words[other + 4] !== words[word + 4] || words[other + 5] !== length ||
        words[other + 2] !== words[word + 2] || words[other + 3] !== words[word + 3]
      ) continue;
      const a = word * 2 + HEAD / 2, b = other * 2 + HEAD / 2;
      let index = 0;
      while (index < length && units[a + index] === units[b + index]) index++;
      if (index < length) continue;
      table[slot] = word;
      return;
    }
    table[slot] = word;
    this.live++;
  }

  /** Where the record of a path stands, in words; 0 when there is none. */
  private locate(path: string): number {
    const { table, words, units, folder } = this;
    const mask = table.length - 1, hash = this.hash(path), length = path.length;
    for (let slot = slotOf(hash, mask); table[slot] !== 0; slot = (slot + 1) & mask) {
      const word = table[slot]!;
      if (
        words[word + 4] !== hash || words[word + 5] !== length || words[word + 2] !== folder[0] ||
        words[word + 3] !== folder[1]
      ) continue;
      const at = word * 2 + HEAD / 2;
      let index = 0;
      while (index < length && units[at + index] === path.charCodeAt(index)) index++;
      if (index === length) return word;
    }
    return 0;
  }

  /** FNV-1a over a path and the working folder. */
  private hash(path: string): number {
    let sum = this.folder[0]!;
    for (let index = 0; index < path.length; index++) {
      sum = Math.imul(sum ^ path.charCodeAt(index), 0x01000193);
    }
    return sum;
  }

  private pack(path: string, record: DigestRecord): Buffer {
    const size = Math.ceil((HEAD + path.length * 2) / 8) * 8;
    const buffer = new ArrayBuffer(size);
    const words = new Int32Array(buffer),
      numbers = new Float64Array(buffer),
      bytes = node.buffer.Buffer.from(buffer);
    words[0] = size;
    words[2] = this.folder[0]!;
    words[3] = this.folder[1]!;
    words[4] = this.hash(path);
    words[5] = path.length;
    numbers[3] = record.size;
    numbers[4] = record.mtime;
    numbers[5] = record.ctime;
    numbers[6] = record.inode;
    numbers[7] = record.at;
    bytes.write(record.digest, DIGEST, 32, "hex");
    bytes.write(path, HEAD, "utf16le");
    words[1] = checksum(words, 0);
    return bytes;
  }
}

/** Adds records to a file in one act; `false` when it is not there, as it has to begin with our sign. */
function append(path: string, records: Buffer): boolean {
  try {
    const file = node.fs.openSync(path, node.fs.constants.O_WRONLY | node.fs.constants.O_APPEND);
    try {
      return node.fs.writeSync(file, records) === records.length;
    } finally {
      node.fs.closeSync(file);
    }
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return false;
    throw error;
  }
}

/** FNV-1a over the words of a record, but for the checksum itself: any one word that differs tells. */
function checksum(words: Int32Array, at: number): number {
  const end = at + (words[at]! >> 2);
  let sum = 0x811c9dc5 ^ words[at]!;
  for (let word = at + 2; word < end; word++) sum = Math.imul(sum ^ words[word]!, 0x01000193);
  return sum;
}

function readOrEmpty(path: string): Buffer {
  try {
    return node.fs.readFileSync(path);
  } catch {
    return node.buffer.Buffer.alloc(0);
  }
}

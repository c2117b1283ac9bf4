/**
 * The index of a cache: one file of fixed records that says, for each entry, what its header would say, so that a run with
 * nothing to do opens no other file. Derived: every record is checked against the file it speaks of, and the index may be
 * deleted at any time. Appended to; a later record of one entry replaces an earlier one.
 */
import { Buffer } from "node:buffer";
import fs from "node:fs";
import type { FileStamp } from "../model/storage.ts";
import { digestAt } from "./text.ts";
import { isOutdated, newTable, readTable, slotOf, writeTable } from "./table_file.ts";

/** What the index knows of an entry. */
export interface IndexRecord {
  readonly digest: string;
  /** See `CALLS`, `OUTPUTS` and `TRACE`; 0 for a plain value. */
  readonly kind: number;
  readonly stamp: FileStamp;
  /** The bytes of a small result; of one with outputs the signature of these, as bytes. */
  readonly bytes: Uint8Array | undefined;
  /** The time of change of the folder of all keys when the entry was last seen in it; 0: never noted. */
  readonly folder: number;
}

/** A record: checksum 4, key 20, validity 16, digest 32, size 4, mtime 8, inode 8, kind 1, length 1, folder 8, small result 26. */
const RECORD = 128;
const WORDS = RECORD / 4;
const INLINE = 26;
const NOT_INLINE = 255;

/** The records of a cache, and those to be added. */
export class IndexFile {
  private readonly old: Buffer;
  /** The same bytes as 32-bit words. */
  private readonly words: Int32Array;
  /** Open addressing: numbers of records, from 1; 0 for a free slot. */
  private readonly table: Int32Array;
  private added = new Map<string, IndexRecord & { readonly key: string; readonly validity: string }>();
  private live = 0;
  /** The name that is looked for, as it stands in a record. */
  private readonly name = new Uint8Array(36);
  private readonly nameWords = new Int32Array(this.name.buffer);
  private readonly nameKey = this.name.subarray(0, 20);
  private readonly nameValidity = this.name.subarray(20);
  private validity = "";
  private written = false;
  /** Whether the table beside the file is as good as it need be. */
  private tabled: boolean;

  /** Reads the index at `path`; one that is absent or damaged is an empty one. */
  constructor(private readonly path: string) {
    this.old = readOrEmpty(path);
    this.words = new Int32Array(this.old.buffer, this.old.byteOffset, this.old.length >> 2);
    const count = Math.floor(this.old.length / RECORD);
    const known = readTable(path, this.old, count);
    const { slots, bytes, live } = known ?? newTable(count);
    this.table = slots;
    this.live = live;
    for (let index = bytes / RECORD; index < count; index++) this.enter(index);
    this.tabled = !isOutdated(known, count);
  }

  /** The record of an entry, or `undefined`. */
  find(key: string, validity: string): IndexRecord | undefined {
    const added = this.added.size === 0 ? undefined : this.added.get(key + validity);
    if (added !== undefined) return added;
    const slot = this.slotFor(key, validity);
    return slot === undefined ? undefined : new StoredRecord(this.old, (this.table[slot]! - 1) * RECORD);
  }

  /** Notes an entry; it is written by `flush`. */
  add(key: string, validity: string, record: IndexRecord): void {
    const bytes = record.bytes !== undefined && record.bytes.length <= INLINE ? record.bytes : undefined;
    this.added.set(key + validity, { ...record, bytes, key, validity });
  }

  /** How many entries have been noted since the last `flush`. */
  get pending(): number {
    return this.added.size;
  }

  /** Appends what was noted; rewrites the file when half of it has been replaced. */
  flush(): void {
    if (!this.tabled) this.keepTable();
    if (this.added.size === 0) return;
    const fresh = Buffer.from(new ArrayBuffer(this.added.size * RECORD));
    let at = 0;
    for (const record of this.added.values()) {
      pack(fresh, at, record);
      at += RECORD;
    }
    // What this process wrote is not in `old`, so it may rewrite the file only before it has written to it.
    if (this.written || !this.wasteful()) fs.appendFileSync(this.path, fresh);
    else this.rewrite(fresh);
    this.written = true;
    this.added = new Map();
  }

  /** Keeps where the records are, for the next process. */
  private keepTable(): void {
    this.tabled = true;
    const count = Math.floor(this.old.length / RECORD);
    writeTable(this.path, this.old, { slots: this.table, bytes: count * RECORD, count, live: this.live });
  }

  /** Whether half of what the file holds, or more, is of no use beside what was noted. */
  private wasteful(): boolean {
    if (this.old.length % RECORD !== 0) return true;
    let kept = this.live;
    for (const { key, validity } of this.added.values()) {
      if (this.slotFor(key, validity) !== undefined) kept--;
    }
    return this.old.length > 0 && kept * 2 <= this.old.length / RECORD;
  }

  /** Writes the file anew: what it held and nothing replaces, and what was noted. */
  private rewrite(fresh: Buffer): void {
    const replaced = new Set<number | undefined>();
    for (const { key, validity } of this.added.values()) replaced.add(this.slotFor(key, validity));
    const kept: Buffer[] = [];
    for (const [slot, number] of this.table.entries()) {
      if (number === 0 || replaced.has(slot)) continue;
      kept.push(this.old.subarray((number - 1) * RECORD, number * RECORD));
    }
    const aside = `${this.path}.${Math.random().toString(36).slice(2)}`;
    fs.writeFileSync(aside, Buffer.concat([...kept, fresh]));
    fs.renameSync(aside, this.path);
  }

  /** The slot of the table that stands for an entry, or `undefined`. */
  private slotFor(key: string, validity: string): number | undefined {
    const { table, words, nameWords } = this;
    this.nameKey.setFromHex(key);
    // Entries of one task mostly share their validity.
    if (validity !== this.validity) this.nameValidity.setFromHex(this.validity = validity);
    const mask = table.length - 1;
    for (let slot = slotOf(nameWords[0]!, mask); table[slot] !== 0; slot = (slot + 1) & mask) {
      const at = (table[slot]! - 1) * WORDS + 1;
      let same = true;
      for (let word = 0; word < 9 && same; word++) same = words[at + word] === nameWords[word];
      if (same) return slot;
    }
    return undefined;
  }

  /** Puts a record into the table, in the place of an earlier one of the same entry. */
  private enter(index: number): void {
    const { words, table } = this;
    const at = index * WORDS;
    if (words[at] !== checksum(words, at)) return;
    const mask = table.length - 1;
    let slot = slotOf(words[at + 1]!, mask);
    while (table[slot] !== 0) {
      const other = (table[slot]! - 1) * WORDS;
      let same = true;
      for (let word = 1; word < 10 && same; word++) same = words[at + word] === words[other + word];
      if (same) {
        table[slot] = index + 1;
        return;
      }
      slot = (slot + 1) & mask;
    }
    table[slot] = index + 1;
    this.live++;
  }
}

/** A record as it lies in the file; most of it is hardly ever asked for. */
class StoredRecord implements IndexRecord {
  constructor(private readonly file: Buffer, private readonly at: number) {}

  get digest(): string {
    return digestAt(this.file, this.at + 40);
  }

  get stamp(): FileStamp {
    const { file, at } = this;
    return {
      size: file.readUInt32LE(at + 72),
      mtime: file.readDoubleLE(at + 76),
      inode: file.readDoubleLE(at + 84),
    };
  }

  get kind(): number {
    return this.file[this.at + 92]!;
  }

  get folder(): number {
    return this.file.readDoubleLE(this.at + 94);
  }

  get bytes(): Uint8Array | undefined {
    const length = this.file[this.at + 93]!;
    return length === NOT_INLINE ? undefined : this.file.subarray(this.at + 102, this.at + 102 + length);
  }
}

/** Writes a record. */
function pack(
  into: Buffer,
  at: number,
  record: IndexRecord & { readonly key: string; readonly validity: string },
): void {
  into.write(record.key, at + 4, 20, "hex");
  into.write(record.validity, at + 24, 16, "hex");
  into.write(record.digest, at + 40, 32, "hex");
  into.writeUInt32LE(record.stamp.size >>> 0, at + 72);
  into.writeDoubleLE(record.stamp.mtime, at + 76);
  into.writeDoubleLE(record.stamp.inode, at + 84);
  into[at + 92] = record.kind;
  into[at + 93] = record.bytes?.length ?? NOT_INLINE;
  into.writeDoubleLE(record.folder, at + 94);
  if (record.bytes !== undefined) into.set(record.bytes, at + 102);
  const words = new Int32Array(into.buffer, into.byteOffset + at, WORDS);
  words[0] = checksum(words, 0);
}

/** The checksum of a record: FNV-1a over its words. It tells torn writes; what is served is checked by its digest. */
function checksum(words: Int32Array, at: number): number {
  let sum = 0x811c9dc5 | 0;
  for (let word = 1; word < WORDS; word++) sum = Math.imul(sum ^ words[at + word]!, 0x01000193);
  return sum;
}

function readOrEmpty(path: string): Buffer {
  try {
    const bytes = fs.readFileSync(path);
    // Words want to begin at a multiple of four.
    return bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
  } catch {
    return Buffer.from(new ArrayBuffer(0));
  }
}

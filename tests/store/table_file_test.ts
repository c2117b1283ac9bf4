/** Tables beside indexes: used when they fit, never believed when they do not. */
import fs from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { DigestIndex } from "../../src/store/files/digest_index.ts";
import { IndexFile } from "../../src/store/index_file.ts";
import { tempFolder } from "../support/temp.ts";

const hex = (number: number, length: number): string =>
  number.toString(16).padStart(8, "0").repeat(8).slice(0, length);

/** An index over a file, whichever it is. */
interface Subject {
  readonly add: (number: number, round?: number) => void;
  /** The round in which a record was noted last. */
  readonly find: (number: number) => number | undefined;
  readonly flush: () => void;
}

const entries = (path: string): Subject => {
  const index = new IndexFile(path);
  return {
    add: (number, round = 0) =>
      index.add(hex(number, 40), hex(number, 32), {
        digest: hex(number, 64),
        kind: 0,
        stamp: { size: number, mtime: 1, inode: 1 },
        bytes: undefined,
        folder: round,
      }),
    find: (number) => index.find(hex(number, 40), hex(number, 32))?.folder,
    flush: () => index.flush(),
  };
};

const digests = (path: string): Subject => {
  const index = new DigestIndex(path, "/w");
  const stamp = (number: number) => ({ size: number, mtime: 1, ctime: 1, inode: 1 });
  return {
    add: (number, round = 0) =>
      index.add(`file${number}`, { ...stamp(number), at: 1e6, digest: hex(round, 64) }),
    find: (number) => {
      const digest = index.find(`file${number}`, stamp(number));
      return digest === undefined ? undefined : parseInt(digest.slice(0, 8), 16);
    },
    flush: () => index.flush(),
  };
};

/** Notes records from one number up to another. */
function note(subject: Subject, from: number, to: number, round = 0): void {
  for (let number = from; number < to; number++) subject.add(number, round);
  subject.flush();
}

/** In which rounds an index says that its records were noted, and how often. */
function rounds(subject: Subject, count: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (let number = 0; number < count; number++) {
    const round = String(subject.find(number));
    found[round] = (found[round] ?? 0) + 1;
  }
  return found;
}

for (const [name, open] of Object.entries({ entries, digests })) {
  Deno.test(`${name}: who reads many records keeps a table, and the next one finds the same by it`, () => {
    using temp = tempFolder();
    const path = `${temp.path}/index`;
    const table = `${temp.path}/~index.table`;
    note(open(path), 0, 2_000);
    assert(!fs.existsSync(table));
    const reader = open(path);
    assertEquals(rounds(reader, 2_100), { 0: 2_000, undefined: 100 });
    reader.flush();
    const { ino } = fs.statSync(table);
    const again = open(path);
    assertEquals(rounds(again, 2_100), { 0: 2_000, undefined: 100 });
    again.flush();
    assertEquals(fs.statSync(table).ino, ino, "it is not written again");
    // What is appended later is found too, and replaces what the table tells of.
    note(open(path), 1_990, 2_050, 1);
    assertEquals(rounds(open(path), 2_100), { 0: 1_990, 1: 60, undefined: 50 });
    assertEquals(fs.readdirSync(temp.path).sort(), ["index", "~index.table"]);
  });

  Deno.test(`${name}: few records need no table`, () => {
    using temp = tempFolder();
    const path = `${temp.path}/index`;
    note(open(path), 0, 500);
    const reader = open(path);
    assertEquals(rounds(reader, 500), { 0: 500 });
    reader.flush();
    assertEquals(fs.readdirSync(temp.path), ["index"]);
  });

  Deno.test(`${name}: a table is believed about its own bytes only, and a garbled one not at all`, () => {
    using temp = tempFolder();
    const path = `${temp.path}/index`;
    const table = `${temp.path}/~index.table`;
    note(open(path), 0, 1_500);
    const reader = open(path);
    reader.find(0);
    reader.flush();
    const good = fs.readFileSync(table);
    const index = fs.readFileSync(path);
    for (const at of [0, 5, 9, 13, 17, 21, 40, good.length >> 1, good.length - 1]) {
      const garbled = Uint8Array.from(good);
      garbled[at]! ^= 0x55;
      fs.writeFileSync(table, garbled);
      assertEquals(rounds(open(path), 1_500), { 0: 1_500 }, `byte ${at} of the table`);
    }
    for (const length of [0, 3, 31, 32, 1_000]) {
      fs.writeFileSync(table, good.subarray(0, length));
      assertEquals(rounds(open(path), 1_500), { 0: 1_500 }, `${length} bytes of the table`);
    }
    fs.writeFileSync(table, good);
    // A garbled record costs itself, with a table as without.
    const garbled = Uint8Array.from(index);
    garbled[index.length >> 1]! ^= 0x55;
    fs.writeFileSync(path, garbled);
    const found = rounds(open(path), 1_500);
    fs.rmSync(table);
    assertEquals(found, rounds(open(path), 1_500));
    assert(found["0"]! < 1_500);
    // Another index in the same place has nothing to do with it.
    fs.writeFileSync(table, good);
    fs.rmSync(path);
    note(open(path), 1_000, 3_000, 5);
    assertEquals(rounds(open(path), 3_000), { 5: 2_000, undefined: 1_000 });
  });
}

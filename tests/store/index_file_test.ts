import fs from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { IndexFile, type IndexRecord } from "../../src/store/index_file.ts";
import { tempFolder } from "../support/temp.ts";

const hex = (number: number, length: number): string =>
  (number * 2654435761 % 2 ** 32).toString(16).padStart(8, "0").repeat(5).slice(0, length);
const key = (number: number): string => hex(number + 1, 40);
const validity = (number: number): string => hex(number + 7_000_000, 32);
const record = (number: number): IndexRecord => ({
  digest: hex(number + 9, 40) + hex(number, 24),
  kind: number % 2,
  stamp: { size: number, mtime: 1_700_000_000_000 + number, inode: 2 ** 40 + number },
  bytes: number % 3 === 0 ? undefined : new Uint8Array(number % 20).fill(number),
  folder: number,
});

/** An index with `count` records at a path. */
function filled(path: string, count: number): IndexFile {
  const index = new IndexFile(path);
  for (let number = 0; number < count; number++) index.add(key(number), validity(number), record(number));
  index.flush();
  return index;
}

/** A record as plain data. */
function plain(found: IndexRecord | undefined): unknown {
  if (found === undefined) return undefined;
  const { digest, kind, stamp, bytes, folder } = found;
  return { digest, kind, stamp, folder, bytes: bytes && [...bytes] };
}

/** Which of `count` records an index knows; one that differs from what was noted fails. */
function known(path: string, count: number): number {
  const index = new IndexFile(path);
  let found = 0;
  for (let number = 0; number < count; number++) {
    const one = index.find(key(number), validity(number));
    if (one === undefined) continue;
    assertEquals(plain(one), plain(record(number)));
    found++;
  }
  return found;
}

Deno.test("what was noted is found, before and after it was written", () => {
  using temp = tempFolder();
  const path = `${temp.path}/index`;
  const index = new IndexFile(path);
  index.add(key(1), validity(1), record(1));
  assertEquals(plain(index.find(key(1), validity(1))), plain(record(1)));
  assertEquals(index.find(key(1), validity(2)), undefined);
  assertEquals(index.find(key(2), validity(1)), undefined);
  filled(path, 1_000);
  assertEquals(known(path, 1_200), 1_000);
});

Deno.test("a later record replaces an earlier one, and the file does not grow without end", () => {
  using temp = tempFolder();
  const path = `${temp.path}/index`;
  filled(path, 100);
  const size = fs.statSync(path).size;
  for (let round = 0; round < 20; round++) {
    const index = new IndexFile(path);
    for (let number = 0; number < 100; number++) {
      index.add(key(number), validity(number), { ...record(number), folder: round });
    }
    index.flush();
    assertEquals(new IndexFile(path).find(key(50), validity(50))?.folder, round);
  }
  assert(fs.statSync(path).size <= size * 4, `${fs.statSync(path).size} after ${size}`);
});

Deno.test("noting every entry anew leaves the file as long as it was; entries that were not noted stay", () => {
  using temp = tempFolder();
  const path = `${temp.path}/index`;
  filled(path, 100);
  const size = fs.statSync(path).size;
  filled(path, 100);
  assertEquals(fs.statSync(path).size, size);
  const index = new IndexFile(path);
  for (let number = 0; number < 60; number++) {
    index.add(key(number), validity(number), { ...record(number), folder: 7 });
  }
  index.flush();
  assertEquals(fs.statSync(path).size, size);
  assertEquals(new IndexFile(path).find(key(59), validity(59))?.folder, 7);
  assertEquals(plain(new IndexFile(path).find(key(60), validity(60))), plain(record(60)));
});

Deno.test("records of one process survive a rewrite that it makes later itself", () => {
  using temp = tempFolder();
  const path = `${temp.path}/index`;
  filled(path, 10);
  fs.appendFileSync(path, new Uint8Array(17));
  const index = new IndexFile(path);
  index.add(key(20), validity(20), record(20));
  index.flush();
  index.add(key(21), validity(21), record(21));
  index.flush();
  const again = new IndexFile(path);
  assertEquals(plain(again.find(key(20), validity(20))), plain(record(20)));
  assertEquals(plain(again.find(key(21), validity(21))), plain(record(21)));
  assertEquals(plain(again.find(key(3), validity(3))), plain(record(3)));
});

Deno.test("a garbled byte costs its record, never gives another", () => {
  using temp = tempFolder();
  const path = `${temp.path}/index`;
  filled(path, 3);
  const bytes = fs.readFileSync(path);
  for (let at = 0; at < bytes.length; at++) {
    const garbled = Uint8Array.from(bytes);
    garbled[at]! ^= 0x55;
    fs.writeFileSync(path, garbled);
    assertEquals(known(path, 3), 2, `byte ${at}`);
  }
});

Deno.test("a torn file, one of another length and no file at all are fine", () => {
  using temp = tempFolder();
  const path = `${temp.path}/index`;
  filled(path, 5);
  const bytes = fs.readFileSync(path);
  for (let length = 0; length <= bytes.length; length += 31) {
    fs.writeFileSync(path, bytes.subarray(0, length));
    assertEquals(known(path, 5), Math.floor(length / 128));
    // And whoever writes next writes whole records.
    const index = new IndexFile(path);
    index.add(key(7), validity(7), record(7));
    index.flush();
    assertEquals(known(path, 8), Math.floor(length / 128) + 1);
  }
  fs.writeFileSync(path, crypto.getRandomValues(new Uint8Array(5_000)));
  assertEquals(known(path, 5), 0);
  fs.rmSync(path);
  assertEquals(known(path, 5), 0);
});

/** The cache on disk, as seen by a run: lookups through the index, everything checked against the files. */
import fs from "node:fs";
import process from "node:process";
import { resolve } from "node:path";
import { digestOf } from "../model/digest.ts";
import { EnvironmentError } from "../model/failure.ts";
import { stamp } from "../runtime/runtime.ts";
import { setAside } from "./aside.ts";
import type { Cache, Fresh, Hit } from "./cache.ts";
import { IndexFile } from "./index_file.ts";
import { FORMAT, keyFolder, resultFile, TAG_FILE, TAG_TEXT, taskFolder } from "./layout.ts";
import { isOrphan } from "./owner.ts";
import { HEADER_BYTES, readHeader, unpackResult } from "./result_format.ts";

/** Results up to this size are read whole when they are found without the index. */
const SMALL = 4_096;
/** The index is written after so many new entries, so that a crash costs little. */
const FLUSH = 20_000;

/** A cache folder. */
export class DiskCache implements Cache {
  readonly keepsBytes = false;
  readonly reads = true;
  readonly writable: string | undefined;
  private readonly folder: string;
  private readonly index: IndexFile;
  private readonly notes: string[] = [];

  /**
   * Opens a cache, and makes it if there is none.
   *
   * @throws {EnvironmentError} when the folder is something else, of a newer format, or cannot be made.
   */
  constructor(path: string, readOnly = false) {
    this.folder = resolve(path);
    this.writable = prepare(this.folder, readOnly) ? this.folder : undefined;
    if (this.writable === undefined && !readOnly) {
      this.notes.push(
        `the cache ${this.folder} cannot be written: its entries are used, new results are not kept`,
      );
    }
    this.index = new IndexFile(`${this.folder}/index`);
  }

  lookup(task: string, key: string, validity: string): Hit | undefined {
    const file = resultFile(this.folder, task, key, validity);
    const known = this.index.find(key, validity);
    if (known === undefined && !fs.existsSync(file)) return undefined;
    const now = stamp(file);
    if (now === undefined) return undefined;
    if (
      known !== undefined && now.size === known.stamp.size && now.mtime === known.stamp.mtime &&
      now.inode === known.stamp.inode
    ) {
      const bytes = known.bytes !== undefined && digestOf(known.bytes) === known.digest
        ? known.bytes
        : undefined;
      return { digest: known.digest, expression: known.expression, bytes, file };
    }
    return this.inspect(task, key, validity, file, now);
  }

  /** Reads an entry that the index does not know, or not like this. */
  private inspect(
    task: string,
    key: string,
    validity: string,
    file: string,
    now: { size: number; mtime: number; inode: number },
  ): Hit | undefined {
    const content = readStart(file, now.size <= SMALL ? now.size : HEADER_BYTES);
    if (content === undefined) return undefined;
    const whole = now.size <= SMALL ? unpackResult(content) : undefined;
    const header = whole === undefined ? readHeader(content) : "problem" in whole ? whole : whole.header;
    if ("problem" in header) {
      this.damaged(task, file, header.problem);
      return undefined;
    }
    const bytes = whole !== undefined && "bytes" in whole ? whole.bytes : undefined;
    this.index.add(key, validity, {
      digest: header.digest,
      expression: header.expression,
      stamp: now,
      bytes,
    });
    return { digest: header.digest, expression: header.expression, bytes, file };
  }

  add(_task: string, key: string, validity: string, fresh: Fresh): void {
    if (fresh.stamp === undefined || this.writable === undefined) return;
    this.index.add(key, validity, {
      digest: fresh.digest,
      expression: fresh.expression,
      stamp: fresh.stamp,
      bytes: fresh.bytes?.slice(),
    });
    if (this.index.pending >= FLUSH) this.flush();
  }

  read(
    hit: {
      readonly digest: string;
      readonly file: string | undefined;
      readonly bytes: Uint8Array | undefined;
    },
  ): Uint8Array | undefined {
    if (hit.bytes !== undefined) return hit.bytes;
    let content: Uint8Array;
    try {
      content = fs.readFileSync(hit.file!);
    } catch {
      return undefined;
    }
    const result = unpackResult(content);
    if (!("problem" in result)) return result.header.digest === hit.digest ? result.bytes : undefined;
    this.damaged("", hit.file!, result.problem);
    return undefined;
  }

  clear(task: string, keys: readonly string[] | "all"): number {
    if (this.writable === undefined) {
      throw new EnvironmentError(
        `The cache ${this.folder} may only be read, so nothing in it can be cleared`,
      );
    }
    const folders = keys === "all"
      ? listFolders(`${taskFolder(this.folder, task)}/results`)
      : keys.map((key) => keyFolder(this.folder, task, key));
    let count = 0;
    const trash = `${this.folder}/tmp/cleared-${process.pid}-${Date.now().toString(36)}`;
    fs.mkdirSync(trash, { recursive: true });
    for (const folder of folders) {
      const entries = countEntries(folder);
      try {
        // Moved first: whoever looks in the meantime finds all of it or nothing.
        fs.renameSync(folder, `${trash}/${count}-${Math.random().toString(36).slice(2)}`);
        count += entries;
      } catch {
        // There is no such entry.
      }
    }
    fs.rmSync(trash, { recursive: true, force: true });
    return count;
  }

  close(): void {
    this.flush();
  }

  warnings(): readonly string[] {
    return this.notes.splice(0);
  }

  private flush(): void {
    if (this.writable === undefined) return;
    try {
      this.index.flush();
    } catch (error) {
      this.notes.push(
        `the index of the cache could not be written (${
          (error as Error).message
        }); the next run will be slower, nothing else is lost`,
      );
    }
  }

  private damaged(task: string, file: string, problem: string): void {
    const place = this.writable === undefined ? undefined : setAside(this.folder, file);
    const of = task === "" ? "" : ` of ${task}`;
    this.notes.push(
      `a stored result${of} is damaged: ${problem}; it is computed again${
        place === undefined ? ` (${file})` : `, and the file was moved to ${place}`
      }`,
    );
  }
}

/** Makes sure that a folder is a cache; returns whether it can be written. */
function prepare(folder: string, readOnly: boolean): boolean {
  const tag = `${folder}/${TAG_FILE}`;
  const refuse = (why: string): never => {
    throw new EnvironmentError(why);
  };
  try {
    if (!fs.existsSync(folder)) {
      if (readOnly) refuse(`There is no cache at ${folder}; a cache that may only be read must exist`);
      fs.mkdirSync(folder, { recursive: true });
    }
    if (!fs.statSync(folder).isDirectory()) {
      refuse(`${folder} is a file, so it cannot be the cache's folder; choose another with --cache`);
    }
    if (fs.existsSync(tag)) {
      const format = /^# runner cache, format (\d+)$/m.exec(fs.readFileSync(tag, "utf8"));
      if (format === null) {
        refuse(
          `${folder} belongs to another program (by its ${TAG_FILE}); choose another folder with --cache`,
        );
      }
      if (Number(format![1]) > FORMAT) {
        refuse(
          `The cache ${folder} was written by a newer version of runner (format ${
            format![1]
          }, this version knows ${FORMAT}); update runner, or choose another folder with --cache`,
        );
      }
    } else {
      if (fs.readdirSync(folder).length > 0) {
        refuse(
          `${folder} is not empty and is no cache of runner, so nothing is written there; choose another folder with --cache`,
        );
      }
      if (readOnly) return false;
      fs.writeFileSync(tag, TAG_TEXT);
    }
    if (readOnly) return false;
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    return refuse(
      `The cache ${folder} cannot be used: ${
        (error as Error).message
      }; check the path and its permissions, or choose another folder with --cache`,
    );
  }
  try {
    fs.mkdirSync(`${folder}/tmp`, { recursive: true });
    const probe = `${folder}/tmp/probe-${process.pid}-${Math.random().toString(36).slice(2)}`;
    fs.mkdirSync(probe);
    fs.rmdirSync(probe);
    sweep(`${folder}/tmp`);
    return true;
  } catch {
    return false;
  }
}

/** Removes what runners of this machine that are no more have left half-done. */
function sweep(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    if (isOrphan(name)) fs.rmSync(`${folder}/${name}`, { recursive: true, force: true });
  }
}

/** The first bytes of a file. */
function readStart(file: string, length: number): Uint8Array | undefined {
  try {
    const descriptor = fs.openSync(file, "r");
    try {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, length, 0));
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

function listFolders(folder: string): string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder).map((name) => `${folder}/${name}`) : [];
}

function countEntries(folder: string): number {
  return fs.existsSync(folder)
    ? fs.readdirSync(folder).filter((name) => name.endsWith(".result.gz")).length
    : 0;
}

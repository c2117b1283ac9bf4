/** The cache on disk, as seen by a run: lookups through the index, everything checked against the files. */
import fs from "node:fs";
import { resolve } from "node:path";
import { digestOf } from "../model/digest.ts";
import { EnvironmentError } from "../model/failure.ts";
import type { StoredFile } from "../model/files.ts";
import { OUTPUTS } from "../model/stored_kind.ts";
import { outputsSignature, unwrapOutputs } from "../model/stored_outputs.ts";
import { stamp } from "../runtime/runtime.ts";
import { setAside } from "./aside.ts";
import type { Cache, EarlierEntry, Fresh, Hit, Readable } from "./cache.ts";
import { IndexFile, type IndexRecord } from "./index_file.ts";
import { IndexHit } from "./index_hit.ts";
import { forgetFolders } from "./failed_folders.ts";
import { isGivenUp, noteGivenUp } from "./given_up.ts";
import { keyFolder, resultFile, taskFolder } from "./layout.ts";
import { scratchName } from "./owner.ts";
import { prepareFolder, renewFolder } from "./prepare.ts";
import { readStart } from "./read_start.ts";
import { countEntries, foldersIn, newestEntries, newestFolders, newestOutputs } from "./earlier.ts";
import { signatureBytes } from "./text.ts";
import { HEADER_BYTES, readHeader, type ResultHeader, unpackResult } from "./result_format.ts";

/** Results up to this size are read whole when they are found without the index. */
const SMALL = 4_096;
/** The index is written after so many new entries, so that a crash costs little. */
const FLUSH = 20_000;
/** Fewer entries than this are looked at one by one: that takes no time. */
const MANY = 256;
/** A folder that changed within the last so many milliseconds may change again without another time. */
const RACY_MILLIS = 2_000;
/** So many entries of a call are compared with what is now. */
const MOST_COMPARED = 10;

/** A cache folder. */
export class DiskCache implements Cache {
  readonly keepsBytes = false;
  readonly reads = true;
  readonly writable: string | undefined;
  private readonly folder: string;
  private readonly index: IndexFile;
  private readonly notes: string[] = [];
  private readonly folderTimes = new Map<string, number>();
  private readonly histories = new Map<string, readonly EarlierEntry[]>();
  private readonly seen: {
    readonly task: string;
    readonly key: string;
    readonly validity: string;
    readonly record: IndexRecord;
  }[] = [];

  /**
   * Opens a cache, and makes it if there is none.
   *
   * @throws {EnvironmentError} when the folder is something else, of a newer format, or cannot be made.
   */
  constructor(path: string, readOnly = false) {
    this.folder = resolve(path);
    const tell = (warning: string) => this.notes.push(warning);
    this.writable = prepareFolder(this.folder, readOnly, tell) ? this.folder : undefined;
    if (this.writable === undefined && !readOnly) {
      this.notes.push(
        `the cache ${this.folder} cannot be written: its entries are used, new results are not kept`,
      );
    }
    this.index = new IndexFile(`${this.folder}/index`);
  }

  lookup(task: string, key: string, validity: string): Hit | undefined {
    const known = this.index.find(key, validity);
    // Asked before the entry is looked at, so that what is noted of the entry later was true at this time.
    const time = known === undefined ? 0 : this.folderTime(task);
    if (known !== undefined && time > 0 && known.folder === time) {
      return new IndexHit(known, this.folder, task, key, validity);
    }
    const file = resultFile(this.folder, task, key, validity);
    if (known === undefined && !fs.existsSync(file)) return undefined;
    const now = stamp(file);
    if (now === undefined) return undefined;
    if (
      known !== undefined && now.size === known.stamp.size && now.mtime === known.stamp.mtime &&
      now.inode === known.stamp.inode
    ) {
      this.seen.push({ task, key, validity, record: known });
      return new IndexHit(known, this.folder, task, key, validity);
    }
    return this.inspect(task, key, validity, file, now);
  }

  /**
   * The time of change of the folder of a task's keys, as it was when first asked for. As long as it is the same, no key was
   * added or removed, so entries that were seen there at that time need not be looked at one by one.
   */
  private folderTime(task: string): number {
    let time = this.folderTimes.get(task);
    if (time === undefined) {
      this.folderTimes.set(task, time = stamp(`${taskFolder(this.folder, task)}/results`)?.mtime ?? -1);
    }
    return time;
  }

  /** Notes which entries were seen in folders that have not changed since; not in those that changed a moment ago. */
  private noteSeen(): void {
    if (this.seen.length < MANY) return;
    const first = new Map(this.folderTimes);
    this.folderTimes.clear();
    const settled = Date.now() - RACY_MILLIS;
    for (const { task, key, validity, record } of this.seen) {
      const time = first.get(task)!;
      const { digest, kind, stamp, bytes } = record;
      if (time > 0 && time < settled && time === this.folderTime(task)) {
        this.index.add(key, validity, { digest, kind, stamp, bytes, folder: time });
      }
    }
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
    const { digest, kind } = header;
    const files = kind & OUTPUTS && bytes !== undefined ? unwrapOutputs(bytes).files : [];
    const signature = files.length === 0 ? "" : outputsSignature(files);
    this.index.add(key, validity, {
      digest,
      kind,
      stamp: now,
      bytes: kind & OUTPUTS ? signatureBytes(signature) : bytes,
      folder: 0,
    });
    return { digest, kind, bytes, file, signature };
  }

  add(_task: string, key: string, validity: string, fresh: Fresh): void {
    if (fresh.stamp === undefined || this.writable === undefined) return;
    this.index.add(key, validity, {
      digest: fresh.digest,
      kind: fresh.kind,
      stamp: fresh.stamp,
      bytes: fresh.kind & OUTPUTS ? signatureBytes(fresh.signature) : fresh.bytes?.slice(),
      folder: 0,
    });
    if (this.index.pending >= FLUSH) this.flush();
  }

  read(hit: Readable): Uint8Array | undefined {
    if (hit.bytes !== undefined && digestOf(hit.bytes) === hit.digest) return hit.bytes;
    return this.unpack(hit)?.bytes;
  }

  readValue(hit: Readable): Uint8Array | undefined {
    const result = this.unpack(hit);
    return result !== undefined && result.header.kind & OUTPUTS
      ? unwrapOutputs(result.bytes).value
      : result?.bytes;
  }

  get readable(): string {
    return this.folder;
  }

  latest(): undefined {
    return undefined;
  }

  earlier(task: string, key: string): Iterable<EarlierEntry> {
    return newestEntries(keyFolder(this.folder, task, key), MOST_COMPARED);
  }

  outputs(task: string, key: string): Iterable<readonly StoredFile[]> {
    return newestOutputs(keyFolder(this.folder, task, key));
  }

  earlierOf(task: string): readonly EarlierEntry[] {
    let known = this.histories.get(task);
    if (known === undefined) {
      const results = `${taskFolder(this.folder, task)}/results`;
      known = newestFolders(results).flatMap((folder) => [...newestEntries(folder, 1)]);
      this.histories.set(task, known);
    }
    return known;
  }

  private unpack(hit: Readable): { readonly bytes: Uint8Array; readonly header: ResultHeader } | undefined {
    let content: Uint8Array;
    try {
      content = fs.readFileSync(hit.file!);
    } catch {
      return undefined;
    }
    const result = unpackResult(content);
    if (!("problem" in result)) return result.header.digest === hit.digest ? result : undefined;
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
      ? foldersIn(`${taskFolder(this.folder, task)}/results`)
      : keys.map((key) => keyFolder(this.folder, task, key));
    if (keys === "all") forgetFolders(this.folder, task);
    let count = 0;
    const trash = `${this.folder}/tmp/${scratchName("cleared")}`;
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

  giveUp(task: string, key: string): void {
    const noted = this.isGivenUp(task, key);
    if (this.clear(task, [key]) > 0 || noted) noteGivenUp(keyFolder(this.folder, task, key));
  }

  isGivenUp(task: string, key: string): boolean {
    return isGivenUp(keyFolder(this.folder, task, key));
  }

  drop(task: string, key: string, validity: string): void {
    const result = resultFile(this.folder, task, key, validity);
    for (const file of [result, result.replace(/\.result\.gz$/, ".json")]) fs.rmSync(file, { force: true });
  }

  close(): void {
    this.noteSeen();
    this.flush();
  }

  warnings(): readonly string[] {
    return this.notes.splice(0);
  }

  private flush(): void {
    if (this.writable === undefined) return;
    try {
      if (renewFolder(this.folder)) {
        this.notes.push(
          `the cache ${this.folder} was removed during the run; it is made anew, with what came after`,
        );
      }
      this.index.flush();
    } catch (error) {
      // A full disk was noticed by whoever had results to store.
      if ((error as { code?: string }).code === "ENOSPC") return;
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

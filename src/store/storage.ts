/** Results on disk as seen by a host: read them, publish them whole or not at all, give attempts their folders. */
import { digestOf } from "../model/digest.ts";
import type { HostFiles, LeftFile } from "../model/file_ports.ts";
import type { StoredFile } from "../model/files.ts";
import type { FileStamp, OpenStorage, Published, PublishRequest, ResultStorage } from "../model/storage.ts";
import { CALLS, OUTPUTS, TRACE } from "../model/stored_kind.ts";
import { unwrapOutputs } from "../model/stored_outputs.ts";
import { type Trace, withTrace } from "../model/trace.ts";
import { describeEntry } from "./entry_text.ts";
import { newestEntries, newestOutputs, newestResults } from "./earlier.ts";
import { prepareGlobs } from "./files/globs.ts";
import { openHostFiles } from "./files/host_files.ts";
import { folderName } from "../model/name.ts";
import { node } from "../runtime/builtin.ts";
import { fs } from "../runtime/fs.ts";
import { program } from "../runtime/program.ts";
import { stamp } from "../runtime/runtime.ts";
import { setAside } from "./aside.ts";
import { keyFolder, leftoversFile, linkTarget, resultFile } from "./layout.ts";
import { readLeftovers, writeLeftovers } from "./leftovers.ts";
import { isHeld, ownerName } from "./owner.ts";
import { packResult, unpackResult } from "./result_format.ts";
import { isAlone } from "./run_record.ts";

/** Bytes of results that a host keeps, because upstream results tend to be read by many. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** More upstream links than this are not made; the entry's JSON names them all. */
const MOST_LINKS = 1_000;

/** Opens the storage of a host. */
export const openStorage: OpenStorage = ({ cache, readable = cache, spill, host, run, logs, cwd }) =>
  new DiskStorage(cache, readable, spill, ownerName(run, host), logs, cwd);

class DiskStorage implements ResultStorage {
  private readonly kept = new Map<string, Uint8Array>();
  private keptBytes = 0;
  private stages = 0;
  private readonly prepared = new Set<string>();
  private tools: HostFiles | undefined;

  constructor(
    private readonly cache: string | undefined,
    private readonly readable: string | undefined,
    private readonly spilled: string,
    private readonly owner: string,
    private readonly logs: string | undefined,
    private readonly cwd: string,
  ) {}

  get files(): HostFiles {
    const { cache, readable, cwd } = this;
    const aside = () => cache === undefined ? `${this.spilled}/aside-${this.stages++}` : this.stage();
    const alone = () => this.logs === undefined || isAlone(this.logs);
    return this.tools ??= openHostFiles({ cache, readable, aside, alone, cwd });
  }

  preparePatterns(): Promise<void> {
    return prepareGlobs();
  }

  absolute(path: string): string {
    return node.path.resolve(this.cwd, path);
  }

  latest(task: string, key: string): { readonly bytes: Uint8Array; readonly follow: boolean } | undefined {
    if (this.readable === undefined) return undefined;
    for (const file of newestResults(keyFolder(this.readable, task, key))) {
      const result = unpackResult(fs.readFileSync(file));
      if ("problem" in result || result.header.kind & TRACE) continue;
      const { bytes, header: { kind } } = result;
      return { bytes: kind & OUTPUTS ? unwrapOutputs(bytes).value : bytes, follow: (kind & CALLS) !== 0 };
    }
    return undefined;
  }

  earlierUpstreams(task: string, key: string): ReadonlyMap<string, string> | undefined {
    if (this.readable === undefined) return undefined;
    const [entry] = newestEntries(keyFolder(this.readable, task, key), 1);
    return entry && new Map(entry.upstreams.map((upstream) => [upstream.key, upstream.digest]));
  }

  earlierOutputs(task: string, key: string): Iterable<readonly StoredFile[]> {
    return this.readable === undefined ? [] : newestOutputs(keyFolder(this.readable, task, key));
  }

  leftovers(task: string, key: string): readonly LeftFile[] {
    return this.cache === undefined ? [] : readLeftovers(leftoversFile(this.cache, task, key));
  }

  noteLeftovers(task: string, key: string, files: readonly LeftFile[]): void {
    if (this.cache !== undefined) writeLeftovers(leftoversFile(this.cache, task, key), files);
  }

  putTrace(
    task: string,
    key: string,
    validity: string,
    trace: Trace,
  ): { readonly digest: string; readonly stamp: FileStamp } {
    const file = resultFile(this.cache!, task, key, validity);
    const known = fs.existsSync(file) ? unpackResult(fs.readFileSync(file)) : undefined;
    const isTrace = known !== undefined && !("problem" in known) && (known.header.kind & TRACE) !== 0;
    const bytes = withTrace(trace, isTrace ? known.bytes : undefined);
    const digest = digestOf(bytes);
    const stage = this.stage();
    for (const folder of [`${this.cache!}/tmp`, keyFolder(this.cache!, task, key)]) {
      fs.mkdirSync(folder, { recursive: true });
    }
    fs.writeFileSync(stage, packResult(bytes, digest, TRACE, 1));
    fs.renameSync(stage, file);
    return { digest, stamp: stamp(file)! };
  }

  read(file: string, digest: string): Uint8Array | undefined {
    const known = this.kept.get(digest);
    if (known !== undefined) return known;
    let packed: Uint8Array;
    try {
      packed = fs.readFileSync(file);
    } catch {
      return undefined;
    }
    const result = file.startsWith(`${this.spilled}/`)
      ? { bytes: packed, header: { digest } }
      : unpackResult(packed);
    if ("problem" in result || result.header.digest !== digest) {
      if ("problem" in result && this.cache !== undefined) setAside(this.cache, file);
      return undefined;
    }
    const value = "kind" in result.header && result.header.kind & OUTPUTS
      ? unwrapOutputs(result.bytes).value
      : result.bytes;
    this.keep(digest, value);
    return value;
  }

  publish(request: PublishRequest): Published {
    const cache = this.cache!;
    const folder = keyFolder(cache, request.task, request.key);
    const file = resultFile(cache, request.task, request.key, request.validity);
    const stage = this.stage();
    // All of the cache may be removed at any time.
    fs.mkdirSync(stage, { recursive: true });
    try {
      this.fill(stage, request);
      if (request.directory === undefined && this.move(stage, folder, request.task)) {
        return { stamp: stamp(file)!, file };
      }
      return this.merge(stage, folder, file, request);
    } catch (error) {
      fs.rmSync(stage, { recursive: true, force: true });
      throw error;
    }
  }

  spill(name: string, bytes: Uint8Array): string {
    fs.mkdirSync(this.spilled, { recursive: true });
    const file = `${this.spilled}/${name}`;
    fs.writeFileSync(file, bytes);
    return file;
  }

  directory(task: string, key: string, validity: string): string {
    if (this.cache === undefined || validity === "") {
      return freshFolder(`${this.spilled}/data-${key}-${this.stages++}`);
    }
    const folder = keyFolder(this.cache, task, key);
    fs.mkdirSync(folder, { recursive: true });
    const plain = `${folder}/${validity}.data`;
    // Another runner may be at the same call, and a stored result may own the plain name: each attempt has a folder of its own.
    const owned = fs.existsSync(`${folder}/${validity}.result.gz`) || isHeld(`${plain}.owner`, this.owner);
    const place = owned ? `${folder}/${validity}.${this.owner}.data` : plain;
    fs.writeFileSync(
      `${place}.owner`,
      JSON.stringify({ host: program.hostname(), pid: program.pid, owner: this.owner }),
    );
    return freshFolder(place);
  }

  discard(directory: string): void {
    fs.rmSync(directory, { recursive: true, force: true });
    fs.rmSync(`${directory}.owner`, { force: true });
  }

  /** A place in the cache for something half-done; nobody else has the same. */
  private stage(): string {
    return `${this.cache!}/tmp/${this.owner}-${this.stages++}`;
  }

  /** Writes the files of an entry into a folder of our own. */
  private fill(stage: string, request: PublishRequest): void {
    const base = `${stage}/${request.validity}`;
    fs.writeFileSync(
      `${base}.result.gz`,
      packResult(request.bytes, request.digest, request.kind, request.compression),
    );
    fs.writeFileSync(`${base}.json`, describeEntry(request));
    const { stdout, stderr } = request;
    // What was printed may have been removed meanwhile.
    if (stdout !== undefined && fs.existsSync(stdout)) moveFile(stdout, `${base}.stdout.txt`);
    if (stderr !== undefined && fs.existsSync(stderr)) moveFile(stderr, `${base}.stderr.txt`);
    if (request.upstreams.length === 0) return;
    fs.mkdirSync(`${base}.upstream`);
    for (const { name, task, key } of request.upstreams.slice(0, MOST_LINKS)) {
      try {
        fs.symlinkSync(linkTarget(task, key), `${base}.upstream/${folderName(name)}`, "dir");
      } catch (error) {
        // Links are for browsing; a file system without them loses nothing else.
        if ((error as { code?: string }).code === "ENOSPC") throw error;
        return;
      }
    }
  }

  /** Makes a filled folder the call's folder, in one act; fails if there is one already. */
  private move(stage: string, folder: string, task: string): boolean {
    if (!this.prepared.has(task)) {
      fs.mkdirSync(folder.slice(0, folder.lastIndexOf("/")), { recursive: true });
      this.prepared.add(task);
    }
    try {
      fs.renameSync(stage, folder);
      return true;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === "ENOENT") {
        fs.mkdirSync(folder.slice(0, folder.lastIndexOf("/")), { recursive: true });
        fs.renameSync(stage, folder);
        return true;
      }
      if (code === "ENOTEMPTY" || code === "EEXIST" || code === "EPERM" || code === "EACCES") return false;
      throw error;
    }
  }

  /** Moves the files of an entry into a call's folder that exists; the result comes last, for it is what makes a hit. */
  private merge(stage: string, folder: string, file: string, request: PublishRequest): Published {
    fs.mkdirSync(folder, { recursive: true });
    const theirs = request.replaces ? undefined : this.existing(file);
    if (theirs !== undefined) {
      // Another runner was faster; its result is the one everybody sees.
      fs.rmSync(stage, { recursive: true, force: true });
      if (request.directory !== undefined) this.discard(request.directory);
      return { stamp: stamp(file)!, file, adopted: theirs };
    }
    const result = `${request.validity}.result.gz`;
    if (request.replaces) clearBeside(folder, request);
    for (const name of fs.readdirSync(stage)) {
      if (name === result) continue;
      fs.rmSync(`${folder}/${name}`, { recursive: true, force: true });
      fs.renameSync(`${stage}/${name}`, `${folder}/${name}`);
    }
    fs.renameSync(`${stage}/${result}`, file);
    fs.rmdirSync(stage);
    if (request.directory !== undefined) fs.rmSync(`${request.directory}.owner`, { force: true });
    return { stamp: stamp(file)!, file };
  }

  /** The result in a file, if it is whole. */
  private existing(file: string): { bytes: Uint8Array; digest: string; kind: number } | undefined {
    if (!fs.existsSync(file)) return undefined;
    const result = unpackResult(fs.readFileSync(file));
    if ("problem" in result || result.header.kind & TRACE) return undefined;
    return { bytes: result.bytes, digest: result.header.digest, kind: result.header.kind };
  }

  private keep(digest: string, bytes: Uint8Array): void {
    if (bytes.length > KEPT_BYTES / 4) return;
    this.kept.set(digest, bytes);
    this.keptBytes += bytes.length;
    for (const [oldest, old] of this.kept) {
      if (this.keptBytes <= KEPT_BYTES) break;
      this.kept.delete(oldest);
      this.keptBytes -= old.length;
    }
  }
}

/** Removes what lies beside a result that is about to be replaced, but for what somebody is still writing. */
function clearBeside(folder: string, { validity, directory }: PublishRequest): void {
  const names = fs.readdirSync(folder);
  for (const name of names) {
    const path = `${folder}/${name}`;
    if (!name.startsWith(`${validity}.`) || name.endsWith(".result.gz") || name.endsWith(".owner")) continue;
    if (path !== directory && !names.includes(`${name}.owner`)) {
      fs.rmSync(path, { recursive: true, force: true });
    }
  }
}

/** An empty folder at a path. */
function freshFolder(path: string): string {
  fs.rmSync(path, { recursive: true, force: true });
  fs.mkdirSync(path, { recursive: true });
  return path;
}

/** Moves a file, across file systems if need be. */
function moveFile(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch {
    fs.copyFileSync(from, to);
    fs.rmSync(from);
  }
}

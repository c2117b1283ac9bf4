/** Files as seen by a host: what a task has read and written. */
import type { Collected, HostFiles, LeftFile, OpenHostFiles, Prior } from "../../model/file_ports.ts";
import type { OutputRule, SeenFile, StoredFile, Trigger } from "../../model/files.ts";
import { node } from "../../runtime/builtin.ts";
import type { Look } from "../../runtime/look.ts";
import { Blobs } from "./blobs.ts";
import { type ReadFile, readFile, TICK_MILLIS } from "./digest.ts";
import { DigestIndex } from "./digest_index.ts";
import { Cover, findOutputs, namedIn, parentsOf } from "./outputs.ts";
import { PriorOutputs } from "./prior.ts";
import { Sight } from "./sight.ts";
import { byText, Spelling } from "./spelling.ts";
import { type Whole, wholeFolders } from "./whole.ts";

/** Opens the files of a host. Await `prepareGlobs()` before outputs are collected. */
export const openHostFiles: OpenHostFiles = (
  { cache, readable = cache, aside, alone = () => true, cwd },
) => new DiskHostFiles(cache, readable, aside, alone, cwd);

class DiskHostFiles implements HostFiles {
  private readonly sight: Sight;
  private readonly blobs: Blobs | undefined;
  /** The bytes that could be brought back. */
  private readonly known: Blobs | undefined;

  constructor(
    cache: string | undefined,
    readable: string | undefined,
    private readonly aside: (() => string) | undefined,
    private readonly alone: () => boolean,
    cwd: string,
  ) {
    const spelling = new Spelling(cwd);
    const folderOf = (path: string | undefined) =>
      path === undefined ? undefined : spelling.full(spelling.shown(path));
    const folder = folderOf(cache), other = folderOf(readable);
    this.sight = new Sight(spelling, new DigestIndex(undefined, spelling.cwd), other);
    this.blobs = folder === undefined ? undefined : new Blobs(folder);
    this.known = other === undefined ? undefined : new Blobs(other);
  }

  changed(files: readonly SeenFile[], trigger: Trigger): readonly string[] {
    const changed: string[] = [];
    for (const file of files) {
      try {
        if (!this.sight.hasChanged(file, trigger)) continue;
      } catch {
        // It could be read before, and cannot any more.
      }
      changed.push(file.path);
    }
    return changed;
  }

  later(files: readonly SeenFile[], moment: number, rules: readonly OutputRule[]): readonly string[] {
    const later = files.filter((file) =>
      this.sight.isLater(file, moment) ||
      // Of what was written a tick before, only that it is the output of a call tells that it was there at the moment.
      this.sight.isLater(file, moment - TICK_MILLIS) && !(file.digest !== "" && this.known?.has(file.digest))
    ).map(({ path }) => path);
    if (later.length === 0 || rules.length === 0) return later;
    const own = new Cover(rules, this.sight.spelling);
    return later.filter((path) => own.allows(path) === undefined);
  }

  see(paths: readonly string[], trigger: Trigger): readonly SeenFile[] {
    return paths.map((path) => this.sight.see(path, trigger));
  }

  whole(folders: readonly string[], files: readonly SeenFile[], rules: readonly OutputRule[]): Whole {
    const { spelling } = this.sight;
    const whole = wholeFolders(folders, files.map(({ path }) => path), spelling);
    if (rules.length === 0) return whole;
    const own = new Cover(rules, spelling);
    return { ...whole, others: whole.others.filter((path) => own.allows(path) === undefined) };
  }

  prepare(
    rules: readonly OutputRule[],
    earlier: () => Iterable<readonly StoredFile[]>,
    spared: readonly string[],
    left: () => readonly LeftFile[] = () => [],
  ): Prior | undefined {
    const { sight, known, aside, alone } = this;
    const prior = aside &&
      PriorOutputs.of(rules, earlier, spared, { sight, blobs: known, aside, alone, left });
    for (const folder of parentsOf(rules, sight.spelling)) {
      node.fs.mkdirSync(sight.spelling.full(folder), { recursive: true });
    }
    return prior;
  }

  leftBy(rules: readonly OutputRule[], prior: Prior | undefined): readonly LeftFile[] {
    const left: LeftFile[] = [];
    for (const [path, look] of findOutputs(rules, this.sight).found) {
      if (look.kind !== "folder" && prior?.untouched(path, look) === undefined) left.push({ path, ...look });
    }
    return left;
  }

  collect(rules: readonly OutputRule[], compression: number, prior?: Prior): Collected {
    const { found, missing: absent, old } = findOutputs(rules, this.sight);
    // They come back when the task fails, so that they are not there is not what a user sees.
    const taken = prior === undefined ? [] : absent.filter((rule) => this.took(prior, rule));
    const missing = absent.filter((rule) => !taken.includes(rule));
    const own = prior === undefined
      ? { found, untouched: [], passedOver: [], before: [] }
      : this.touched(rules, found, prior);
    const { untouched, passedOver } = own;
    const before = [...taken, ...own.before.filter((rule) => !absent.includes(rule))];
    if (missing.length + old.length + before.length > 0) return { kind: "absent", missing, old, before };
    const stored: StoredFile[] = [];
    const seen: SeenFile[] = [];
    let unkept: Error | undefined;
    for (const [path, look] of own.found) {
      const file = this.store(
        path,
        look,
        seen,
        (full, read) => unkept ??= this.keep(full, read, compression),
      );
      if (file === undefined) return { kind: "absent", missing: [path], old: [], before: [] };
      stored.push(file);
    }
    stored.sort((a, b) => byText(a.path, b.path));
    seen.sort((a, b) => byText(a.path, b.path));
    return { kind: "stored", stored, seen, untouched, passedOver, unkept };
  }

  /** Whether something that fits a rule was taken away. */
  private took({ own }: Prior, rule: string): boolean {
    const cover = new Cover([rule], this.sight.spelling);
    return own.some((path) => cover.allows(path) !== undefined);
  }

  /** Of what is there the part that an attempt has written, and what is to be said of the rest. */
  private touched(rules: readonly OutputRule[], found: ReadonlyMap<string, Look>, prior: Prior) {
    const named = namedIn(rules, this.sight.spelling);
    const own = new Map(found);
    const untouched: string[] = [];
    const passedOver: string[] = [];
    for (const [path, look] of found) {
      const state = look.kind === "folder" ? undefined : prior.untouched(path, look);
      if (state === undefined) continue;
      if (named.has(path)) untouched.push(path);
      else {
        own.delete(path);
        if (state === "doubtful") passedOver.push(path);
      }
    }
    const before = own.size === found.size
      ? []
      : new Cover(rules, this.sight.spelling).unmet([...own.keys()]);
    return { found: own, untouched, passedOver, before };
  }

  /** Looks at one output, and gives it to be kept; `undefined` when it has gone meanwhile. */
  private store(
    path: string,
    found: Look,
    seen: SeenFile[],
    keep: (full: string, read: ReadFile) => void,
  ): StoredFile | undefined {
    const full = this.sight.spelling.full(path);
    if (found.kind === "folder") return { kind: "folder", path, mode: found.mode };
    if (found.kind === "link") return { kind: "link", path, target: node.fs.readlinkSync(full) };
    const read = readFile(full, false);
    if (read === undefined) return undefined;
    keep(full, read);
    const { digest, at, look: { size, mtime, ctime, inode, mode } } = read;
    seen.push({ path, mark: digest, digest, size, mtime, ctime, inode, at });
    return { kind: "file", path, digest, size, mode };
  }

  /** Takes the bytes of an output into the cache; returns why that takes none, and throws when it is the output that is wrong. */
  private keep(full: string, read: ReadFile, compression: number): Error | undefined {
    try {
      this.blobs?.keep(full, read, compression);
      return undefined;
    } catch (error) {
      // As it was read a moment ago, it can be read still: then it is the cache that cannot be written.
      if (readFile(full, false)?.digest !== read.digest) throw error;
      return error as Error;
    }
  }
}

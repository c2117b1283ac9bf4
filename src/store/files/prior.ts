/**
 * What lies where an attempt is about to write: its own earlier outputs are taken away, so that it begins as on a clean tree, and
 * come back if it comes to nothing. Whatever else is there is left alone, and noted: what the attempt does not touch is not its.
 */
import type { LeftFile, Prior } from "../../model/file_ports.ts";
import type { OutputRule, StoredFile } from "../../model/files.ts";
import { node } from "../../runtime/builtin.ts";
import { type Look, look } from "../../runtime/look.ts";
import type { Blobs } from "./blobs.ts";
import { readFile, sameStamp } from "./digest.ts";
import { Cover, findOutputs } from "./outputs.ts";
import type { Sight } from "./sight.ts";
import { isGlob, parentOf } from "./spelling.ts";

/** What is needed to tell whose a file is, and to take it away. */
export interface PriorTools {
  readonly sight: Sight;
  /** The bytes that could be brought back; nothing else is taken away. */
  readonly blobs: Blobs | undefined;
  /** A path where nothing is yet, in a folder that may be absent, for what is taken away; without one everything stays where it is. */
  readonly aside: (() => string) | undefined;
  /** Whether no other run is under way that may just be writing the same files: its files are left to it. */
  readonly alone: () => boolean;
  /** What attempts that came to nothing have left: what still looks like that is the call's own. */
  readonly left?: () => readonly LeftFile[];
}

type Stamp = Parameters<typeof sameStamp>[0];

/** How a file was left by whoever was here before. */
interface Left {
  readonly look: Look;
  /** Nobody can say that it is a user's own: an entry names it, or there is none that could. */
  readonly doubtful: boolean;
}

/** An attempt's outputs before it begins. */
export class PriorOutputs implements Prior {
  private readonly left = new Map<string, Left>();
  private readonly taken: { readonly path: string; readonly place: string }[] = [];
  private readonly folders: { readonly path: string; readonly mode: number }[] = [];
  /** Folders of the call's own, by path; they may hold something else too. */
  private readonly ownFolders = new Map<string, Look>();

  private constructor(private readonly tools: PriorTools) {}

  /**
   * Takes away what earlier attempts of the same call have left.
   *
   * @param earlier the outputs of the call's entries, the newest first; asked for only if there is something to tell apart.
   * @param spared what is never taken away: the task reads it.
   */
  static of(
    rules: readonly OutputRule[],
    earlier: () => Iterable<readonly StoredFile[]>,
    spared: readonly string[],
    tools: PriorTools,
  ): PriorOutputs | undefined {
    if (isClean(rules, tools.sight)) return undefined;
    const found = new Map(findOutputs(rules, tools.sight).found);
    const precious = rules.filter((rule) => typeof rule !== "string" && rule.precious === true);
    if (precious.length > 0) {
      const cover = new Cover(precious, tools.sight.spelling);
      for (const path of found.keys()) if (cover.allows(path) !== undefined) found.delete(path);
    }
    for (const path of spared) found.delete(path);
    if (found.size === 0) return undefined;
    const prior = new PriorOutputs(tools);
    prior.sort(found, earlier());
    return prior;
  }

  /** Whether a file is as it was before the attempt; `doubtful` as long as nobody can say that it is a user's own. */
  untouched(path: string, now: Stamp): "doubtful" | "another's" | undefined {
    const left = this.left.get(path);
    if (left === undefined || !sameStamp(left.look, now)) return undefined;
    return left.doubtful ? "doubtful" : "another's";
  }

  /** What was taken away, or would have been. */
  get own(): readonly string[] {
    return [...this.taken.map(({ path }) => path), ...this.folders.map(({ path }) => path)];
  }

  putBack(): void {
    const { spelling } = this.tools.sight;
    const { fs } = node;
    for (const { path, mode } of this.folders.toReversed()) {
      attempt(spelling.full(path), (full) => {
        fs.mkdirSync(full, { recursive: true });
        fs.chmodSync(full, mode);
      });
    }
    for (const { path, place } of this.taken) {
      attempt(spelling.full(path), (full) => {
        fs.mkdirSync(spelling.full(parentOf(path)), { recursive: true });
        move(place, full);
      });
    }
    this.done();
  }

  done(): void {
    for (const { place } of this.taken) if (place !== "") node.fs.rmSync(place, { force: true });
    this.taken.length = 0;
    this.folders.length = 0;
  }

  /** Takes away what is the call's own, and notes the rest. */
  private sort(found: ReadonlyMap<string, Look>, earlier: Iterable<readonly StoredFile[]>): void {
    const open = new Map(found);
    const named = new Set<string>();
    const alone = this.tools.alone();
    let entries = 0;
    for (const { path, size, mtime, inode } of this.tools.left?.() ?? []) {
      const seen = open.get(path);
      if (seen === undefined || seen.size !== size || seen.mtime !== mtime || seen.inode !== inode) continue;
      if (alone && this.take(path, seen)) open.delete(path);
    }
    for (const stored of earlier) {
      entries++;
      for (const file of stored) {
        const seen = open.get(file.path);
        if (seen === undefined) continue;
        named.add(file.path);
        if (alone && this.isOwn(file, seen) && this.take(file.path, seen)) open.delete(file.path);
      }
      if (open.size === 0) break;
    }
    for (const [path, look] of open) {
      if (look.kind !== "folder") this.left.set(path, { look, doubtful: entries === 0 || named.has(path) });
    }
    // From below; those that hold something else stay.
    for (const [path, { mode }] of [...this.ownFolders].sort(([a], [b]) => a < b ? 1 : -1)) {
      this.clear(path, mode);
    }
  }

  /** Whether what lies at a path was made by an earlier attempt: if so, its bytes can be brought back. */
  private isOwn(file: StoredFile, seen: Look): boolean {
    if (file.kind !== seen.kind) return false;
    const full = this.tools.sight.spelling.full(file.path);
    try {
      switch (file.kind) {
        case "folder":
          return true;
        case "link":
          return node.fs.readlinkSync(full) === file.target;
        case "file": {
          // Any bytes that the cache has: those of an attempt whose result was not kept are there too.
          const read = readFile(full, false);
          return read !== undefined && this.tools.blobs?.has(read.digest) === true;
        }
      }
    } catch {
      return false;
    }
  }

  private take(path: string, seen: Look): boolean {
    if (seen.kind === "folder") {
      this.ownFolders.set(path, seen);
      return true;
    }
    const { aside, sight } = this.tools;
    if (aside === undefined) {
      this.taken.push({ path, place: "" });
      return true;
    }
    try {
      const place = aside();
      move(sight.spelling.full(path), place);
      this.taken.push({ path, place });
      return true;
    } catch {
      // It stays, as something that is not known.
      return false;
    }
  }

  private clear(path: string, mode: number): void {
    if (this.tools.aside === undefined) return;
    try {
      node.fs.rmdirSync(this.tools.sight.spelling.full(path));
      this.folders.push({ path, mode });
    } catch {
      // Something is in there, or it is where a file system begins.
    }
  }
}

/** Whether outputs could lie somewhere besides those of an entry: in folders, or where a glob fits. */
export function mayHoldMore(stored: readonly StoredFile[], rules: readonly OutputRule[]): boolean {
  return stored.some(({ kind }) => kind === "folder") ||
    rules.some((rule) => isGlob(typeof rule === "string" ? rule : rule.path));
}

/** Does something where nothing lies; if that cannot be done, the cache still has the bytes. */
function attempt(full: string, act: (full: string) => void): void {
  try {
    if (look(full, false) === undefined) act(full);
  } catch {
    // Somebody has put something else in the way.
  }
}

/** Whether nothing lies where outputs that are all named one by one are to be: as it is whenever they are made anew. */
function isClean(rules: readonly OutputRule[], { spelling }: Sight): boolean {
  return rules.every((rule) => {
    const path = typeof rule === "string" ? rule : rule.path;
    return !isGlob(path) && !path.startsWith("!") &&
      look(spelling.full(spelling.shown(path)), false) === undefined;
  });
}

/** Moves a file or link with its times, from one file system to another if need be. */
function move(from: string, to: string): void {
  const { fs } = node;
  try {
    return fs.renameSync(from, to);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== "EXDEV" && code !== "ENOENT") throw error;
  }
  fs.mkdirSync(parentOf(to), { recursive: true });
  const seen = fs.lstatSync(from);
  if (seen.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(from), to);
  else {
    fs.copyFileSync(from, to);
    fs.utimesSync(to, seen.atime, seen.mtime);
  }
  fs.rmSync(from);
}

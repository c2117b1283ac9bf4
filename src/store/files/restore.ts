/** Outputs of an entry: are they as they were made, and if not, bringing them back from the cache. */
import fs from "node:fs";
import type { Cause } from "../../model/cause.ts";
import type { Restored } from "../../model/file_ports.ts";
import type { OutputRule, StoredFile } from "../../model/files.ts";
import { type Look, look } from "../../runtime/look.ts";
import { setAside } from "../aside.ts";
import { scratchName } from "../owner.ts";
import { type Blobs, writeAll } from "./blobs.ts";
import { readFile } from "./digest.ts";
import type { DigestIndex } from "./digest_index.ts";
import { type Allowed, Cover } from "./outputs.ts";
import { isBelow, parentOf, type Spelling } from "./spelling.ts";

type OutputChange = Extract<Cause, { readonly kind: "output" }>["change"];
/** What is to be done about a stored file: nothing, its mode, all of it; `blocked` when something else is in its place. */
type State = "same" | "mode" | "missing" | "edited" | "blocked";

const INTACT: Restored = { kind: "intact" };

/** What restoring works with. */
export interface RestoreTools {
  readonly spelling: Spelling;
  readonly digests: DigestIndex;
  readonly blobs: Blobs | undefined;
  /** The cache's folder, if it may be written. */
  readonly writable: string | undefined;
  /** Takes a warning. */
  readonly warn: (text: string) => void;
}

/** Looks at outputs, and brings back what is not as it was made, unless `dry`. */
export function restoreOutputs(
  stored: readonly StoredFile[],
  rules: readonly OutputRule[],
  dry: boolean,
  tools: RestoreTools,
): Restored {
  const { spelling } = tools;
  let plain = stored.length === rules.length;
  for (let index = 0; plain && index < rules.length; index++) {
    const rule = rules[index]!;
    // One rule, one file, no limit of age: whatever is there, the rules have nothing to say about it.
    plain = typeof rule === "string" && spelling.shown(rule) === stored[index]!.path;
  }
  if (plain && stored.every((file) => stateOf(file, tools) === "same")) return INTACT;
  return new Restoration(stored, new Cover(rules, spelling), tools).run(dry);
}

/** How a stored file is on disk. */
function stateOf(file: StoredFile, { spelling, digests }: RestoreTools): State {
  const full = spelling.full(file.path);
  try {
    const found = look(full, false);
    if (found === undefined) return "missing";
    if (found.kind !== file.kind) {
      // An empty folder is nothing that anybody could miss.
      if (found.kind === "folder") return fs.readdirSync(full).length > 0 ? "blocked" : "edited";
      return found.kind === "other" || file.kind === "folder" ? "blocked" : "edited";
    }
    if (file.kind === "link") return fs.readlinkSync(full) === file.target ? "same" : "edited";
    if (file.kind === "file") {
      if (found.size !== file.size) return "edited";
      let digest = digests.find(file.path, found);
      if (digest === undefined) {
        const read = readFile(full, false);
        if (read === undefined) return "missing";
        const { size, mtime, ctime, inode } = read.look;
        digest = read.digest;
        digests.add(file.path, { size, mtime, ctime, inode, digest, at: read.at });
      }
      if (digest !== file.digest) return "edited";
    }
    return found.mode === (file.mode & 0o777) ? "same" : "mode";
  } catch {
    // It cannot be looked at or read; writing it anew may still work.
    return "edited";
  }
}

class Restoration {
  private readonly causes: Cause[] = [];
  private readonly folders = new Map<string, boolean>();

  constructor(
    private readonly stored: readonly StoredFile[],
    private readonly cover: Cover,
    private readonly tools: RestoreTools,
  ) {}

  run(dry: boolean): Restored {
    const { stored, cover, tools } = this;
    const todo: { readonly file: StoredFile; readonly state: State }[] = [];
    const byPath = new Map<string, StoredFile>();
    for (const file of stored) byPath.set(file.path, file);
    for (const rule of cover.unmet([...byPath.keys()])) this.blame(rule, "missing");
    if (byPath.size !== stored.length) this.refuse("", "an entry names a path twice");
    for (const file of stored) {
      const allowed = cover.allows(file.path);
      if (allowed === undefined || isBelowAFile(file.path, byPath)) {
        this.refuse(
          file.path,
          `an entry names ${JSON.stringify(file.path)}, which its task does not declare`,
        );
        continue;
      }
      const state = stateOf(file, tools);
      if (state === "same") this.checkAge(file, allowed);
      else if (this.isOpen(file, state, allowed)) todo.push({ file, state });
    }
    if (this.causes.length === 0) {
      for (const { file, state } of todo) this.checkBlob(file, state, dry);
    }
    if (this.causes.length > 0) return { kind: "unable", causes: this.causes };
    if (todo.length === 0) return INTACT;
    todo.sort((a, b) => a.file.path < b.file.path ? -1 : 1);
    if (!dry) {
      for (const { file, state } of todo) {
        this.attempt(file, state, () => this.bringBack(file, state));
        if (this.causes.length > 0) return { kind: "unable", causes: this.causes };
      }
      // Last, and from below: a folder that may not be written must first be filled.
      for (const { file, state } of todo.toReversed()) {
        if (file.kind !== "folder") continue;
        this.attempt(file, state, () => fs.chmodSync(tools.spelling.full(file.path), file.mode & 0o777));
      }
    }
    return this.causes.length > 0
      ? { kind: "unable", causes: this.causes }
      : { kind: "restored", paths: todo.map(({ file }) => file.path) };
  }

  private blame(path: string, change: OutputChange): void {
    this.causes.push({ kind: "output", path, change });
  }

  private refuse(path: string, why: string): void {
    this.tools.warn(`${why}; it is not brought back, and the task runs again`);
    this.blame(path, "edited");
  }

  private checkAge(file: StoredFile, { maxAge }: Allowed): void {
    if (maxAge === undefined || file.kind === "folder") return;
    const found = look(this.tools.spelling.full(file.path), false);
    if (found !== undefined && Date.now() - found.mtime > maxAge) this.blame(file.path, "too old");
  }

  /** Whether a file may be written where it is to lie; says so if not. */
  private isOpen(file: StoredFile, state: State, { trusted, maxAge }: Allowed): boolean {
    const change = state === "missing" ? "missing" : "edited";
    // The age of what the cache holds is not known, so it might be older than it may be.
    if (state === "blocked") {
      const found = look(this.tools.spelling.full(file.path), false);
      this.refuse(
        file.path,
        `${file.path} is an output, a ${file.kind}, and a ${
          found?.kind ?? "thing"
        } that runner has not made lies there: remove it`,
      );
      return false;
    }
    if (maxAge !== undefined && state !== "mode" && file.kind !== "folder") {
      this.blame(file.path, change);
      return false;
    }
    for (let at = parentOf(file.path); at !== trusted && isBelow(at, trusted); at = parentOf(at)) {
      if (this.isFolderOrAbsent(at)) continue;
      this.blame(file.path, change);
      return false;
    }
    return true;
  }

  /** Whether a path is a folder, or will be; a link to one is none. */
  private isFolderOrAbsent(path: string): boolean {
    let fine = this.folders.get(path);
    if (fine === undefined) {
      const found = look(this.tools.spelling.full(path), false);
      this.folders.set(path, fine = found === undefined || found.kind === "folder");
    }
    return fine;
  }

  /** Makes sure that the bytes are there. A dry run reads them, as only that tells what a real one would find. */
  private checkBlob(file: StoredFile, state: State, dry: boolean): void {
    if (file.kind !== "file" || state === "mode") return;
    const { blobs } = this.tools;
    const problem = blobs === undefined || !blobs.has(file.digest)
      ? "missing"
      : dry
      ? blobs.read(file.digest, file.size, () => {})
      : undefined;
    if (problem !== undefined) this.blame(file.path, state === "missing" ? "missing" : "edited");
  }

  private attempt(file: StoredFile, state: State, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.tools.warn(`the output ${file.path} could not be brought back: ${(error as Error).message}`);
      this.blame(file.path, state === "missing" ? "missing" : "edited");
    }
  }

  private bringBack(file: StoredFile, state: State): void {
    const { spelling } = this.tools;
    const full = spelling.full(file.path);
    if (file.kind === "folder") {
      // Ours alone until it is full; its mode is set at the end.
      fs.mkdirSync(full, { recursive: true });
      if (state === "missing") fs.chmodSync(full, (file.mode & 0o777) | 0o700);
      return;
    }
    if (state === "mode" && file.kind === "file") return fs.chmodSync(full, file.mode & 0o777);
    const folder = spelling.full(parentOf(file.path));
    fs.mkdirSync(folder, { recursive: true });
    const aside = `${folder}/.${scratchName("runner")}`;
    try {
      if (file.kind === "link") fs.symlinkSync(file.target, aside);
      else this.unpack(file, aside);
      if (state === "edited" && look(full, false)?.kind === "folder") fs.rmdirSync(full);
      fs.renameSync(aside, full);
    } catch (error) {
      fs.rmSync(aside, { force: true });
      throw error;
    }
    if (file.kind === "file") this.remember(file, full);
  }

  private unpack(file: Extract<StoredFile, { readonly kind: "file" }>, aside: string): void {
    const { blobs, writable } = this.tools;
    const out = fs.openSync(aside, "wx", 0o600);
    try {
      const problem = blobs!.read(file.digest, file.size, (piece) => writeAll(out, piece));
      if (problem !== undefined) {
        // Out of the way, so that the task's next run can put a good one there.
        const place = problem === "damaged" && writable !== undefined
          ? setAside(writable, blobs!.file(file.digest))
          : undefined;
        throw new Error(
          `its bytes in the cache are ${problem}${
            place === undefined ? "" : `; they were moved to ${place}`
          }`,
        );
      }
      fs.fchmodSync(out, file.mode & 0o777);
    } finally {
      fs.closeSync(out);
    }
  }

  private remember({ path, digest }: Extract<StoredFile, { readonly kind: "file" }>, full: string): void {
    const at = Date.now();
    const found: Look | undefined = look(full, false);
    if (found?.kind !== "file") return;
    const { size, mtime, ctime, inode } = found;
    this.tools.digests.add(path, { size, mtime, ctime, inode, digest, at });
  }
}

/** Whether an entry has a path below one that is no folder. */
function isBelowAFile(path: string, byPath: ReadonlyMap<string, StoredFile>): boolean {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    const above = byPath.get(path.slice(0, at));
    if (above !== undefined && above.kind !== "folder") return true;
  }
  return false;
}

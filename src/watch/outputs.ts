/** What a run has left of its outputs: the events of its own writing are no changes, those of a hand are. */
import type { Files } from "../model/file_ports.ts";
import type { FileRules, OutputRule, SeenFile, StoredFile } from "../model/files.ts";
import { look } from "../runtime/look.ts";
import { baseOf } from "../store/files/globs.ts";
import { isBelow, isGlob, type Spelling } from "../store/files/spelling.ts";

/** A file as it was left; `undefined` when there is none. */
type Left =
  | { readonly size: number; readonly mtime: number; readonly ctime: number; readonly inode: number }
  | undefined;

/** The text of a rule. */
export function textOf(rule: OutputRule): string {
  return typeof rule === "string" ? rule : rule.path;
}

/** Outputs as they were left, by the keys of their paths. */
export class LeftOutputs {
  private readonly left = new Map<string, { readonly was: Left; readonly digest: string }>();
  /** What whole lists of outputs were when they were found to be right. */
  private readonly signatures = new Map<readonly OutputRule[], string>();
  private readonly owners = new Map<string, readonly OutputRule[]>();
  private readonly folders = new Set<string>();
  /** How outputs are spelled whose key people do not know. */
  private readonly names = new Map<string, string>();
  private ended = 0;

  constructor(private readonly inner: Files, private readonly spelling: Spelling) {}

  /** Outputs that a task has just written. */
  wrote(files: readonly SeenFile[]): void {
    for (const file of files) this.left.set(this.key(file.path), { was: file, digest: file.digest });
  }

  /** Outputs that were found to be right, or were brought back. */
  restored(stored: readonly StoredFile[]): void {
    for (const file of stored) {
      if (file.kind === "folder") continue;
      const key = this.key(file.path);
      this.left.set(key, {
        was: this.lookAt(key),
        digest: file.kind === "file" ? file.digest : "",
      });
    }
  }

  /** Outputs that were found to be right by what they are together. */
  signed(rules: readonly OutputRule[], signature: string): void {
    if (signature !== "") this.signatures.set(rules, signature);
  }

  /** The run is over; of outputs that nobody has looked at, since their task failed or did not run, counts what there is now. */
  end(all: Iterable<FileRules>): void {
    this.ended = Date.now();
    for (const { outputs } of all) {
      for (const rule of outputs) {
        const text = textOf(rule);
        if (text.startsWith("!")) continue;
        const path = this.key(this.spelling.shown(text));
        if (isGlob(path)) {
          this.folders.add(baseOf(path));
          continue;
        }
        this.owners.set(path, outputs);
        if (!this.signatures.has(outputs) && !this.left.has(path)) {
          const was = this.lookAt(path);
          this.left.set(path, { was, digest: "" });
        }
      }
    }
  }

  /** Single files among the outputs. */
  paths(): Iterable<string> {
    return new Set([...this.owners.keys(), ...this.left.keys()]);
  }

  /** Folders with outputs that are not named one by one. */
  trees(): Iterable<string> {
    return this.folders;
  }

  /** How people see an output. */
  nameOf(key: string): string {
    return this.names.get(key) ?? key;
  }

  /** Whether a path, told by its key, is an output, and is not as the run left it. */
  isChanged(path: string): boolean {
    const left = this.left.get(path);
    const rules = this.owners.get(path);
    if (left !== undefined) return this.differs(path, left.was, left.digest);
    if (rules !== undefined) return this.inner.signature(rules) !== this.signatures.get(rules);
    // It may be an output that is a folder.
    for (const owner of this.owners.keys()) {
      if (isBelow(path, owner)) return this.isLater(path);
    }
    for (const folder of this.folders) if (isBelow(path, folder)) return this.isLater(path);
    return false;
  }

  private differs(path: string, was: Left, digest: string): boolean {
    const now = this.lookAt(path);
    if (now === undefined || was === undefined) return now !== was;
    if (now.size !== was.size) return true;
    if (now.mtime === was.mtime) return now.inode !== was.inode && digest === "";
    // Only touched, perhaps.
    return digest === "" || this.inner.mark(path, "content") !== digest;
  }

  /** Whether a file that no run has told of was written by somebody else: after the run, that is. */
  private isLater(path: string): boolean {
    const now = this.lookAt(path);
    return now?.kind === "file" && now.mtime > this.ended;
  }

  private key(path: string): string {
    const key = this.spelling.key(path);
    if (key !== path) this.names.set(key, path);
    return key;
  }

  private lookAt(path: string) {
    try {
      return look(this.spelling.full(path), false);
    } catch {
      return undefined;
    }
  }
}

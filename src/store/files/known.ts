/** What a watch spares: files that are as they were seen, and lists that are as they were made, until a change is told. */
import type { SeenFile, Trigger } from "../../model/files.ts";
import { markOf, needsDigest } from "./digest.ts";
import { Listings } from "./inputs.ts";
import type { Spelling } from "./spelling.ts";

/** A memory that knows each file by its key, whatever it was spelled like. Empty as long as nobody watches. */
export class Known {
  /** What folders and globs gave. */
  readonly listings = new Listings();
  private readonly files = new Map<string, SeenFile>();
  /** When changes were told of. */
  private readonly told = new Map<string, number>();
  private watched = false;

  constructor(private readonly spelling: Spelling) {}

  /** From now on somebody watches, or nobody does. */
  watch(watched: boolean): void {
    if (watched === this.watched) return;
    this.watched = this.listings.watched = watched;
    this.files.clear();
    this.told.clear();
    this.listings.clear();
  }

  /** A file as it was seen, if somebody has watched it since. */
  recall(path: string, trigger: Trigger): SeenFile | undefined {
    if (!this.watched) return undefined;
    const known = this.files.get(this.spelling.key(path));
    if (known === undefined || known.digest === "" && needsDigest(trigger)) return undefined;
    const mark = markOf(trigger, known.digest, known.mtime);
    return mark === known.mark && path === known.path ? known : { ...known, path, mark };
  }

  /** A file was looked at. */
  saw(file: SeenFile): void {
    if (this.watched) this.files.set(this.spelling.key(file.path), file);
  }

  /** A host has seen a file. */
  heard(file: SeenFile): void {
    if (!this.watched) return;
    const key = this.spelling.key(file.path);
    if (!this.files.has(key)) this.listings.drop(this.spelling.full(key));
    // What was told after it was seen may be of a later change.
    if (file.at > (this.told.get(key) ?? -1)) this.files.set(key, file);
    else this.files.delete(key);
  }

  /** A file was brought back, or taken away. */
  forget(path: string): void {
    if (!this.watched) return;
    const key = this.spelling.key(path);
    this.files.delete(key);
    this.listings.drop(this.spelling.full(key));
  }

  /** Files and folders were changed, added or removed. */
  changed(paths: readonly string[]): void {
    if (!this.watched) return;
    const { spelling, files } = this;
    const now = Date.now();
    const above = new Set<string>();
    for (const path of paths) {
      const key = spelling.key(spelling.shown(path));
      this.told.set(key, now);
      this.listings.drop(spelling.full(key));
      // It may be a folder, of which only the folder itself was told.
      if (!files.delete(key)) above.add(key);
    }
    if (above.size === 0) return;
    for (const key of files.keys()) {
      let at = key.lastIndexOf("/");
      while (at > 0 && !above.has(key.slice(0, at))) at = key.lastIndexOf("/", at - 1);
      if (at > 0 || above.has(".")) files.delete(key);
    }
  }
}

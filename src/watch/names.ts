/** Names of folders: one that is watched by itself and through a link is told by one of its names only. */
import fs from "node:fs";
import { basename, dirname } from "node:path";
import type { WatchSet } from "./watcher.ts";

/** What is watched through links. */
export class Names {
  /** Where folders really are, by the paths they are watched by. */
  private real = new Map<string, string>();
  /** The other way round, of those that are elsewhere. */
  private readonly names = new Map<string, string[]>();

  /** From now on these are the names. */
  take({ files, trees }: WatchSet): void {
    const before = this.real;
    this.real = new Map();
    this.names.clear();
    const add = (folder: string): void => {
      if (this.real.has(folder)) return;
      const real = before.get(folder) ?? realOf(folder);
      this.real.set(folder, real);
      if (real === folder) return;
      const others = this.names.get(real);
      if (others === undefined) this.names.set(real, [folder]);
      else others.push(folder);
    };
    for (const path of files) add(dirname(path));
    for (const path of trees) add(path);
  }

  /** All paths of what was told by one of them. */
  of(path: string): ReadonlySet<string> {
    const all = new Set([path]);
    if (this.names.size === 0) return all;
    const folder = dirname(path);
    const real = `${(this.real.get(folder) ?? realOf(folder)).replace(/\/$/, "")}/${basename(path)}`;
    all.add(real);
    for (let at = real; at !== dirname(at); at = dirname(at)) {
      for (const name of this.names.get(at) ?? []) all.add(name + real.slice(at.length));
    }
    return all;
  }

  /** A path has changed: links in there may lead elsewhere the next time. */
  drop(path: string): void {
    if (!this.real.delete(path)) return;
    for (const folder of this.real.keys()) if (folder.startsWith(`${path}/`)) this.real.delete(folder);
  }
}

/** Where a path leads to; itself when it is not there. */
function realOf(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return path;
  }
}

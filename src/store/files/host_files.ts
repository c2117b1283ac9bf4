/** Files as seen by a host: what a task has read and written. */
import type { Collected, HostFiles, OpenHostFiles } from "../../model/file_ports.ts";
import type { OutputRule, SeenFile, StoredFile, Trigger } from "../../model/files.ts";
import { node } from "../../runtime/builtin.ts";
import type { Look } from "../../runtime/look.ts";
import { Blobs } from "./blobs.ts";
import { readFile } from "./digest.ts";
import { DigestIndex } from "./digest_index.ts";
import { findOutputs, literalParents } from "./outputs.ts";
import { Sight } from "./sight.ts";
import { byText, Spelling } from "./spelling.ts";

/** Opens the files of a host. Await `prepareGlobs()` before outputs are collected. */
export const openHostFiles: OpenHostFiles = ({ cache, cwd }) => new DiskHostFiles(cache, cwd);

class DiskHostFiles implements HostFiles {
  private readonly sight: Sight;
  private readonly blobs: Blobs | undefined;

  constructor(cache: string | undefined, cwd: string) {
    const spelling = new Spelling(cwd);
    const folder = cache === undefined ? undefined : spelling.full(spelling.shown(cache));
    this.sight = new Sight(spelling, new DigestIndex(undefined, spelling.cwd), folder);
    this.blobs = folder === undefined ? undefined : new Blobs(folder);
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

  see(paths: readonly string[], trigger: Trigger): readonly SeenFile[] {
    return paths.map((path) => this.sight.see(path, trigger));
  }

  prepare(rules: readonly OutputRule[]): void {
    const { spelling } = this.sight;
    for (const folder of literalParents(rules, spelling)) {
      node.fs.mkdirSync(spelling.full(folder), { recursive: true });
    }
  }

  collect(rules: readonly OutputRule[], compression: number): Collected {
    const { found, missing, old } = findOutputs(rules, this.sight);
    if (missing.length + old.length > 0) return { kind: "absent", missing, old };
    const stored: StoredFile[] = [];
    const seen: SeenFile[] = [];
    for (const [path, look] of found) {
      const file = this.store(path, look, compression, seen);
      if (file === undefined) return { kind: "absent", missing: [path], old: [] };
      stored.push(file);
    }
    stored.sort((a, b) => byText(a.path, b.path));
    seen.sort((a, b) => byText(a.path, b.path));
    return { kind: "stored", stored, seen };
  }

  /** Takes one output into the cache; `undefined` when it has gone meanwhile. */
  private store(path: string, found: Look, compression: number, seen: SeenFile[]): StoredFile | undefined {
    const full = this.sight.spelling.full(path);
    if (found.kind === "folder") return { kind: "folder", path, mode: found.mode };
    if (found.kind === "link") return { kind: "link", path, target: node.fs.readlinkSync(full) };
    const read = readFile(full, false);
    if (read === undefined) return undefined;
    this.blobs?.keep(full, read, compression);
    const { digest, at, look: { size, mtime, ctime, inode, mode } } = read;
    seen.push({ path, mark: digest, digest, size, mtime, ctime, inode, at });
    return { kind: "file", path, digest, size, mode };
  }
}

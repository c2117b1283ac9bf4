/** Looking at the files and folders that tasks read. */
import { digestOf } from "../../model/digest.ts";
import type { SeenFile, Trigger } from "../../model/files.ts";
import { type Look, look } from "../../runtime/look.ts";
import { isNotBefore, isSettled, markOf, needsDigest, readFile, sameStamp } from "./digest.ts";
import type { DigestIndex } from "./digest_index.ts";
import { asPattern, baseOf } from "./globs.ts";
import { byText, parentOf, type Spelling } from "./spelling.ts";
import { walk, type Walked } from "./walk.ts";

/** What nobody means by a folder or a glob of inputs, unless its own path says so: the state of runner, and of git. */
const NO_INPUTS: ReadonlySet<string> = new Set([".runner", ".git"]);
/** The same for outputs: a task may well clone a repository. */
const NO_OUTPUTS: ReadonlySet<string> = new Set([".runner"]);

/** Eyes, with a memory for digests. */
export class Sight {
  /** `cache` is passed over in folders. */
  constructor(
    readonly spelling: Spelling,
    readonly digests: DigestIndex,
    readonly cache: string | undefined,
  ) {}

  /** A file that a look has found; `undefined` when it has gone meanwhile. */
  file(path: string, found: Look, trigger: Trigger): SeenFile | undefined {
    if (!needsDigest(trigger)) return seen(path, markOf(trigger, "", found.mtime), "", found, Date.now());
    const known = this.digests.find(path, found);
    if (known !== undefined) {
      // It is settled: when exactly it was looked at does not matter any more.
      return seen(
        path,
        trigger === "content" ? known : markOf(trigger, known, found.mtime),
        known,
        found,
        Date.now(),
      );
    }
    const read = readFile(this.spelling.full(path), true);
    if (read === undefined) return undefined;
    const file = seen(path, markOf(trigger, read.digest, read.look.mtime), read.digest, read.look, read.at);
    this.digests.add(path, file);
    return file;
  }

  /** A file, a folder, or what is absent: its mark is empty. A folder's mark stands for all files below it. */
  see(path: string, trigger: Trigger): SeenFile {
    const shown = this.spelling.shown(path);
    const found = look(this.spelling.full(shown), true);
    const file = found?.kind === "file" ? this.file(shown, found, trigger) : undefined;
    if (file !== undefined) return file;
    if (found?.kind === "folder") return this.seeFolder(shown, found, trigger);
    const mark = found === undefined || found.kind === "file" ? "" : markOf("exists", "", 0);
    return seen(shown, mark, "", NOTHING, 0);
  }

  /** All that lies below a folder. */
  below(path: string, follow: boolean): Walked {
    const full = this.spelling.full(path);
    return walk(full, path, { follow, skip: follow ? NO_INPUTS : NO_OUTPUTS, skipFull: this.cache });
  }

  /** Patterns of the folders that a glob passes over, though it may fit what is in them. */
  ownPatterns(glob: string, input: boolean): string[] {
    const named = baseOf(glob).split("/");
    const patterns: string[] = [];
    for (const name of input ? NO_INPUTS : NO_OUTPUTS) {
      if (!named.includes(name)) patterns.push(`**/${name}/**`);
    }
    const cache = this.cache === undefined ? "/" : this.spelling.shown(this.cache);
    if (!/^(?:\/|\.\.\/|\.$)/.test(cache)) patterns.push(`${asPattern(cache)}/**`);
    return patterns;
  }

  /**
   * Whether anything has happened to a file since it was seen. Equal bytes are no proof that nothing has: they may have been
   * others in between, and nobody knows which of them were read. Only where the stamp cannot tell the bytes are looked at.
   */
  hasChanged(before: SeenFile, trigger: Trigger): boolean {
    const found = look(this.spelling.full(before.path), true);
    if (found === undefined || before.mark === "") return (found === undefined) !== (before.mark === "");
    if (trigger === "exists") return false;
    if (found.kind === "file" && before.inode !== 0) {
      // Of a file whose time is all that counts, nothing else tells.
      if (trigger === "mtime") return found.mtime !== before.mtime || found.inode !== before.inode;
      if (!sameStamp(found, before)) return true;
      if (isSettled(found.mtime, found.ctime, before.at)) return false;
    }
    return this.see(before.path, trigger).mark !== before.mark;
  }

  /** Whether a file that was found out to be read may have been another when that was done: it has changed since a moment. */
  isLater({ path, mark, mtime, ctime }: SeenFile, moment: number): boolean {
    return mark !== "" && isNotBefore(mtime, ctime, moment, mtime % 1_000 === 0 && this.isCoarse(path));
  }

  /** Whether times around a path are told in whole seconds; that all of these are by chance is next to impossible. */
  private isCoarse(path: string): boolean {
    return [parentOf(path), "."].every((folder) => {
      const found = look(this.spelling.full(folder), true);
      return found === undefined || found.mtime % 1_000 === 0;
    });
  }

  /** A folder by all that is below it, and by when the latest change of that was. */
  private seeFolder(path: string, found: Look, trigger: Trigger): SeenFile {
    let { mtime, ctime } = found;
    if (trigger === "exists") return seen(path, markOf(trigger, "", 0), "", { ...NOTHING, mtime, ctime }, 0);
    const lines = this.below(path, true).files.sort(byText).map((file) => {
      const below = this.see(file, trigger);
      mtime = Math.max(mtime, below.mtime);
      ctime = Math.max(ctime, below.ctime);
      return `${path === "." ? file : file.slice(path.length + 1)}\0${below.mark}\n`;
    });
    return seen(path, digestOf(lines.join("")), "", { ...NOTHING, mtime, ctime }, 0);
  }
}

const NOTHING: Pick<Look, "size" | "mtime" | "ctime" | "inode"> = { size: 0, mtime: 0, ctime: 0, inode: 0 };

function seen(
  path: string,
  mark: string,
  digest: string,
  { size, mtime, ctime, inode }: Pick<Look, "size" | "mtime" | "ctime" | "inode">,
  at: number,
): SeenFile {
  return { path, mark, digest, size, mtime, ctime, inode, at };
}

/** One spelling for each path: relative to the working folder where it lies in there, with `/`, without `.` and `..` inside. */

const MAGIC = /[*?[\]{}]|[@+!]\(/;
const ODD = /(^|\/)\.{0,2}(\/|$)/;

/** Whether a path may be a glob. */
export function isGlob(path: string): boolean {
  return MAGIC.test(path);
}

/** A path without idle parts; what leads out of it stays at its beginning. */
export function normal(path: string): string {
  if (!ODD.test(path)) return path;
  const absolute = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== ".." || parts.at(-1) === "..") parts.push(part);
    else if (parts.length > 0) parts.pop();
    else if (!absolute) parts.push(part);
  }
  return (absolute ? "/" : "") + parts.join("/") || ".";
}

/** Whether a path lies below a folder; both in their one spelling. */
export function isBelow(path: string, folder: string): boolean {
  if (folder === ".") {
    return path !== "." && !path.startsWith("/") && !path.startsWith("../") && path !== "..";
  }
  const { length } = folder;
  if (!path.startsWith(folder) || path[length] !== "/" && folder !== "/" || path === folder) return false;
  // `../..` is not below `..`.
  return !path.startsWith("..", length + 1) || path.length !== length + 3 && path[length + 3] !== "/";
}

/** The folder that a path lies in. */
export function parentOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at > 0 ? path.slice(0, at) : at === 0 ? "/" : ".";
}

/** The smaller text first, by code units: the same order everywhere. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The paths of a working folder. */
export class Spelling {
  /** The working folder. */
  readonly cwd: string;
  private readonly prefix: string;

  /** `cwd` is absolute. */
  constructor(cwd: string) {
    this.cwd = normal(cwd);
    this.prefix = this.cwd === "/" ? "/" : `${this.cwd}/`;
  }

  /** The one spelling of a path: what is outside the working folder stays absolute, or stays relative, as it is written. */
  shown(path: string): string {
    const clean = normal(path);
    const first = clean.charCodeAt(0);
    // Neither "/" nor ".": by far the most.
    if (first !== 47 && first !== 46) return clean;
    if (first === 47) return this.inside(clean) ?? clean;
    if (clean !== ".." && !clean.startsWith("../")) return clean;
    // `../here/a` is `a` when the working folder is called `here`.
    return this.inside(normal(this.prefix + clean)) ?? clean;
  }

  /** The absolute path for one that has its one spelling. */
  full(shown: string): string {
    const first = shown.charCodeAt(0);
    if (first !== 47 && first !== 46) return this.prefix + shown;
    return first === 47 ? shown : normal(this.prefix + shown);
  }

  /**
   * One name for all spellings of a path, for who compares: what is outside the working folder is absolute. People see another
   * one, and so do validities. `path` is without idle parts.
   */
  key(path: string): string {
    const first = path.charCodeAt(0);
    if (first !== 47 && first !== 46) return path;
    const full = this.full(path);
    return this.inside(full) ?? full;
  }

  private inside(absolute: string): string | undefined {
    if (absolute.startsWith(this.prefix)) return absolute.slice(this.prefix.length) || ".";
    return absolute === this.cwd ? "." : undefined;
  }
}

/** By path, each once; a file outside may have been named in two ways. */
export function sorted<File extends { readonly path: string }>(files: File[], spelling: Spelling): File[] {
  files.sort((a, b) => byText(a.path, b.path));
  const outside = new Set<string>();
  return files.filter(({ path }, index) => {
    if (index > 0 && files[index - 1]!.path === path) return false;
    if (!path.startsWith("/") && !path.startsWith("../")) return true;
    const full = normal(spelling.full(path));
    return !outside.has(full) && outside.add(full);
  });
}

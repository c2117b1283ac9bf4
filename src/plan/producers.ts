/** Who makes which file: no two calls may write one path, and whoever reads a file that a call of the run makes comes after it. */
import { type FileRules, type InputRule, plainPath } from "../model/files.ts";

/** What must be known of a path with glob characters: they name many files, or none. */
const MAGIC = /[*?[\]{}]/;

/** Two calls that make one file. */
export interface Clash {
  /** The path. */
  readonly path: string;
  /** The node that had declared it before. */
  readonly other: number;
}

/** The declared outputs of a run. */
export class Producers {
  /** By path: the node that makes it. */
  private readonly makers = new Map<string, number>();
  /** Folders above declared outputs, with one node that makes something in each. */
  private readonly above = new Map<string, number>();
  /** By folder: the node that makes it, or a folder above it; as far as that was asked. */
  private readonly makersAbove = new Map<string, number | undefined>();

  /** The folder that was asked about last, and the node that makes it: paths of one folder come one after another. */
  private folder = "";
  private folderMaker: number | undefined;

  /** Notes what a node makes; gives the first path that another one makes too. */
  add(node: number, { outputs, plain }: FileRules): Clash | undefined {
    for (const rule of outputs) {
      const path = plain ? plainPath(rule) : normal(typeof rule === "string" ? rule : rule.path);
      if (!plain && MAGIC.test(path)) continue;
      const folder = folderOf(path);
      const other = this.makers.get(path) ?? this.above.get(path) ?? this.makerOf(folder);
      if (other !== undefined && other !== node) return { path, other };
      this.makers.set(path, node);
      if (this.makersAbove.has(path)) {
        this.makersAbove.clear();
        this.folder = "";
      }
      for (let at = folder; at !== "" && !this.above.has(at); at = folderOf(at)) this.above.set(at, node);
    }
    return undefined;
  }

  /** The nodes that make files which these rules read by name. */
  makersOf({ inputs, plain }: FileRules): readonly number[] {
    if (this.makers.size === 0) return NONE;
    let found: number[] | undefined;
    for (const rule of inputs) {
      const path = plain ? plainPath(rule) : pathOf(rule);
      if (path === undefined) continue;
      const maker = this.makers.get(path) ?? this.makerOf(folderOf(path));
      if (maker !== undefined) (found ??= []).push(maker);
    }
    return found ?? NONE;
  }

  /** The node that makes a folder, or one above it. */
  private makerOf(folder: string): number | undefined {
    if (folder === "") return undefined;
    if (folder === this.folder) return this.folderMaker;
    let maker = this.makersAbove.get(folder);
    if (maker === undefined && !this.makersAbove.has(folder)) {
      maker = this.makers.get(folder) ?? this.makerOf(folderOf(folder));
      this.makersAbove.set(folder, maker);
    }
    this.folder = folder;
    this.folderMaker = maker;
    return maker;
  }
}

/** The folder that a path lies in; empty for the topmost. */
function folderOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at <= 0 ? "" : path.slice(0, at);
}

const NONE: readonly number[] = [];

/** The path of a rule that names just one. */
function pathOf(rule: InputRule): string | undefined {
  const path = typeof rule === "string" ? rule : "path" in rule ? rule.path : undefined;
  return path === undefined || path.startsWith("!") || MAGIC.test(path) ? undefined : normal(path);
}

/** One spelling for each path. */
function normal(path: string): string {
  // Nearly all paths are written plainly, and there may be many.
  if (!path.includes("./") && !path.includes("//") && !path.endsWith("/") && !path.endsWith("..")) {
    return path;
  }
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" && parts.length > 0 || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

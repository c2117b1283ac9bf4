/**
 * Who makes which file: no two calls may write one path, and whoever reads a file that a call of the run makes comes after it.
 *
 * Files named one by one are what nearly all of a large run has: they are looked up in maps. Patterns and folders are compared
 * with a tree of the outputs, which is made when the first of them comes.
 */
import { type FileRules, type InputRule, plainPath } from "../model/files.ts";
import { exceptionOf, Exceptions, folderOf, MakerTree, mayBeFolder, type PatternMaker } from "./makers.ts";
import { fits, isPattern, type Pattern, patternOf, wholeOf } from "./patterns.ts";

/** Two calls that make one file. */
export interface Clash {
  /** The path. */
  readonly path: string;
  /** The node that had declared it before. */
  readonly other: number;
}

/** The nodes whose outputs a node reads. */
export interface Makers {
  /** Of files that it names. */
  readonly sure: readonly number[];
  /** Of files that may be among those that it means by patterns and folders, or that may fit a pattern of outputs. */
  readonly likely: readonly number[];
}

/** The declared outputs of a run. */
export class Producers {
  /** By path: the node that makes it. */
  private readonly makers = new Map<string, number>();
  /** Folders above declared outputs, with one node that makes something in each. */
  private readonly above = new Map<string, number>();
  /** By folder: the node that makes it, or a folder above it; as far as that was asked. */
  private readonly makersAbove = new Map<string, number | undefined>();
  /** By node: what it leaves out of its own outputs; few nodes do. */
  private readonly exceptions = new Map<number, Exceptions>();
  private tree: MakerTree | undefined;
  /** What was asked for, by list, for as long as nothing is added. */
  private readonly asked = new WeakMap<
    readonly InputRule[],
    { readonly version: number; readonly ignore: readonly string[]; readonly makers: Makers }
  >();
  private version = 0;

  /** The folder that was asked about last, and the node that makes it: paths of one folder come one after another. */
  private folder = "";
  private folderMaker: number | undefined;

  /** `shown` gives the one spelling of a path. */
  constructor(private readonly shown: (path: string) => string = (path) => path) {}

  /** Whether there are outputs that are not named one by one: what they are is known only when they are there. */
  get hasPatterns(): boolean {
    return this.tree?.hasPatterns ?? false;
  }

  /** Notes what a node makes; gives the first path that another one makes too. */
  add(node: number, { outputs, plain }: FileRules): Clash | undefined {
    this.version++;
    if (!plain) this.except(node, outputs.map((rule) => typeof rule === "string" ? rule : rule.path));
    for (const rule of outputs) {
      const path = plain ? plainPath(rule) : this.shown(typeof rule === "string" ? rule : rule.path);
      if (!plain && (path.startsWith("!") || path === ".")) continue;
      const clash = !plain && isPattern(path) ? this.addPattern(node, path) : this.addPath(node, path);
      if (clash !== undefined) return clash;
    }
    return undefined;
  }

  /** The nodes that make files which these rules read. */
  makersOf(rules: FileRules): Makers {
    if (this.makers.size === 0 && this.tree === undefined) return NOBODY;
    const { inputs, ignore, plain } = rules;
    if (plain) return this.search(rules);
    // A list that is no function of the input is one and the same for all calls of a task.
    const known = this.asked.get(inputs);
    if (known?.version === this.version && known.ignore.join("\0") === ignore.join("\0")) return known.makers;
    const makers = this.search(rules);
    this.asked.set(inputs, { version: this.version, ignore, makers });
    return makers;
  }

  private search(rules: FileRules): Makers {
    let sure: number[] | undefined;
    let likely: number[] | undefined;
    const { inputs, plain } = rules;
    for (let index = 0; index < inputs.length; index++) {
      const rule = inputs[index]!;
      const path = plain ? plainPath(rule) : pathOf(rule, this.shown);
      if (path !== undefined) {
        const maker = this.makers.get(path) ?? this.makerOf(folderOf(path));
        if (maker !== undefined) (sure ??= []).push(maker);
        else if (this.above.has(path) || this.hasPatterns) {
          likely = this.likely(
            wholeOf(path === "." ? "" : path),
            exceptionsOf(rules, index, this.shown),
            likely,
          );
        }
        continue;
      }
      const read = regionOf(rule, this.shown);
      if (read !== undefined) {
        likely = this.likely(read.pattern, exceptionsOf(rules, index, this.shown), likely, read.fits);
      }
    }
    return sure === undefined && likely === undefined
      ? NOBODY
      : { sure: sure ?? NONE, likely: likely ?? NONE };
  }

  /** The node that declares a path by its name, or a folder above it. */
  declarerOf(path: string): number | undefined {
    return this.makers.get(path) ?? this.makerOf(folderOf(path));
  }

  /** Whether one of two nodes leaves a path out of its outputs. */
  isExcepted(one: number, other: number, path: string): boolean {
    if (this.exceptions.size === 0) return false;
    return [one, other].some((node) => this.exceptions.get(node)?.hasPath(path) === true);
  }

  private addPath(node: number, path: string): Clash | undefined {
    const folder = folderOf(path);
    const other = this.makers.get(path) ?? this.above.get(path) ?? this.makerOf(folder);
    if (other !== undefined && other !== node && !this.isExcepted(other, node, path)) {
      const below = this.exceptions.has(node) ? this.makerBelow(path, node) : other;
      if (below !== undefined) return { path, other: below };
    }
    if (this.hasPatterns) {
      for (const one of this.tree!.meeting(wholeOf(path))) {
        if (one.node === node || this.isExcepted(one.node, node, path)) continue;
        if (this.exceptions.get(node)?.hasPattern(one)) continue;
        // Either it fits the path itself, or all that it fits lies below it.
        if (one.pattern.exact && fits(one.pattern, path) || isAtOrBelow(one.pattern.base, path)) {
          return { path, other: one.node };
        }
      }
    }
    this.makers.set(path, node);
    if (this.makersAbove.has(path)) {
      this.makersAbove.clear();
      this.folder = "";
    }
    for (let at = folder; at !== "" && !this.above.has(at); at = folderOf(at)) this.above.set(at, node);
    this.tree?.add(path);
    return undefined;
  }

  /** Another node that makes a path or something below it that neither of the two leaves out. */
  private makerBelow(path: string, node: number): number | undefined {
    this.tree ??= new MakerTree(this.makers);
    for (const one of this.tree.paths(wholeOf(path), false)) {
      const other = this.makers.get(one)!;
      if (other !== node && !this.isExcepted(other, node, one)) return other;
    }
    return this.makerOf(folderOf(path));
  }

  private addPattern(node: number, text: string): Clash | undefined {
    const one: PatternMaker = { node, text, pattern: patternOf(text) };
    const { base, exact } = one.pattern;
    const over = base === "" ? undefined : this.makers.get(base) ?? this.makerOf(folderOf(base));
    if (over !== undefined && over !== node && !this.exceptions.get(over)?.hasPattern(one)) {
      return { path: text, other: over };
    }
    const tree = this.tree ??= new MakerTree(this.makers);
    if (exact) {
      for (const path of tree.paths(one.pattern, false)) {
        const other = this.makers.get(path)!;
        if (other !== node && !this.isExcepted(other, node, path)) return { path, other };
      }
    }
    tree.addPattern(one);
    return undefined;
  }

  private except(node: number, texts: readonly string[]): void {
    const out = texts.filter((text) => text.startsWith("!")).map((text) => this.shown(text.slice(1)));
    if (out.length > 0) this.exceptions.set(node, new Exceptions(out.map(leftOut)));
  }

  /** Adds the nodes that may make what a pattern fits. */
  private likely(
    pattern: Pattern,
    except: Exceptions,
    found: number[] = [],
    fit?: (path: string) => boolean,
  ): number[] {
    const tree = this.tree ??= new MakerTree(this.makers);
    const over = pattern.base === "" ? undefined : this.makerOf(pattern.base);
    if (over !== undefined) found.push(over);
    for (const path of tree.paths(pattern, true)) {
      if (!except.hasPath(path) && (fit?.(path) ?? true)) found.push(this.makers.get(path)!);
    }
    for (const one of tree.meeting(pattern)) if (!except.hasPattern(one)) found.push(one.node);
    return found;
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

const NONE: readonly number[] = [];
const NOBODY: Makers = { sure: NONE, likely: NONE };

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The path of a rule that names just one. */
function pathOf(rule: InputRule, shown: (path: string) => string): string | undefined {
  const path = typeof rule === "string" ? rule : "path" in rule ? rule.path : undefined;
  return path === undefined || path.startsWith("!") || isPattern(path) ? undefined : shown(path);
}

/** Where a rule that names more than one path looks for files, and which of those there it means. */
function regionOf(
  rule: InputRule,
  shown: (path: string) => string,
): { readonly pattern: Pattern; readonly fits?: (path: string) => boolean } | undefined {
  if (typeof rule !== "string" && "root" in rule) {
    const root = shown(rule.root), start = root === "." ? 0 : root.length + 1;
    const { source, flags } = rule.pattern;
    // Without what makes a pattern go on where it left off.
    const pattern = new RegExp(source, flags.replace(/[gy]/g, ""));
    const fits = (path: string) => pattern.test(path.slice(start)) || mayBeFolder(path);
    return { pattern: wholeOf(root === "." ? "" : root), fits };
  }
  const text = typeof rule === "string" ? rule : rule.path;
  return text.startsWith("!") ? undefined : { pattern: patternOf(shown(text)) };
}

/** What later rules, and those for what is ignored, take away from one. */
function exceptionsOf({ inputs, ignore, plain }: FileRules, index: number, shown: (path: string) => string) {
  if (plain || ignore.length === 0 && index === inputs.length - 1) return NO_EXCEPTIONS;
  const later = inputs.slice(index + 1).flatMap((rule) =>
    typeof rule === "string" && rule.startsWith("!") ? [leftOut(shown(rule.slice(1)))] : []
  );
  const ignored = ignore.flatMap((text) => {
    const path = shown(text);
    if (!isPattern(path)) return [exceptionOf(path)];
    const pattern = path.includes("/") ? path : `**/${path}`;
    return [leftOut(pattern), leftOut(`${pattern}/**`)];
  });
  return new Exceptions([...later, ...ignored]);
}

const NO_EXCEPTIONS = new Exceptions([]);

function leftOut(path: string): readonly [text: string, pattern: Pattern] {
  return isPattern(path) ? [path, patternOf(path)] : exceptionOf(path);
}

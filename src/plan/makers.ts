/** The outputs of a run as a tree of folders, so that those are found that a pattern or a folder of inputs may mean. */
import { fits, mayFitBelow, mayMeet, type Pattern, wholeOf } from "./patterns.ts";

/** A pattern of outputs, and the node that declares it. */
export interface PatternMaker {
  readonly node: number;
  readonly text: string;
  readonly pattern: Pattern;
}

/** Paths and patterns of outputs, by folder. */
export class MakerTree {
  /** By folder: what lies in it on the way to an output. */
  private readonly children = new Map<string, string[]>();
  private readonly known = new Set<string>([""]);
  private readonly patterns = new Map<string, PatternMaker[]>();

  /** Takes the nodes of paths; more may come. */
  constructor(private readonly makers: ReadonlyMap<string, number>) {
    for (const path of makers.keys()) this.add(path);
  }

  /** Whether there are any patterns. */
  get hasPatterns(): boolean {
    return this.patterns.size > 0;
  }

  /** Takes in a path. */
  add(path: string): void {
    for (let at = path; !this.known.has(at); at = folderOf(at)) {
      this.known.add(at);
      const folder = folderOf(at), list = this.children.get(folder);
      if (list === undefined) this.children.set(folder, [at]);
      else list.push(at);
    }
  }

  /** Takes in a pattern. */
  addPattern(maker: PatternMaker): void {
    const { base } = maker.pattern;
    this.add(base);
    const list = this.patterns.get(base);
    if (list === undefined) this.patterns.set(base, [maker]);
    else list.push(maker);
  }

  /** The paths that a pattern fits, or, with `below`, that may be folders in which it fits something. */
  *paths(pattern: Pattern, below: boolean): Iterable<string> {
    for (const path of this.from(pattern.base, pattern)) {
      if (this.makers.has(path) && (fits(pattern, path) || below && mayBeFolder(path))) yield path;
    }
  }

  /** The patterns that may fit what a pattern fits. */
  *meeting(pattern: Pattern): Iterable<PatternMaker> {
    for (let at = pattern.base; at !== ""; at = folderOf(at)) yield* this.at(folderOf(at), pattern);
    for (const path of this.from(pattern.base, pattern)) yield* this.at(path, pattern);
  }

  private *at(base: string, pattern: Pattern): Iterable<PatternMaker> {
    for (const maker of this.patterns.get(base) ?? []) if (mayMeet(maker.pattern, pattern)) yield maker;
  }

  /** A path and all that is below it, as far as a pattern may fit something there. */
  private *from(path: string, pattern: Pattern): Iterable<string> {
    if (this.known.has(path)) yield path;
    for (const child of this.children.get(path) ?? []) {
      if (mayFitBelow(pattern, child)) yield* this.from(child, pattern);
    }
  }
}

/** Whether an output may be a folder: by its name, as long as it is not there. */
export function mayBeFolder(path: string): boolean {
  return !/[^/]\.[^./]+$/.test(path);
}

/** The folder that a path lies in; empty for the topmost. */
export function folderOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at <= 0 ? "" : path.slice(0, at);
}

/** Paths that are left out of others again. */
export class Exceptions {
  private readonly all: readonly { readonly text: string; readonly pattern: Pattern }[];

  /** Takes patterns by text; of a path all that is below it is left out too. */
  constructor(texts: readonly (readonly [text: string, pattern: Pattern])[]) {
    this.all = texts.map(([text, pattern]) => ({ text, pattern }));
  }

  /** Whether a path is left out. */
  hasPath(path: string): boolean {
    return this.all.some(({ pattern }) => pattern.exact && fits(pattern, path));
  }

  /** Whether all that a pattern fits is left out: as far as that can be seen. */
  hasPattern({ text, pattern }: Pick<PatternMaker, "text" | "pattern">): boolean {
    return this.all.some((one) =>
      one.text === text || one.pattern.exact && one.pattern.ways.some((way) => way.at(-1) === true) &&
        (pattern.base === "" ? false : fits(one.pattern, pattern.base))
    );
  }
}

/** The whole of a path, as an exception. */
export function exceptionOf(path: string): readonly [text: string, pattern: Pattern] {
  return [path, wholeOf(path)];
}

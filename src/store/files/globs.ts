/** Globs: what they match on disk, and whether a path fits. The library is loaded before the first of them is used. */
import { node } from "../../runtime/builtin.ts";
import { leadsUp } from "./walk.ts";
import { isGlob, type Spelling } from "./spelling.ts";

interface Library {
  globSync(pattern: string, options: Readonly<Record<string, unknown>>): string[];
  escapePath(path: string): string;
}
type Match = (path: string) => boolean;
type MakeMatch = (patterns: readonly string[], options: typeof MATCHING) => Match;

/** As the library itself has it: dots are letters like others, `[!a]` is any other letter; and so is the end of a line. */
const MATCHING = { dot: true, posix: true, flags: "s" } as const;

let library: Library | undefined;
let makeMatch: MakeMatch | undefined;
const matches = new Map<string, Match>();

/** Loads what globs need. Everything else about files is synchronous: await this where tasks declare files. */
export async function prepareGlobs(): Promise<void> {
  if (library !== undefined) return;
  // The matcher is the one that tinyglobby itself uses, so that both always agree.
  const [glob, match] = await Promise.all([
    import("npm:tinyglobby@0.2.17" as string),
    import("npm:picomatch@4.0.7" as string),
  ]);
  makeMatch = (match as unknown as { default: MakeMatch }).default;
  library = glob as unknown as Library;
}

function loaded(): { library: Library; makeMatch: MakeMatch } {
  if (library === undefined || makeMatch === undefined) {
    throw new Error("globs are used before `prepareGlobs()` was awaited");
  }
  return { library, makeMatch };
}

/** Whether paths fit a pattern; dots are letters like others. */
export function matcher(pattern: string): Match {
  let match = matches.get(pattern);
  if (match === undefined) matches.set(pattern, match = loaded().makeMatch([pattern], MATCHING));
  return match;
}

/** The folder above the first part of a pattern that is not plain. */
export function baseOf(pattern: string): string {
  const parts = pattern.split("/");
  const first = parts.findIndex(isGlob);
  const base = parts.slice(0, first === -1 ? -1 : first).join("/");
  return base !== "" ? base : pattern.startsWith("/") ? "/" : ".";
}

/** A plain path as a pattern. */
export function asPattern(path: string): string {
  return loaded().library.escapePath(path);
}

/** A link in the eyes of the library: a file, which is neither followed nor passed over. */
const asFile = { isFile: () => true, isDirectory: () => false, isSymbolicLink: () => false };
/** What the library sees for the end of a line in a name: its patterns end there. */
const LINE_END = "\u{f000a}";
const hidden = (path: string): string => path.includes("\n") ? path.replaceAll("\n", LINE_END) : path;
const shownAgain = (path: string): string => path.includes(LINE_END) ? path.replaceAll(LINE_END, "\n") : path;

/** What the library sees of the file system. */
function seenFiles(follow: boolean) {
  const { readdirSync, realpathSync, statSync } = node.fs;
  return {
    realpathSync: (path: string) => hidden(realpathSync(shownAgain(path))),
    statSync: (path: string, options: { throwIfNoEntry: false }) => statSync(shownAgain(path), options),
    readdirSync: (path: string, options: { withFileTypes: true }) => {
      const folder = shownAgain(path);
      let real: string | undefined;
      return readdirSync(folder, options).flatMap((entry) => {
        const isLink = entry.isSymbolicLink();
        if (isLink && follow) {
          const link = `${folder}/${entry.name}`;
          if (leads(link, () => real ??= realpathSync(folder))) return [];
        }
        if (!(isLink && !follow) && !entry.name.includes("\n")) return [entry];
        const other = Object.assign(Object.create(entry), isLink && !follow ? asFile : {});
        return [Object.defineProperty(other, "name", { value: hidden(entry.name) })];
      });
    },
  };
}

/** Whether a link leads nowhere or back to a folder above it: then it counts for nothing. */
function leads(link: string, folder: () => string): boolean {
  try {
    return leadsUp(link, folder());
  } catch {
    return true;
  }
}

/**
 * The files that fit a pattern, in no order, as paths that begin as the pattern does.
 *
 * @param follow whether links stand for what they lead to; otherwise they are files themselves.
 * @param ignore patterns of what need not be looked at; meant from the working folder, and only a hint.
 */
export function expandGlob(
  pattern: string,
  spelling: Spelling,
  follow: boolean,
  ignore: readonly string[],
): string[] {
  const options = {
    dot: true,
    expandDirectories: false,
    followSymbolicLinks: follow,
    fs: seenFiles(follow),
  };
  const { globSync } = loaded().library;
  if (!pattern.startsWith("/") && !pattern.startsWith("../")) {
    return globSync(hidden(pattern), { ...options, cwd: hidden(spelling.cwd), ignore: ignore.map(hidden) })
      .map(shownAgain);
  }
  // The library is slow outside its folder.
  const base = baseOf(pattern);
  const start = base === "/" ? "/" : `${base}/`;
  return globSync(hidden(pattern.slice(start.length)), { ...options, cwd: hidden(spelling.full(base)) })
    .map((path) => start + shownAgain(path));
}

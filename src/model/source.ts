/** Where a thing was written: reading call stacks of V8 and JavaScriptCore. */

/** A place in a module. */
export interface SourceFrame {
  /** The module's URL. */
  readonly module: string;
  /** Line, from 1. */
  readonly line: number;
  /** Column, from 1. */
  readonly column: number;
}

/** A source file as a run has read it. */
export interface SourceFile {
  readonly path: string;
  /** What it was like, short of its content: where that is the same, the content need not be looked at. */
  readonly mark: string;
  /** The SHA-256 of its bytes. */
  readonly digest: string;
}

/** The files that the validity of a task's results rests on, as a run has read them. */
export interface TaskSources {
  /** By URL of a module: the files that are loaded with it. */
  readonly loaded: readonly (readonly [module: string, files: readonly SourceFile[]])[];
  /** Files that its code may load or read at any time. */
  readonly late: readonly SourceFile[];
}

/** The frames of a stack text, innermost first; frames without a file are left out. */
export function stackFrames(stack: string | undefined): SourceFrame[] {
  const frames: SourceFrame[] = [];
  for (const line of (stack ?? "").split("\n")) {
    const match = /(?:\(|\bat (?:async )?|@)((?:[a-z][a-z0-9+.-]*:|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?\s*$/
      .exec(line);
    if (match === null) continue;
    frames.push({ module: moduleUrl(match[1]!), line: Number(match[2]), column: Number(match[3]) });
  }
  return frames;
}

/** A module's URL from what a stack calls it: Bun gives plain paths. */
function moduleUrl(place: string): string {
  if (/^[A-Za-z]:\\/.test(place)) return `file:///${place.replaceAll("\\", "/")}`;
  return place.startsWith("/") ? `file://${encodeURI(place)}` : place;
}

/** Whether a module belongs to a runtime rather than to a user. */
export function isRuntimeModule(module: string): boolean {
  return /^(node|ext|deno|bun|internal|native):/.test(module) || module.includes("/node_modules/.deno/");
}

const HERE = import.meta.url;
const SOURCE = "src/model/source.ts";
/** The folder runner lies in: of a checkout, or of the files it was bundled into. */
const ROOT = HERE.endsWith(`/${SOURCE}`)
  ? HERE.slice(0, -SOURCE.length)
  : HERE.slice(0, HERE.lastIndexOf("/") + 1).replace(/workers\/$/, "");

/** Modules of a bundle, from its folder. */
const BUNDLED = /^(cli|mod|workers\/(task_worker|held_host)|[\w.]+-[0-9A-Z]{8})\.js$/;
/** Where an executable writes what it carries for sandboxed processes. */
const CARRIED = /\/sandbox\/[0-9a-f]{32}\/(.*)/;

/** Whether a module is part of runner itself: of this checkout, of a bundle, or inside the executable. */
export function isOwnModule(module: string): boolean {
  if (module.includes("/$bunfs/") || module.includes("/~BUN/")) return true;
  const carried = CARRIED.exec(module);
  if (carried !== null && BUNDLED.test(carried[1]!)) return true;
  if (!module.startsWith(ROOT)) return false;
  const pattern = HERE.endsWith(`/${SOURCE}`) ? /^(src\/|workers\/|mod\.ts$|cli\.ts$)/ : BUNDLED;
  return pattern.test(module.slice(ROOT.length));
}

/** The user's frames of a stack, innermost first. */
export function userFrames(stack: string | undefined): SourceFrame[] {
  return stackFrames(stack).filter((frame) => !isOwnModule(frame.module) && !isRuntimeModule(frame.module));
}

/** A place for people: the path of a file URL, and `:line:column`. */
export function readableFrame(frame: SourceFrame): string {
  return `${readableModule(frame.module)}:${frame.line}:${frame.column}`;
}

/** A module for people: the path of a file URL, any other URL as it is. */
export function readableModule(module: string): string {
  if (!module.startsWith("file://")) return module;
  try {
    const path = decodeURIComponent(new URL(module).pathname);
    return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
  } catch {
    return module;
  }
}

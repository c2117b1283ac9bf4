/** The sources of local modules, for the digest of a task's code. */
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { isOwnModule } from "../model/source.ts";
import type { SourceReader } from "../plan/code/graph.ts";

/** Reads local modules; remembers what each file was like when it was read. */
export class CodeReader implements SourceReader {
  private readonly stamps = new Map<string, string>();

  resolve(specifier: string, from: string): string | undefined {
    // Runner itself is never part of a task's code, wherever it comes from.
    if (specifier === "runner") return undefined;
    try {
      if (/^\.{0,2}\//.test(specifier) || specifier.startsWith("file:")) {
        return local(new URL(specifier, from).href);
      }
      if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) return undefined;
      // A bare name may stand for a local module in an import map.
      return local(import.meta.resolve(specifier));
    } catch {
      return undefined;
    }
  }

  read(url: string): Uint8Array | undefined {
    if (!url.startsWith("file:")) return undefined;
    try {
      const path = fileURLToPath(url);
      const before = mark(path);
      const bytes = fs.readFileSync(path);
      this.stamps.set(path, before);
      return bytes;
    } catch {
      return undefined;
    }
  }

  /** The files that are not as they were when they were read. */
  changed(): readonly string[] {
    return [...this.stamps].filter(([path, before]) => mark(path) !== before).map(([path]) => path);
  }
}

/** What a file is like, short of its content. */
function mark(path: string): string {
  try {
    const { size, mtimeMs, ctimeMs, ino } = fs.statSync(path);
    return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
  } catch {
    return "gone";
  }
}

/** A URL, if it is a local module of the user's own. */
function local(url: string): string | undefined {
  return url.startsWith("file:") && !/\/node_modules\/|\/install\/cache\//.test(url) && !isOwnModule(url)
    ? url
    : undefined;
}

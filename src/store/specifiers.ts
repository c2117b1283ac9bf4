/** What the specifiers of a user's modules mean where that is more than a path or a URL: as the runtime that loads them reads them. */
import { fileURLToPath } from "node:url";
import { isOwnModule } from "../model/source.ts";
import { look } from "../runtime/look.ts";
import { resolveAs } from "../runtime/specifiers.ts";
import { scopedMeaning } from "./import_scopes.ts";

/** What may be left out at the end of a specifier, where a runtime lets it be left out; a file comes before a folder's index. */
const ENDINGS = [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".cts", ".cjs", ".json"];

/** Whether a specifier is a path or a file's URL. */
export function isPath(specifier: string): boolean {
  return /^\.{0,2}\//.test(specifier) || specifier.startsWith("file:");
}

/** The file that a path means when it means just that; `undefined` when nothing is there. */
export function plainMeaning(specifier: string, from: string): string | undefined {
  const url = new URL(specifier, from).href;
  return isFile(url) ? url : undefined;
}

/**
 * The local module of the user's own that a specifier means in a module, or would if it were there; of a package that lies in
 * `node_modules`, what says which version it is. `undefined` when it is none of these.
 */
export function meaning(specifier: string, from: string): string | undefined {
  try {
    const path = isPath(specifier);
    const found = resolveAs(specifier, from, path);
    const version = found === undefined ? undefined : packageOf(found);
    if (version !== undefined) return version;
    const url = found ??
      (path ? completed(bare(new URL(specifier, from).href), isFile) : scopedMeaning(specifier, from));
    return local(url ?? (path ? new URL(specifier, from).href : import.meta.resolve(specifier)));
  } catch {
    return undefined;
  }
}

/** What says which version of a package is there, for a module in `node_modules`: its files are not read, they are many. */
function packageOf(url: string): string | undefined {
  const folder = /^file:.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(url)?.[0];
  return folder !== undefined && isFile(`${folder}package.json`) ? `${folder}package.json` : undefined;
}

/** A URL, if it is a local module of the user's own. */
export function local(url: string): string | undefined {
  return url.startsWith("file:") && !/\/node_modules\/|\/install\/cache\//.test(url) && !isOwnModule(url)
    ? url
    : undefined;
}

/**
 * The file that is meant by a path without its ending, with the ending that it will have as JavaScript, or by its folder.
 *
 * @param isFile whether a file lies at a path, or a URL, of the kind that `base` is.
 */
export function completed(base: string, isFile: (path: string) => boolean): string | undefined {
  const typed = base.replace(/\.([cm]?)js(x?)$/, ".$1ts$2");
  if (typed !== base && isFile(typed)) return typed;
  return [...ENDINGS, ...ENDINGS.map((ending) => `/index${ending}`)].map((ending) => base + ending).find(
    isFile,
  );
}

function isFile(url: string): boolean {
  try {
    return look(fileURLToPath(bare(url)), true)?.kind === "file";
  } catch {
    return false;
  }
}

/** A URL without what stands behind its path. */
function bare(url: string): string {
  return url.replace(/[?#].*$/s, "").replace(/\/$/, "");
}

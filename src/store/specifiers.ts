/** What the specifiers of a user's modules mean where that is more than a path or a URL: as the runtime that loads them reads them. */
import { fileURLToPath } from "node:url";
import { isOwnModule } from "../model/source.ts";
import { look } from "../runtime/look.ts";
import { resolveAs } from "../runtime/specifiers.ts";
import { scopedMeaning } from "./import_scopes.ts";

/** What may be left out at the end of a specifier, where a runtime lets it be left out. */
const ENDINGS = [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".cts", ".cjs", ".json"].flatMap((ending) => [
  ending,
  `/index${ending}`,
]);

/** Whether a specifier is a path or a file's URL. */
export function isPath(specifier: string): boolean {
  return /^\.{0,2}\//.test(specifier) || specifier.startsWith("file:");
}

/** The file that a path means when it means just that; `undefined` when nothing is there. */
export function plainMeaning(specifier: string, from: string): string | undefined {
  const url = new URL(specifier, from).href;
  return isFile(url) ? url : undefined;
}

/** The local module of the user's own that a specifier means in a module, or would if it were there; `undefined` when it is none of these. */
export function meaning(specifier: string, from: string): string | undefined {
  try {
    const path = isPath(specifier);
    const url = resolveAs(specifier, from, path) ??
      (path ? completed(new URL(specifier, from).href) : scopedMeaning(specifier, from));
    return local(url ?? (path ? new URL(specifier, from).href : import.meta.resolve(specifier)));
  } catch {
    return undefined;
  }
}

/** A URL, if it is a local module of the user's own. */
export function local(url: string): string | undefined {
  return url.startsWith("file:") && !/\/node_modules\/|\/install\/cache\//.test(url) && !isOwnModule(url)
    ? url
    : undefined;
}

/** A path without its ending, or with the ending that it will have as JavaScript. */
function completed(url: string): string | undefined {
  const plain = url.replace(/[?#].*$/s, "").replace(/\/$/, "");
  const typed = plain.replace(/\.([cm]?)js(x?)$/, ".$1ts$2");
  if (typed !== plain && isFile(typed)) return typed;
  return ENDINGS.map((ending) => plain + ending).find(isFile);
}

function isFile(url: string): boolean {
  try {
    return look(fileURLToPath(url.replace(/[?#].*$/s, "")), true)?.kind === "file";
  } catch {
    return false;
  }
}

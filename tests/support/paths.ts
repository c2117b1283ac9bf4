/** Paths of the project's files, seen from `tests/support`. */
import { fileURLToPath } from "node:url";

/** The path of a file, relative to this folder. */
export function fromFileUrl(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** The path of a fixture. */
export function fixture(name: string): string {
  return fromFileUrl(`../fixtures/${name}`);
}

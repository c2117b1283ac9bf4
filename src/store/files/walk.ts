/** Everything below a folder. */
import { node } from "../../runtime/builtin.ts";
import { look } from "../../runtime/look.ts";

/** What lies below a folder, in no order; paths begin with the folder's own. */
export interface Walked {
  readonly files: string[];
  /** Empty when links are followed. */
  readonly links: string[];
  readonly folders: string[];
}

/** Walks through a folder. */
export interface WalkOptions {
  /** Whether links stand for what they lead to; those that lead nowhere, or back to a folder above them, count for nothing then. */
  readonly follow: boolean;
  /** Names of folders that are passed over. */
  readonly skip: ReadonlySet<string>;
  /** A folder that is passed over: its full path. */
  readonly skipFull: string | undefined;
}

/**
 * Lists what lies below a folder; pipes, sockets and devices count for nothing.
 *
 * @param full where it is.
 * @param shown what the paths begin with; `.` is left out.
 */
export function walk(full: string, shown: string, options: WalkOptions): Walked {
  const found: Walked = { files: [], links: [], folders: [] };
  enter(full, shown === "." ? "" : shown === "/" ? shown : `${shown}/`, options, found, []);
  return found;
}

/** Whether a link leads to the folder that it lies in, by its real path, or to one above that. */
export function leadsUp(link: string, folder: string): boolean {
  const target = node.fs.realpathSync(link);
  return target === folder || target === "/" || folder.startsWith(`${target}/`);
}

function enter(
  full: string,
  prefix: string,
  options: WalkOptions,
  found: Walked,
  /** Real paths of the folders that we are in, when links are followed. */
  around: readonly string[],
): void {
  let inside = around;
  if (options.follow) {
    const real = node.fs.realpathSync(full);
    if (around.includes(real)) return;
    inside = [...around, real];
  }
  for (const entry of node.fs.readdirSync(full, { withFileTypes: true })) {
    const path = prefix + entry.name;
    const place = full === "/" ? `/${entry.name}` : `${full}/${entry.name}`;
    let kind = entry.isFile()
      ? "file"
      : entry.isDirectory()
      ? "folder"
      : entry.isSymbolicLink()
      ? "link"
      : "other";
    if (kind === "link" && options.follow) {
      kind = look(place, true)?.kind ?? "other";
      if (kind === "folder" && leadsUp(place, inside.at(-1)!)) continue;
    }
    if (kind === "file") found.files.push(path);
    else if (kind === "link") found.links.push(path);
    else if (kind === "folder") {
      if (options.skip.has(entry.name) || place === options.skipFull) continue;
      found.folders.push(path);
      enter(place, `${path}/`, options, found, inside);
    }
  }
}

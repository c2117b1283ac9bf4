/**
 * Symbolic links in folders that a sandboxed task may use. Deno looks at the path that is asked for and not at what a link leads
 * to, so a link inside a permitted folder is a way out of it that has to be closed before the task begins. The task itself cannot
 * make links: that takes more than permissions for some folders.
 */
import fs from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { PermissionRule } from "../../model/permissions.ts";
import { covers, type Denied, isWithin } from "./flags.ts";

/** What links mean for a task. */
export interface LinkCheck {
  readonly denied: Denied;
  /** Why the task cannot be held to its permissions. */
  readonly problems: readonly string[];
}

/**
 * Looks at the links of all that may be read or written.
 *
 * A link in a folder that may only be read is denied when it leads to what may not be read. In a folder that may be written that
 * would not do, for its folder could be given another name: there a link that leads out, or would from another place, is a
 * problem. The same holds for a declared output that is a link itself.
 *
 * @param rule what the task may do, with paths in full.
 * @param outputs the declared outputs, in full.
 */
export async function checkLinks(rule: PermissionRule, outputs: readonly string[]): Promise<LinkCheck> {
  const read = new Set<string>();
  const problems: string[] = [];
  const { read: readable, write: writable } = rule;
  if (Array.isArray(writable)) {
    const real = [...writable, ...reals(writable.filter((path) => !outputs.includes(path)))];
    for (const path of writable) {
      if (outputs.includes(path)) problems.push(...linkItself(path, real));
      for await (const link of linksBelow(path)) problems.push(...wayOut(link, real));
    }
  }
  // From all there is nothing leads out.
  if (Array.isArray(readable) && !readable.includes("/")) {
    const real = [...readable, ...reals(readable)];
    for (const path of readable) {
      if (writable === true || covers(writable, path)) continue;
      for await (const link of linksBelow(path)) {
        const target = realOf(link);
        if (target === undefined || !covers(real, target)) read.add(link);
      }
    }
  }
  return { denied: { read: [...read], write: [] }, problems };
}

/** The problem of a declared output that is a link. */
function linkItself(path: string, permitted: readonly string[]): readonly string[] {
  const target = targetOf(path);
  if (target === undefined || covers(permitted, realOf(path) ?? target)) return [];
  return [`the output ${path} is a link to ${target}, which would be written in its place: remove the link`];
}

/** The problem of a link below a folder that may be written. */
function wayOut(link: string, permitted: readonly string[]): readonly string[] {
  const text = fs.readlinkSync(link);
  const climbs = !text.startsWith("/") && text.split(/[\\/]/).includes("..");
  const target = realOf(link);
  const stays = target === undefined ? !text.startsWith("/") : covers(permitted, target);
  if (stays && !climbs) return [];
  return [
    `it may write to the folder of ${link}, which is a link to ${text} and so a way out: remove the link, or permit a folder without it`,
  ];
}

/** What a link says it leads to, in full; `undefined` where there is no link. */
function targetOf(path: string): string | undefined {
  try {
    return resolve(dirname(path), fs.readlinkSync(path));
  } catch {
    return undefined;
  }
}

/** Where a path leads in the end; `undefined` when that is nowhere. */
function realOf(path: string): string | undefined {
  try {
    return fs.realpathSync(path);
  } catch {
    return undefined;
  }
}

function reals(paths: readonly string[]): string[] {
  return paths.flatMap((path) => realOf(path) ?? []);
}

/** All links below a folder; links are not followed, but for the folder itself. */
async function* linksBelow(folder: string): AsyncGenerator<string> {
  const open = [folder];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    let entries: fs.Dirent[];
    try {
      entries = await fs.promises.readdir(next, { withFileTypes: true });
    } catch {
      // It is no folder, it is not there, or nobody may look into it: the task may not either.
      continue;
    }
    for (const entry of entries) {
      const path = join(next, entry.name);
      if (entry.isSymbolicLink()) yield path;
      else if (entry.isDirectory()) open.push(path);
    }
  }
}

/** Which of runner's own folders a task might write to, by what is permitted; `true` is the user's word for all. */
export function endangered(rule: PermissionRule, own: readonly string[]): readonly string[] {
  const { write } = rule;
  if (!Array.isArray(write)) return [];
  const roots = [...write, ...reals(write)];
  const places = [...new Set([...own, ...reals(own)])];
  return places.flatMap((place) =>
    roots.filter((root) => isWithin(place, root) || isWithin(root, place)).map((root) =>
      `it may write to ${root}, ${
        isWithin(place, root) ? "where" : "which belongs to"
      } runner's own folder ${place}${
        isWithin(place, root) ? " is" : ""
      }: permit a smaller folder, or files by their names`
    )
  );
}

/** Looking at a file, a folder or a link: the fastest way that each runtime has. */
import type fs from "node:fs";
import { node } from "./builtin.ts";
import { askAnew, isRemembered } from "./network.ts";

interface DenoInfo {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
  readonly size: number;
  readonly mtime: Date | null;
  readonly ctime: Date | null;
  readonly ino: number | null;
  readonly mode: number | null;
  readonly dev: number;
}
interface DenoFiles {
  statSync(path: string): DenoInfo;
  lstatSync(path: string): DenoInfo;
}

const deno = (globalThis as { Deno?: DenoFiles }).Deno;

/** What there is at a path. Times in milliseconds, as exact as the runtime tells them: Deno tells `ctime` in whole seconds. */
export interface Look {
  readonly kind: "file" | "folder" | "link" | "other";
  readonly size: number;
  /** When its bytes were last changed. */
  readonly mtime: number;
  /** When anything about it was last changed. */
  readonly ctime: number;
  readonly inode: number;
  /** Permission bits. */
  readonly mode: number;
}

/**
 * Looks at a path; `undefined` when there is nothing. A file on NFS is asked for anew: another machine may have changed it.
 *
 * @param path the path.
 * @param follow whether a link stands for what it leads to; one that leads nowhere is nothing then.
 * @throws when it may not be looked at, or is no path at all.
 */
export function look(path: string, follow: boolean): Look | undefined {
  if (deno === undefined) return lookByNode(path, follow);
  let info: DenoInfo;
  try {
    const stat = follow ? deno.statSync : deno.lstatSync;
    info = stat(path);
    if (info.isFile && isRemembered(info.dev)) {
      askAnew(path);
      info = stat(path);
    }
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
  return {
    kind: info.isFile ? "file" : info.isDirectory ? "folder" : info.isSymlink ? "link" : "other",
    size: info.size,
    mtime: info.mtime?.getTime() ?? 0,
    ctime: info.ctime?.getTime() ?? 0,
    inode: info.ino ?? 0,
    mode: (info.mode ?? 0o644) & 0o777,
  };
}

function lookByNode(path: string, follow: boolean): Look | undefined {
  let info: fs.Stats | undefined;
  const { statSync, lstatSync } = node.fs;
  try {
    const stat = follow ? statSync : lstatSync;
    info = stat(path, { throwIfNoEntry: false });
    if (info !== undefined && info.isFile() && isRemembered(info.dev)) {
      askAnew(path);
      info = stat(path, { throwIfNoEntry: false });
    }
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
  if (info === undefined) return undefined;
  return {
    kind: info.isFile() ? "file" : info.isDirectory() ? "folder" : info.isSymbolicLink() ? "link" : "other",
    size: info.size,
    mtime: info.mtimeMs,
    ctime: info.ctimeMs,
    inode: info.ino,
    mode: info.mode & 0o777,
  };
}

/** Nothing there, or a file where a folder would have to be, or links in a circle. */
function isAbsence(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
}

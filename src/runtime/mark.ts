/** What a file is like, short of its content: where that is as it was, so is the content. */
import { look } from "./look.ts";

/** A file's mark; `gone` where none can be seen. */
export function mark(path: string): string {
  try {
    const found = look(path, true);
    return found === undefined ? "gone" : `${found.size} ${found.mtime} ${found.ctime} ${found.inode}`;
  } catch {
    return "gone";
  }
}

/** Whether a file with this mark was changed at a moment or later, Unix time in milliseconds: as far as its times tell. */
export function isChangedSince(mark: string, moment: number): boolean {
  const [, mtime = 0, ctime = 0] = mark.split(" ").map(Number);
  // A time that is later than the change that set it was set by hand; Deno tells `ctime` in whole seconds.
  return ctime >= moment || mtime >= moment && mtime < ctime + 1_000;
}

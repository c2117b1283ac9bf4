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

/**
 * What attempts that came to nothing have left where their outputs lie: it stays there to be looked at, and is known again by its
 * stamp when the next attempt of the call begins, which then begins without it.
 */
import type { LeftFile } from "../model/file_ports.ts";
import { node } from "../runtime/builtin.ts";
import { fs } from "../runtime/fs.ts";

/** What was noted last; what cannot be read is nothing. */
export function readLeftovers(file: string): readonly LeftFile[] {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")) as readonly LeftFile[];
  } catch {
    return [];
  }
}

/** Notes what was left; of nothing there is no note. */
export function writeLeftovers(file: string, left: readonly LeftFile[]): void {
  if (left.length === 0) return fs.rmSync(file, { force: true });
  try {
    fs.mkdirSync(node.path.dirname(file), { recursive: true });
    // Whole or not at all is no matter: half a note is no note, and then what is there stays, as a user's own would.
    fs.writeFileSync(
      file,
      JSON.stringify(left.map(({ path, size, mtime, inode }) => ({ path, size, mtime, inode }))),
    );
  } catch {
    // The disk is full, or the cache may not be written: that is told by whoever stores results.
  }
}

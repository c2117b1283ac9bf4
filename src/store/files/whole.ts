/** Folders that hold nothing but input files: whoever lists one sees only what counts. */
import { node } from "../../runtime/builtin.ts";
import { parentOf, type Spelling } from "./spelling.ts";

/** What folders hold. */
export interface Whole {
  /** Those that hold only inputs, whatever is below them; of one that holds more, what is so below it. */
  readonly folders: readonly string[];
  /** What else is in the folders that were asked for. A folder without inputs stands for all that is below it. */
  readonly others: readonly string[];
}

/**
 * Looks through folders for what is no input: what rules take away or nobody means, folders that hold nothing, links to folders.
 *
 * @param folders in their one spelling; those that are not there count for nothing.
 * @param files the inputs.
 */
export function wholeFolders(
  folders: readonly string[],
  files: readonly string[],
  spelling: Spelling,
): Whole {
  const inputs = new Set(files.map((path) => spelling.key(path)));
  const above = new Set<string>();
  for (const path of inputs) {
    for (let folder = parentOf(path); !above.has(folder); folder = parentOf(folder)) above.add(folder);
  }
  const whole: string[] = [];
  const others: string[] = [];
  /** Whether a folder holds only inputs; if not, those below it that do are noted. */
  const enter = (folder: string): boolean => {
    const within: string[] = [];
    const { length } = others;
    for (const entry of node.fs.readdirSync(spelling.full(folder), { withFileTypes: true })) {
      const path = folder === "."
        ? entry.name
        : folder === "/"
        ? `/${entry.name}`
        : `${folder}/${entry.name}`;
      const key = spelling.key(path);
      if (!entry.isDirectory()) {
        if (!inputs.has(key)) others.push(path);
      } else if (!above.has(key)) others.push(path);
      else if (enter(path)) within.push(path);
    }
    if (others.length === length) return true;
    whole.push(...within);
    return false;
  };
  for (const folder of folders) {
    try {
      if (enter(folder)) whole.push(folder);
    } catch {
      // It has gone, or nobody may look into it: the task may not either.
    }
  }
  return { folders: whole, others };
}

/** Looking at folders: what is in them, and waiting until something is. */
import { createHash } from "node:crypto";
import fs from "node:fs";

/** All paths below a folder with what they hold: `dir`, `-> target`, or size, time and digest of a file. */
export function treeOf(folder: string, times = false): Record<string, string> {
  const tree: Record<string, string> = {};
  const walk = (path: string, name: string): void => {
    const stat = fs.lstatSync(path);
    if (stat.isSymbolicLink()) tree[name] = `-> ${fs.readlinkSync(path)}`;
    else if (stat.isDirectory()) {
      tree[name] = times ? `dir ${stat.mtimeMs}` : "dir";
      for (const entry of fs.readdirSync(path).sort()) walk(`${path}/${entry}`, `${name}${entry}/`);
    } else {
      const digest = createHash("sha256").update(fs.readFileSync(path)).digest("hex").slice(0, 12);
      tree[name] = times ? `${stat.size} ${stat.mtimeMs} ${digest}` : `${stat.size} ${digest}`;
    }
  };
  if (fs.existsSync(folder)) walk(folder, "/");
  return tree;
}

/** The files below a folder whose path ends in `end`. */
export function filesEnding(folder: string, end: string): string[] {
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith(end))
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort();
}

/** Resolves when something holds; looks again and again. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const begun = performance.now();
  while (!holds()) {
    if (performance.now() - begun > 20_000) throw new Error(`waited in vain for: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** Resolves when a file is there. */
export async function appeared(path: string): Promise<void> {
  await until(path, () => fs.existsSync(path));
}

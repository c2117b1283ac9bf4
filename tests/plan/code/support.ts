/** Helpers for the tests of the code digest: projects in memory, and tasks found by their names in the text. */
import type { SourceFrame, TaskSource } from "../../../src/plan/code/analysis.ts";
import { CodeIndex } from "../../../src/plan/code/code_index.ts";
import type { ModuleReader } from "../../../src/plan/code/graph.ts";

/** Files of a project by their path. */
export type Files = Readonly<Record<string, string>>;

/** Reads the files of a project that lies in the folder `root`. */
export function reader(files: Files, root = "file:///home/me/project/"): ModuleReader {
  const encoder = new TextEncoder();
  return {
    resolve: (specifier, from) =>
      /^(?:\.\.?\/|file:)/.test(specifier) && URL.canParse(specifier, from)
        ? new URL(specifier, from).href
        : undefined,
    read(url) {
      const text = url.startsWith(root) ? files[url.slice(root.length)] : undefined;
      return text === undefined ? undefined : encoder.encode(text);
    },
  };
}

/** The frame that points at the first `text` in a file, `skip` characters into it. */
export function frameAt(
  files: Files,
  path: string,
  text: string,
  skip = 0,
  root = "file:///home/me/project/",
) {
  const offset = (files[path] ?? "").indexOf(text) + skip;
  if (offset < skip) throw new Error(`no ${text} in ${path}`);
  const lines = (files[path] ?? "").slice(0, offset).split("\n");
  const frame: SourceFrame = {
    module: root + path,
    line: lines.length,
    column: (lines.at(-1) ?? "").length + 1,
  };
  return frame;
}

/** All tasks that a project defines by `task("name"`, by their names. */
export function tasksOf(files: Files, root?: string): Record<string, TaskSource> {
  const tasks: Record<string, TaskSource> = {};
  for (const [path, text] of Object.entries(files)) {
    if (!/\.[jt]sx?$/.test(path)) continue;
    for (const match of text.matchAll(/\btask(?:<[^()]*>)?\s*\(\s*["'`]([\w-]+)["'`]/g)) {
      const frames = [frameAt(files, path, match[0], 0, root)];
      tasks[match[1] ?? ""] = { name: match[1] ?? "", frames, fallback: "() => 1" };
    }
  }
  return tasks;
}

/** The code digest of each task of a project. */
export function digests(
  files: Files,
  { root, tasks = tasksOf(files, root) }: { root?: string; tasks?: Record<string, TaskSource> } = {},
): Record<string, string> {
  const index = new CodeIndex(reader(files, root), Object.values(tasks));
  return Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, index.digest(task)]));
}

/** The names of tasks whose digests differ between two states of a project. */
export function changed(before: Files, after: Files): string[] {
  const old = digests(before), now = digests(after);
  return Object.keys(old).filter((name) => old[name] !== now[name]).sort();
}

/** Whether what a host has loaded is what the run has read when it worked out under which validities results lie. */
import { digestOf } from "../../model/digest.ts";
import type { SourceFile, TaskSources } from "../../model/source.ts";
import { fs } from "../../runtime/fs.ts";
import { mark } from "../../runtime/mark.ts";
import { isLoaded } from "./modules.ts";

/** The paths of those files that are not as the run has read them; a file that was only touched is. */
export function changedFiles(files: readonly SourceFile[]): string[] {
  return files.filter((file) => mark(file.path) !== file.mark && digestAt(file.path) !== file.digest)
    .map(({ path }) => path);
}

function digestAt(path: string): string {
  try {
    return digestOf(fs.readFileSync(path));
  } catch {
    return "";
  }
}

/** What one host has loaded. A file counts as it was when it was loaded: later edits change nothing in this host. */
export class LoadedSources {
  private readonly seen = new Set<string>();
  private readonly changed = new Set<string>();

  /**
   * Looks at what was loaded for a task, right after that: the files of its modules that were loaded and not looked at before.
   *
   * @param homes modules that are loaded although nobody here has asked for them: others import them.
   * @returns the paths of those that were not loaded as the run has read them.
   */
  check({ loaded }: TaskSources, homes: readonly string[]): readonly string[] {
    const files = loaded.flatMap(([module, files]) =>
      isLoaded(module) || homes.includes(module) ? files : []
    );
    for (const path of changedFiles(files.filter(({ path }) => !this.seen.has(path)))) this.changed.add(path);
    for (const { path } of files) this.seen.add(path);
    return [...new Set(files.map(({ path }) => path))].filter((path) => this.changed.has(path));
  }
}

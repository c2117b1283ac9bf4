/** Files that a dry run would bring back or take away: whoever reads them has to see them as if that had been done. */
import type { FoundFiles } from "../../model/file_ports.ts";
import type { FileRules, SeenFile, StoredFile, Trigger } from "../../model/files.ts";
import { markOf } from "./digest.ts";
import { matcher } from "./globs.ts";
import { absentText } from "./inputs.ts";
import { LeftOut } from "./left_out.ts";
import { Cover } from "./outputs.ts";
import { byText, isBelow, isGlob, type Spelling } from "./spelling.ts";

/** The ghosts of a dry run, by path. */
export class Ghosts {
  private readonly files = new Map<string, StoredFile & { readonly kind: "file" }>();

  private readonly gone = new Set<string>();

  /** Whether there are none. */
  get none(): boolean {
    return this.files.size + this.gone.size === 0;
  }

  /** Takes in what would be taken away. */
  remove(path: string): void {
    this.gone.add(path);
  }

  /** Takes in what would be brought back. */
  add(stored: readonly StoredFile[], paths: readonly string[]): void {
    for (const file of stored) {
      if (file.kind === "file" && paths.includes(file.path)) this.files.set(file.path, file);
    }
  }

  /** The mark a ghost would have. A file that is brought back is a new one: its time would be another. */
  mark(path: string, trigger: Trigger): string | undefined {
    const file = this.files.get(path);
    if (file === undefined && this.gone.has(path)) return "";
    return file && markOf(trigger, file.digest, Infinity);
  }

  /** What would be found if the ghosts were there. */
  appear(found: FoundFiles, rules: FileRules, spelling: Spelling): FoundFiles {
    const ignored = new LeftOut(rules.ignore.map((path) => spelling.shown(path)), true);
    const files = new Map(
      found.files.filter(({ path }) => !this.gone.has(path)).map((file) => [file.path, file]),
    );
    const own = new Cover(rules.outputs, spelling);
    for (const [path, file] of this.files) {
      if (own.allows(path) !== undefined || !isNamed(path, rules, spelling) || ignored.has(path)) continue;
      files.set(path, seenGhost(file, this.mark(path, rules.trigger)!));
    }
    const absent = new Set([...files.keys()].map(absentText));
    const problems = found.problems.filter((problem) =>
      !absent.has(problem) &&
      ![...this.files.keys()].some((path) => problem === absentText(parent(path, problem)))
    );
    const empty = found.empty?.filter((glob) => ![...files.keys()].some(matcher(glob))) ?? [];
    const { empty: _, ...rest } = found;
    return {
      ...rest,
      ...(empty.length > 0 && { empty }),
      files: [...files.values()].sort((a, b) => byText(a.path, b.path)),
      problems,
    };
  }
}

/** The folder above a path that a problem names, or the path itself. */
function parent(path: string, problem: string): string {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    if (problem === absentText(path.slice(0, at))) return path.slice(0, at);
  }
  return path;
}

/** Whether rules, one after the other, name a path in the end. */
function isNamed(path: string, { inputs }: FileRules, spelling: Spelling): boolean {
  let named = false;
  for (const rule of inputs) {
    if (typeof rule !== "string" && "root" in rule) {
      const root = spelling.shown(rule.root);
      rule.pattern.lastIndex = 0;
      named ||= isBelow(path, root) && rule.pattern.test(path.slice(root === "." ? 0 : root.length + 1));
      rule.pattern.lastIndex = 0;
      continue;
    }
    const text = typeof rule === "string" ? rule : rule.path;
    if (text.startsWith("!")) {
      if (new LeftOut([spelling.shown(text.slice(1))], false).has(path)) named = false;
      continue;
    }
    const shown = spelling.shown(text);
    named ||= shown === path || isBelow(path, shown) || isGlob(shown) && matcher(shown)(path);
  }
  return named;
}

function seenGhost({ path, digest, size }: StoredFile & { readonly kind: "file" }, mark: string): SeenFile {
  return { path, mark, digest, size, mtime: 0, ctime: 0, inode: 0, at: 0 };
}

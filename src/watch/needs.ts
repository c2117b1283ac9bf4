/** What a run needed of the file system: noted while it runs, watched when it is over, and compared when something changes. */
import type { Files, FoundFiles, Restored } from "../model/file_ports.ts";
import { type FileRules, type OutputRule, plainPath, type SeenFile, type Trigger } from "../model/files.ts";
import { look } from "../runtime/look.ts";
import { baseOf } from "../store/files/globs.ts";
import { isBelow, isGlob, type Spelling } from "../store/files/spelling.ts";
import { LeftOutputs, textOf } from "./outputs.ts";
import { Signed } from "./signed.ts";

/** When more paths than this have changed, no call is looked up before others for that. */
const MOST_CONCERNED = 64;

/** What one run needed. */
interface Noted {
  /** What was found for the inputs of each call. */
  readonly found: Map<FileRules, FoundFiles>;
  /** All rules, those of calls too that were not looked at. */
  rules: Set<FileRules>;
  /** Files that tasks have found out while they ran, by their keys. */
  readonly traced: Map<
    string,
    { readonly path: string; readonly trigger: Trigger; mark: string | undefined }
  >;
  readonly outputs: LeftOutputs;
}

/** The files of all runs of one watch. Stands between them and the file system, and notes what is asked. */
export class Needs implements Files {
  private noted: Noted;
  private before: Noted;
  private readonly signed: Signed;
  /** The keys of paths that have led to the run that is under way. */
  private concerned: ReadonlySet<string> = new Set();
  /** Which calls have found a file, by its key; made when something changes. */
  private index: Map<string, FileRules[]> | undefined;

  /** From now on `inner` trusts what it has seen. */
  constructor(private readonly inner: Files, private readonly spelling: Spelling) {
    inner.trust(true);
    this.signed = new Signed(spelling);
    this.noted = this.before = this.nothing();
  }

  /** A run begins, for these paths, as people see them, have changed. */
  begin(changed: readonly string[] = []): void {
    this.concerned = new Set(changed.map((path) => this.spelling.key(path)));
    this.before = this.noted;
    this.noted = this.nothing();
    this.index = undefined;
  }

  /** A run is over; without rules it never came to look at files, and what was needed before is needed still. */
  end(rules: Iterable<FileRules> | undefined): void {
    if (rules === undefined) {
      this.noted = this.before;
      return;
    }
    const { noted } = this;
    noted.rules = new Set(rules);
    for (const each of noted.rules) {
      // Calls that nobody has looked at, for what they need has failed: how it is now is what counts.
      if (!noted.found.has(each)) noted.found.set(each, this.inner.find(each));
    }
    noted.outputs.end(noted.rules);
    for (const [path, one] of noted.traced) one.mark ??= this.inner.mark(path, one.trigger);
  }

  /** Notes files that a task has found out. */
  trace(files: readonly string[], trigger: Trigger): void {
    for (const path of files) {
      const shown = this.spelling.shown(path);
      const key = this.spelling.key(shown);
      if (!this.noted.traced.has(key)) this.noted.traced.set(key, { path: shown, trigger, mark: undefined });
    }
  }

  /** What is to be watched, as absolute paths. */
  watched(): { readonly files: Set<string>; readonly trees: Set<string> } {
    const { noted, spelling } = this;
    const trees = new Set<string>();
    const files = new Set<string>();
    for (const rules of noted.rules) for (const root of rootsOf(rules, spelling)) trees.add(root);
    for (const found of noted.found.values()) for (const root of found.roots) trees.add(plain(root));
    for (const tree of noted.outputs.trees()) trees.add(tree);
    const full = (path: string) => spelling.full(path);
    for (const rules of noted.rules) for (const path of literalsOf(rules, spelling)) files.add(full(path));
    for (const found of noted.found.values()) for (const file of found.files) files.add(full(file.path));
    for (const path of noted.traced.keys()) files.add(full(path));
    for (const path of noted.outputs.paths()) files.add(full(path));
    return { files, trees: new Set([...trees].map(full)) };
  }

  /** The paths, as people see them, whose change matters to what the last run gave; told are absolute paths. */
  relevant(told: readonly string[]): string[] {
    const { spelling } = this;
    const keys = new Set(told.map((path) => spelling.key(spelling.shown(path))));
    // Each is told once, though it may have been named in two ways.
    const changed = new Map<string, string>();
    const add = (path: string) => {
      const key = spelling.key(path);
      if (!changed.has(key)) changed.set(key, path);
    };
    const { found, traced, outputs } = this.noted;
    // By absolute paths: a folder may lie above the working folder.
    const folders = [...keys].map((key) => spelling.full(key)).filter(mayBeFolder);
    const below = (key: string): boolean => {
      return folders.length > 0 && folders.some((folder) => isBelow(spelling.full(key), folder));
    };
    for (const each of this.candidates(keys, folders.length > 0)) {
      for (const path of differences(found.get(each)!, this.inner.find(each))) add(path);
    }
    for (const [key, { path, trigger, mark }] of traced) {
      if ((keys.has(key) || below(key)) && this.inner.mark(path, trigger) !== mark) add(path);
    }
    for (const key of keys) if (outputs.isChanged(key)) add(outputs.nameOf(key));
    if (folders.length > 0) {
      for (const key of outputs.paths()) if (below(key) && outputs.isChanged(key)) add(outputs.nameOf(key));
    }
    return [...changed.values()].sort();
  }

  /** A path as people see it. */
  shown(path: string): string {
    return this.spelling.shown(path);
  }

  /** Whether a file was written after a moment. */
  changedSince(path: string, moment: number): boolean {
    return moment !== Infinity && (look(path, true)?.mtime ?? 0) >= moment;
  }

  /** The digest of a file's bytes, empty when it is absent. */
  digest(path: string): string {
    return this.inner.mark(path, "content");
  }

  find(rules: FileRules): FoundFiles {
    const earlier = this.noted.found.get(rules);
    // Asked twice in one run: a file was not any more what it was taken for, and nobody may have told that yet.
    if (earlier !== undefined) this.inner.changed(earlier.files.map(({ path }) => path));
    const found = this.inner.find(rules);
    this.noted.found.set(rules, found);
    return found;
  }

  restore(...given: Parameters<Files["restore"]>): Restored {
    const [stored] = given;
    const restored = this.inner.restore(...given);
    this.signed.drop(stored.map(({ path }) => path));
    if (restored.kind !== "unable") this.noted.outputs.restored(stored);
    return restored;
  }

  signature(rules: readonly OutputRule[], plain = false): string {
    const signature = this.signed.get(rules, plain, () => this.inner.signature(rules, plain));
    this.noted.outputs.signed(rules, signature);
    return signature;
  }

  note(files: readonly SeenFile[]): void {
    this.inner.note(files);
    this.signed.drop(files.map(({ path }) => path));
    this.noted.outputs.wrote(files);
  }

  mark(path: string, trigger: Trigger): string {
    const mark = this.inner.mark(path, trigger);
    const shown = this.spelling.shown(path);
    this.noted.traced.set(this.spelling.key(shown), { path: shown, trigger, mark });
    return mark;
  }

  trust(_watched: boolean): void {
    // They are, for as long as this is there.
  }

  changed(paths: readonly string[]): void {
    this.signed.drop(paths);
    this.inner.changed(paths);
  }

  isConcerned(rules: FileRules): boolean {
    const { concerned, spelling } = this;
    if (concerned.size === 0 || concerned.size > MOST_CONCERNED) return false;
    const { inputs, outputs, plain } = rules;
    if (plain) {
      return inputs.some((path) => concerned.has(plainPath(path))) ||
        outputs.some((path) => concerned.has(plainPath(path)));
    }
    const names = [
      ...literalsOf(rules, spelling),
      ...rootsOf(rules, spelling),
      ...outputs.map((rule) => spelling.shown(textOf(rule))),
    ].map((name) => spelling.key(name));
    return [...concerned].some((path) => names.some((name) => path === name || isBelow(path, name)));
  }

  close(): void {
    this.inner.close();
  }

  warnings(): readonly string[] {
    return this.inner.warnings();
  }

  private nothing(): Noted {
    return {
      found: new Map(),
      rules: new Set(),
      traced: new Map(),
      outputs: new LeftOutputs(this.inner, this.spelling),
    };
  }

  /** The calls whose inputs may be others now. */
  private candidates(keys: ReadonlySet<string>, all: boolean): Iterable<FileRules> {
    const { found } = this.noted;
    if (all) return found.keys();
    if (this.index === undefined) {
      this.index = new Map();
      for (const [rules, { files }] of found) {
        for (const { path } of files) {
          const key = this.spelling.key(path);
          const list = this.index.get(key);
          if (list === undefined) this.index.set(key, [rules]);
          else list.push(rules);
        }
      }
    }
    const hit = new Set<FileRules>();
    for (const key of keys) for (const rules of this.index.get(key) ?? []) hit.add(rules);
    for (const [rules, { problems, roots }] of found) {
      if (problems.length > 0 || roots.length > 0) hit.add(rules);
    }
    return hit;
  }
}

/** Whether an absolute path is a folder, or is gone and may have been one. */
function mayBeFolder(full: string): boolean {
  try {
    return look(full, true)?.kind !== "file";
  } catch {
    return true;
  }
}

/** Plain paths among inputs. */
function literalsOf({ inputs }: FileRules, spelling: Spelling): string[] {
  return inputs.flatMap((rule) => {
    const text = typeof rule === "string" ? rule : "path" in rule ? rule.path : "";
    // A path with the letters of a glob that is there is among the files that were found.
    return text === "" || text.startsWith("!") || isGlob(text) ? [] : [spelling.shown(text)];
  });
}

/** Folders in which inputs are looked for. */
function rootsOf({ inputs }: FileRules, spelling: Spelling): string[] {
  return inputs.flatMap((rule) => {
    if (typeof rule !== "string" && "root" in rule) return [spelling.shown(rule.root)];
    const text = typeof rule === "string" ? rule : rule.path;
    return !text.startsWith("!") && isGlob(text) ? [baseOf(spelling.shown(text))] : [];
  });
}

/** The folder or file that a root means. */
function plain(root: string): string {
  return isGlob(root) ? baseOf(root) : root;
}

/** The paths by which two findings differ. */
function differences(before: FoundFiles, now: FoundFiles): string[] {
  const marks = new Map(before.files.map(({ path, mark }) => [path, mark]));
  const changed: string[] = [];
  for (const { path, mark } of now.files) {
    if (marks.get(path) !== mark) changed.push(path);
    marks.delete(path);
  }
  changed.push(...marks.keys());
  if (changed.length === 0 && before.problems.join("\n") !== now.problems.join("\n")) {
    changed.push(...now.problems.length > 0 ? now.problems : before.problems);
  }
  return changed;
}

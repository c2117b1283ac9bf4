/** From rules for input files to the paths that they mean now. */
import type { FileRules, InputRule, OutputRule } from "../../model/files.ts";
import { look } from "../../runtime/look.ts";
import { baseOf, expandGlob } from "./globs.ts";
import { Cover } from "./outputs.ts";
import { LeftOut } from "./left_out.ts";
import type { Sight } from "./sight.ts";
import { isBelow, isGlob } from "./spelling.ts";

/** What rules mean. */
export interface Expanded {
  readonly paths: ReadonlySet<string>;
  readonly problems: readonly string[];
  readonly roots: readonly string[];
  readonly folders: readonly string[];
  readonly shared: readonly string[];
  readonly empty: readonly string[];
}

/** Remembers what folders and globs gave, for as long as somebody watches them. */
export class Listings {
  private readonly lists = new Map<string, { readonly base: string; readonly paths: readonly string[] }>();
  /** Whether anything is remembered. */
  watched = false;

  /** A list, made if it is not remembered; `base` is the absolute path of what it lists. */
  get(key: string, base: string, make: () => readonly string[]): readonly string[] {
    const known = this.watched ? this.lists.get(key) : undefined;
    if (known !== undefined) return known.paths;
    const paths = make();
    if (this.watched) this.lists.set(key, { base, paths });
    return paths;
  }

  /** Forgets what a change of an absolute path may have changed. */
  drop(path: string): void {
    for (const [key, { base }] of this.lists) {
      if (path === base || isBelow(path, base) || isBelow(base, path)) this.lists.delete(key);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.lists.clear();
  }
}

/** Expands rules whose globs, folders and exceptions need more than a look. */
export class Expansion {
  private readonly paths = new Set<string>();
  private readonly absent = new Set<string>();
  private readonly problems: string[] = [];
  private readonly roots: string[] = [];
  private readonly folders: string[] = [];
  private readonly empty: string[] = [];
  /** Files that are named themselves. */
  private readonly named = new Set<string>();
  private readonly ignored: LeftOut;

  constructor(
    private readonly sight: Sight,
    private readonly listings: Listings,
    private readonly rules: Pick<FileRules, "inputs" | "ignore"> & Partial<Pick<FileRules, "outputs">>,
  ) {
    this.ignored = new LeftOut(rules.ignore.map((path) => sight.spelling.shown(path)), true);
  }

  /** The paths, in no order. */
  expand(): Expanded {
    for (const [index, rule] of this.rules.inputs.entries()) {
      try {
        this.apply(rule, index);
      } catch (error) {
        this.problems.push(`input ${ruleText(rule)} cannot be read: ${(error as Error).message}`);
      }
    }
    if (!this.ignored.isEmpty) {
      for (const path of this.paths) if (this.ignored.has(path)) this.paths.delete(path);
      for (const path of this.absent) if (this.ignored.has(path)) this.absent.delete(path);
    }
    const shared = this.takeOwn();
    for (const path of this.absent) this.problems.push(absentText(path));
    const { paths, problems, roots, folders, empty } = this;
    return { paths, problems, roots, folders, shared, empty };
  }

  /**
   * A task's own outputs are no inputs of it, unless it names them; gives those that a glob of its outputs fits: nobody can say
   * that they were not there before it.
   */
  private takeOwn(): string[] {
    const { outputs = [] } = this.rules;
    if (outputs.length === 0 || this.paths.size === this.named.size) return [];
    const { spelling } = this.sight;
    const own = new Cover(outputs, spelling);
    const certain = new Cover(
      outputs.filter((rule) => !isGlob(ruleText(rule)) || ruleText(rule).startsWith("!")),
      spelling,
    );
    const shared: string[] = [];
    for (const path of this.paths) {
      if (this.named.has(path) || own.allows(path) === undefined) continue;
      this.paths.delete(path);
      if (certain.allows(path) === undefined) shared.push(path);
    }
    return shared;
  }

  private apply(rule: InputRule, index: number): void {
    const { spelling } = this.sight;
    if (typeof rule !== "string" && "root" in rule) return this.applyRegex(rule.root, rule.pattern);
    const text = typeof rule === "string" ? rule : rule.path;
    if (text.startsWith("!")) {
      const out = new LeftOut([spelling.shown(text.slice(1))], false);
      for (const path of this.paths) if (out.has(path)) this.paths.delete(path);
      for (const path of this.absent) if (out.has(path)) this.absent.delete(path);
      return;
    }
    const path = spelling.shown(text);
    const full = spelling.full(path);
    const found = look(full, true);
    // A path that is there as it is written is that path, whatever its letters: `app/[id]/page.tsx`.
    const isOptional = typeof rule !== "string" && rule.optional === true;
    if (found === undefined && isGlob(path)) return this.applyGlob(path, index, isOptional);
    if (found === undefined) {
      if (isOptional) this.roots.push(path);
      else this.absent.add(path);
    } else if (found.kind === "folder") {
      this.roots.push(path);
      this.folders.push(path);
      const files = this.listings.get(`folder ${path}`, full, () => this.sight.below(path, true).files);
      for (const file of files) this.paths.add(file);
    } else if (found.kind === "file") {
      this.paths.add(path);
      this.named.add(path);
    } else this.problems.push(`input ${path} is neither a file nor a folder`);
  }

  private applyGlob(pattern: string, index: number, isOptional: boolean): void {
    this.roots.push(pattern);
    const { spelling } = this.sight;
    // What later rules take away, or nobody means, need not be looked at.
    const later = this.rules.inputs.slice(index + 1)
      .flatMap((rule) =>
        typeof rule === "string" && rule.startsWith("!") ? [spelling.shown(rule.slice(1))] : []
      );
    const base = baseOf(pattern);
    const out = new LeftOut(later, false);
    const hints = [...this.sight.ownPatterns(pattern, true), ...out.hints(), ...this.ignored.hints()];
    const key = `glob ${pattern}\0${hints.join("\0")}`;
    const list = this.listings.get(
      key,
      spelling.full(base),
      () => expandGlob(pattern, spelling, true, hints),
    );
    if (list.length === 0 && !isOptional) this.empty.push(pattern);
    for (const path of list) this.paths.add(path);
  }

  private applyRegex(root: string, pattern: RegExp): void {
    const { spelling } = this.sight;
    const folder = spelling.shown(root);
    const full = spelling.full(folder);
    if (look(full, true)?.kind !== "folder") {
      this.problems.push(`input folder ${folder}, which ${pattern} is to be matched in, does not exist`);
      return;
    }
    this.roots.push(folder);
    const start = folder === "." ? 0 : folder === "/" ? 1 : folder.length + 1;
    const files = this.listings.get(`folder ${folder}`, full, () => this.sight.below(folder, true).files);
    for (const file of files) {
      // A pattern with `g` or `y` goes on where it left off.
      pattern.lastIndex = 0;
      if (pattern.test(file.slice(start))) this.paths.add(file);
    }
    pattern.lastIndex = 0;
  }
}

/** How to say that an input is not there. */
export function absentText(path: string): string {
  return `input file ${path} does not exist`;
}

function ruleText(rule: InputRule | OutputRule): string {
  return typeof rule === "string" ? rule : "root" in rule ? `${rule.root} ${rule.pattern}` : rule.path;
}

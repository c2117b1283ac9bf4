/** Rules for output files: what they mean on disk now, and which paths they allow. */
import type { OutputRule } from "../../model/files.ts";
import { type Look, look } from "../../runtime/look.ts";
import { baseOf, expandGlob, matcher } from "./globs.ts";
import { LeftOut } from "./left_out.ts";
import type { Sight } from "./sight.ts";
import { isBelow, isGlob, parentOf, type Spelling } from "./spelling.ts";

/** What rules mean on disk. */
export interface FoundOutputs {
  /** By path: what there is, links not followed. */
  readonly found: ReadonlyMap<string, Look>;
  /** Rules that nothing fits. */
  readonly missing: readonly string[];
  /** Files that are older than they may be. */
  readonly old: readonly string[];
}

interface Parsed {
  readonly path: string;
  readonly removes: boolean;
  readonly maxAge: number | undefined;
}

function parse(rule: OutputRule, spelling: Spelling): Parsed {
  const text = typeof rule === "string" ? rule : rule.path;
  const removes = text.startsWith("!");
  const maxAge = typeof rule === "string" ? undefined : rule.maxAge;
  return { path: spelling.shown(removes ? text.slice(1) : text), removes, maxAge };
}

/** Finds the outputs that a task has left. */
export function findOutputs(rules: readonly OutputRule[], sight: Sight): FoundOutputs {
  const { spelling } = sight;
  const found = new Map<string, Look>();
  const old = new Set<string>();
  const missing: string[] = [];
  const parsed = rules.map((rule) => parse(rule, spelling));
  for (const [index, { path, removes, maxAge }] of parsed.entries()) {
    const add = (name: string, seen: Look | undefined): boolean => {
      if (seen === undefined || seen.kind === "other") return false;
      found.set(name, seen);
      if (maxAge !== undefined && seen.kind !== "folder" && Date.now() - seen.mtime > maxAge) old.add(name);
      return true;
    };
    const addAll = (names: readonly string[]) => {
      let count = 0;
      for (const name of names) if (add(name, look(spelling.full(name), false))) count++;
      return count;
    };
    if (removes) {
      const out = new LeftOut([path], false);
      for (const name of found.keys()) {
        if (!out.has(name)) continue;
        found.delete(name);
        old.delete(name);
      }
      continue;
    }
    const seen = look(spelling.full(path), false);
    if (seen === undefined && isGlob(path)) {
      const later = parsed.slice(index + 1).flatMap((rule) => rule.removes ? [rule.path] : []);
      const out = new LeftOut(later, false);
      const hints = [...out.hints(), ...sight.ownPatterns(path, false)];
      const names = expandGlob(path, spelling, false, hints).filter((name) => !out.has(name));
      if (addAll(names) === 0) missing.push(path);
      continue;
    }
    if (!add(path, seen)) missing.push(path);
    else if (seen?.kind === "folder") {
      const { files, links, folders } = sight.below(path, false);
      addAll(files);
      addAll(links);
      addAll(folders);
    }
  }
  return { found, missing, old: [...old] };
}

/** Where a path that rules allow may be written. */
export interface Allowed {
  /** Folders down to this one may be anything, links too; below it there must be none. */
  readonly trusted: string;
  readonly maxAge: number | undefined;
}

/** Which paths rules allow: no other is ever written. */
export class Cover {
  private readonly rules: readonly Parsed[];
  private readonly plain = new Map<string, Parsed>();
  private readonly globs: Parsed[] = [];
  private readonly removes: boolean;

  constructor(rules: readonly OutputRule[], private readonly spelling: Spelling) {
    this.rules = rules.map((rule) => parse(rule, spelling));
    this.removes = this.rules.some((rule) => rule.removes);
    for (const rule of this.rules) {
      if (rule.removes) continue;
      // The name of a literal may look like a glob; what the pattern fits besides is declared then as well.
      this.plain.set(rule.path, rule);
      if (isGlob(rule.path)) this.globs.push(rule);
    }
  }

  /** Whether, and where, a path may be written; it must have its one spelling. */
  allows(path: string): Allowed | undefined {
    if (path === "" || path.includes("\0") || this.spelling.shown(path) !== path) return undefined;
    const rule = this.removes ? this.lastOf(path) : this.anyOf(path);
    if (rule === undefined || rule.removes) return undefined;
    const outside = path.startsWith("/") || path.startsWith("../") || path === "..";
    const trusted = !outside ? "." : isGlob(rule.path) ? baseOf(rule.path) : parentOf(rule.path);
    return { trusted, maxAge: rule.maxAge };
  }

  /** The rules that none of some paths fits. */
  unmet(paths: readonly string[]): string[] {
    const all = new Set(paths);
    return [...this.plain.keys()].filter((rule) =>
      !all.has(rule) && !(isGlob(rule) && paths.some(matcher(rule))) &&
      !(this.removes && this.lastOf(rule)?.removes === true)
    );
  }

  /** A rule that a path fits, when none of them removes any. */
  private anyOf(path: string): Parsed | undefined {
    const exact = this.plain.get(path);
    if (exact !== undefined) return exact;
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const above = this.plain.get(path.slice(0, at));
      if (above !== undefined && isBelow(path, above.path)) return above;
    }
    for (const top of [".", "/"]) {
      const above = this.plain.get(top);
      if (above !== undefined && isBelow(path, top)) return above;
    }
    return this.globs.find((rule) => matcher(rule.path)(path));
  }

  /** The last rule that a path fits: the one that decides. */
  private lastOf(path: string): Parsed | undefined {
    return this.rules.findLast((rule) => fits(path, rule));
  }
}

/** Whether a path is meant by a rule. */
function fits(path: string, rule: Parsed): boolean {
  if (path === rule.path || isBelow(path, rule.path)) return true;
  if (!isGlob(rule.path)) return false;
  return rule.removes ? new LeftOut([rule.path], false).has(path) : matcher(rule.path)(path);
}

/** The paths that rules name themselves. */
export function namedIn(rules: readonly OutputRule[], spelling: Spelling): Set<string> {
  return new Set(
    rules.map((rule) => parse(rule, spelling)).filter(({ removes }) => !removes).map(({ path }) => path),
  );
}

/** The folders in which outputs are to lie: those of files that are named themselves, and those that globs begin with. */
export function parentsOf(rules: readonly OutputRule[], spelling: Spelling): string[] {
  const parents = new Set<string>();
  for (const rule of rules) {
    const { path, removes } = parse(rule, spelling);
    if (!removes) parents.add(isGlob(path) ? baseOf(path) : parentOf(path));
  }
  parents.delete(".");
  return [...parents];
}

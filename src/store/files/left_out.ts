/** What is left out of a set of files again: `!pattern` among rules, and what is ignored. */
import { asPattern, matcher } from "./globs.ts";
import { isBelow, isGlob } from "./spelling.ts";

/** Paths, each with what is below it, and globs. */
export class LeftOut {
  private readonly plain: string[] = [];
  private readonly patterns: string[] = [];

  /**
   * @param rules paths and globs in their one spelling.
   * @param ignoring whether these are the rules of `ignore`: a glob without a `/` is meant for names in all folders then, and one
   * that fits a folder for what is below it too.
   */
  constructor(rules: readonly string[], ignoring: boolean) {
    for (const rule of rules) {
      if (!isGlob(rule)) this.plain.push(rule);
      else {
        const pattern = ignoring && !rule.includes("/") ? `**/${rule}` : rule;
        this.patterns.push(pattern);
        if (ignoring) this.patterns.push(`${pattern}/**`);
      }
    }
  }

  /** Whether nothing is left out. */
  get isEmpty(): boolean {
    return this.plain.length + this.patterns.length === 0;
  }

  /** Whether a path is left out. */
  has(path: string): boolean {
    for (const one of this.plain) if (path === one || isBelow(path, one)) return true;
    for (const pattern of this.patterns) if (matcher(pattern)(path)) return true;
    return false;
  }

  /** Patterns of folders that need not be entered. Others are not told: the library takes one that fits a folder for all below. */
  hints(): string[] {
    return [
      ...this.plain.flatMap((path) => [asPattern(path), `${asPattern(path)}/**`]),
      ...this.patterns.filter((pattern) => pattern.endsWith("/**")),
    ];
  }
}

/** What is left out of a set of files again: `!pattern` among rules, and what is ignored. */
import { asPattern, matcher } from "./globs.ts";
import { isBelow, isGlob } from "./spelling.ts";

/** Paths and globs; each stands for what is below it too. */
export class LeftOut {
  private readonly plain: string[] = [];
  private readonly patterns: string[] = [];

  /**
   * @param rules paths and globs in their one spelling.
   * @param anyDepth whether a glob without a `/` is meant for names in all folders.
   */
  constructor(rules: readonly string[], anyDepth: boolean) {
    for (const rule of rules) {
      if (!isGlob(rule)) this.plain.push(rule);
      else {
        const pattern = anyDepth && !rule.includes("/") ? `**/${rule}` : rule;
        this.patterns.push(pattern, `${pattern}/**`);
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

  /** The same as patterns. */
  hints(): string[] {
    return [...this.plain.flatMap((path) => [asPattern(path), `${asPattern(path)}/**`]), ...this.patterns];
  }
}

/** Signatures of outputs, remembered while their files are watched: a run with nothing to do need not look at each of them. */
import { type OutputRule, plainPath } from "../model/files.ts";
import { isBelow, type Spelling } from "../store/files/spelling.ts";
import { textOf } from "./outputs.ts";

/** What outputs were when they were looked at; until one of them is told to have changed. */
export class Signed {
  private readonly known = new Map<string, string>();
  /** By the key of a path: the lists it stands in. */
  private readonly lists = new Map<string, Set<string>>();

  constructor(private readonly spelling: Spelling) {}

  /** The signature of a list, made when it is not known. */
  get(rules: readonly OutputRule[], plain: boolean, make: () => string): string {
    // A plain path has no letter that lists begin with as texts.
    const list = plain && rules.length === 1 ? plainPath(rules[0]!) : JSON.stringify(rules);
    const known = this.known.get(list);
    if (known !== undefined) return known;
    const signature = make();
    // An age is another one each time; what is empty is no signature.
    if (signature === "") return signature;
    this.known.set(list, signature);
    for (const rule of rules) {
      const path = this.key(textOf(rule));
      const lists = this.lists.get(path);
      if (lists === undefined) this.lists.set(path, new Set([list]));
      else lists.add(list);
    }
    return signature;
  }

  /** Forgets what a path stands in, and everything below it. */
  drop(paths: Iterable<string>): void {
    const others: string[] = [];
    for (const path of paths) {
      const key = this.key(path);
      const lists = this.lists.get(key);
      if (lists === undefined) others.push(key);
      else this.forget(key, lists);
    }
    if (others.length === 0 || this.lists.size === 0) return;
    const above = new Set(others);
    for (const [path, lists] of this.lists) {
      let at = path.lastIndexOf("/");
      while (at > 0 && !above.has(path.slice(0, at))) at = path.lastIndexOf("/", at - 1);
      if (at > 0 || above.has(".") && isBelow(path, ".")) this.forget(path, lists);
    }
  }

  private key(path: string): string {
    return this.spelling.key(this.spelling.shown(path));
  }

  private forget(path: string, lists: ReadonlySet<string>): void {
    for (const list of lists) this.known.delete(list);
    this.lists.delete(path);
  }
}

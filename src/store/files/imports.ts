/** The local modules that input modules import, and the files they name by `new URL("…", import.meta.url)`. */
import fs from "node:fs";
import { type Look, look } from "../../runtime/look.ts";
import { write } from "../../plan/code/canonical.ts";
import { type Module, parseModule } from "../../plan/code/module.ts";
import { isWord } from "../../plan/code/tokens.ts";
import { completed } from "../specifiers.ts";
import { isSettled, sameStamp } from "./digest.ts";
import { normal, parentOf, type Spelling } from "./spelling.ts";

const MODULE = /\.[cm]?[jt]sx?$/;
/** Follows imports; reads each module once for as long as it looks the same. */
export class Imports {
  private readonly known = new Map<
    string,
    { readonly look: Look; readonly at: number; readonly specifiers: readonly string[] }
  >();

  constructor(private readonly spelling: Spelling) {}

  /** The files that modules among `paths` reach, those among `paths` left out. */
  reach(paths: Iterable<string>): string[] {
    const seen = new Set(paths);
    const before = seen.size;
    // A set hands out what is added while it is gone through.
    for (const path of seen) {
      if (!MODULE.test(path)) continue;
      for (const specifier of this.specifiers(path)) {
        const target = this.resolve(specifier, path);
        if (target !== undefined) seen.add(target);
      }
    }
    return [...seen].slice(before);
  }

  private specifiers(path: string): readonly string[] {
    const full = this.spelling.full(path);
    const at = Date.now();
    const found = look(full, true);
    if (found?.kind !== "file") return [];
    const known = this.known.get(path);
    if (
      known !== undefined && sameStamp(known.look, found) && isSettled(found.mtime, found.ctime, known.at)
    ) return known.specifiers;
    const specifiers = localSpecifiers(parseModule(`file://${full}`, fs.readFileSync(full, "utf8")));
    this.known.set(path, { look: found, at, specifiers });
    return specifiers;
  }

  /** The file that a specifier means, as runtimes and bundlers read it. */
  private resolve(specifier: string, from: string): string | undefined {
    let plain = specifier.replace(/[?#].*$/, "");
    try {
      plain = decodeURIComponent(plain);
    } catch {
      // It has a `%` of its own.
    }
    const base = this.spelling.shown(normal(`${parentOf(from)}/${plain}`));
    const isFile = (path: string) => look(this.spelling.full(path), true)?.kind === "file";
    return isFile(base) ? base : completed(base, isFile);
  }
}

/** The relative specifiers of a module: of imports and re-exports, types too, since compilers read those, and of `import()`. */
function localSpecifiers({ lexed, raw }: Module): string[] {
  const found = new Set(raw);
  if (raw === undefined) {
    const { tokens } = lexed;
    for (const specifier of write(lexed, { from: 0, to: tokens.length }).specifiers) found.add(specifier);
    for (const [index, token] of tokens.entries()) {
      const before = tokens[index - 1];
      if (token.kind === "string" && (isWord(before, "from") || isWord(before, "import"))) {
        found.add(token.text.slice(1, -1));
      }
    }
  }
  return [...found].filter((specifier) => /^\.\.?\//.test(specifier));
}

/** Where a pipeline may be waiting while it is loaded. */
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { lex } from "../plan/code/tokens.ts";
import { topLevelWaits } from "../plan/code/waits.ts";
import { Imports } from "../store/files/imports.ts";
import { Spelling } from "../store/files/spelling.ts";

/** The top-level awaits of a pipeline, and before them those of the local modules that it imports. */
export function waitsOf(url: string): readonly string[] {
  if (!url.startsWith("file:")) return [];
  const spelling = new Spelling(process.cwd());
  const own = spelling.shown(fileURLToPath(url));
  return [own, ...new Imports(spelling).reach([own])].reverse().flatMap((module) => {
    const full = spelling.full(module);
    const waits = topLevelWaits(lex(fs.readFileSync(full, "utf8"), full));
    return waits.map(({ line, column }) => `${full}:${line}:${column}`);
  });
}

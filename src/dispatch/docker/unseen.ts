/** Declared inputs that a container would not see: told before anything runs, since inside they simply are not there. */
import fs from "node:fs";
import path from "node:path";
import type { InputRule } from "../../model/files.ts";
import { isWithin, readMount } from "./mounts.ts";
import type { DockerRule } from "./rule.ts";

/** What is wrong with inputs of a task that a rule sends into containers; `undefined` when all can be seen. */
export function unseenInputs(
  rule: DockerRule,
  inputs: readonly InputRule[],
  cwd: string,
): string | undefined {
  const mounts = (rule.mounts ?? []).map(readMount).map(({ target }) => target);
  const seen = [cwd, realPath(cwd), ...mounts];
  const unseen = inputs.flatMap((input) => {
    const whole = typeof input === "string" ? input : "root" in input ? input.root : input.path;
    if (whole.startsWith("!")) return [];
    const place = path.resolve(cwd, beforeGlob(whole));
    return seen.some((folder) => isWithin(place, folder)) ? [] : [{ whole, place }];
  });
  const [first] = unseen;
  if (first === undefined) return undefined;
  return `is sent into a container of ${rule.image}, which does not see its declared ${
    unseen.length === 1 ? "input" : "inputs"
  } ${unseen.map(({ whole }) => whole).join(", ")}: it sees ${
    [...new Set([cwd, ...mounts])].join(", ")
  }, and the cache; say mounts: [${JSON.stringify(`${folderOf(first.place)}:ro`)}] in the rule`;
}

/** The part of a pattern that is a path. */
function beforeGlob(pattern: string): string {
  const at = pattern.search(/[*?{[]/);
  return at < 0 ? pattern : pattern.slice(0, pattern.lastIndexOf("/", at) + 1) || ".";
}

/** The folder to mount for a path: itself, when it is one. */
function folderOf(place: string): string {
  try {
    return fs.statSync(place).isDirectory() ? place : path.dirname(place);
  } catch {
    return path.dirname(place);
  }
}

function realPath(folder: string): string {
  try {
    return fs.realpathSync(folder);
  } catch {
    return folder;
  }
}

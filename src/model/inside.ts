/** What stands inside a structure in which calls are wanted: looked at only when something is wrong with it. */
import { elementStep, mapValueStep, propertyStep, setStep } from "./codec/path.ts";
import type { Definition } from "./definition.ts";
import { futureContent, isFuture } from "./future.ts";
import { FUTURE } from "./brand.ts";
import { definitionOf } from "./task.ts";

/** What was found. */
export interface Inside {
  /** Tasks, with the places where they stand. */
  readonly tasks: readonly { readonly where: string; readonly task: Definition }[];
  /** Whether there are calls. */
  readonly calls: boolean;
}

/** Finds tasks and calls in a structure; `root` is what it is called. */
export function lookInside(structure: unknown, root: string): Inside {
  const tasks: { readonly where: string; readonly task: Definition }[] = [];
  const seen = new Set<unknown>();
  let calls = false;
  const open: [part: unknown, where: string][] = [[structure, root]];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const [part, where] = next;
    const task = definitionOf(part);
    if (task !== undefined) tasks.push({ where, task });
    if (typeof part !== "object" || part === null || seen.has(part)) continue;
    seen.add(part);
    if (isFuture(part)) {
      const content = part[FUTURE] === "constant" || part[FUTURE] === "aggregate";
      if (content) open.push([futureContent(part), where]);
      else calls = true;
    } else if (Array.isArray(part)) {
      part.forEach((one, index) => open.push([one, where + elementStep(index)]));
    } else if (part instanceof Map) {
      [...part].forEach(([key, one], index) => open.push([one, where + mapValueStep(key, index)]));
    } else if (part instanceof Set) {
      [...part].forEach((one, index) => open.push([one, where + setStep(index)]));
    } else {
      for (const [name, one] of Object.entries(part)) open.push([one, where + propertyStep(name)]);
    }
  }
  return { tasks, calls };
}

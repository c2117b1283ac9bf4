/** Who would make a file that is missing: a hint for whoever has not said that one call depends on another. */
import { callsNamed } from "../model/catalogue.ts";
import { unlink } from "../model/call.ts";
import { placeholders } from "../model/name.ts";
import { allRegistered } from "../model/registry.ts";
import type { Naming } from "../plan/dependencies.ts";

/** More calls than this are not asked: it is only a hint. */
const MOST = 1_000;

/** Adds to each problem about a missing input file which call makes that file, if one does. */
export function withMakers(problems: readonly string[], naming: Naming): string {
  return problems.map((problem) => {
    const path = /^input file (.*) does not exist$/s.exec(problem)?.[1];
    const maker = path === undefined ? undefined : makerOf(path, naming);
    return maker === undefined ? problem : `${problem}; ${maker} makes it: add that to its \`deps\``;
  }).join("\n");
}

/** The name of a call that declares an output, as far as calls can be made without being told anything. */
function makerOf(path: string, naming: Naming): string | undefined {
  let asked = 0;
  for (const task of allRegistered()) {
    if (task.files === undefined) continue;
    const found = callsNamed(task.name.replace(/\[[^\[\]]*\]/g, "*"), naming);
    const calls = found.kind === "one" ? [found] : found.kind === "many" ? found.calls : [];
    if (placeholders(task.name).length === 0 && found.kind !== "one") continue;
    for (const { name, call } of calls) {
      if (asked++ > MOST) return undefined;
      try {
        const { outputs } = task.files(unlink(call.bytes, () => undefined));
        if (outputs.some((rule) => (typeof rule === "string" ? rule : rule.path) === path)) return name;
      } catch {
        // It wants an input that nobody has told it.
      }
    }
  }
  return undefined;
}

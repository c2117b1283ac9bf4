/** Reverse dependencies: tasks that say before which others they run. */
import { callsNamed } from "../model/catalogue.ts";
import type { Call } from "../model/call.ts";
import type { Definition } from "../model/definition.ts";
import { FUTURE } from "../model/brand.ts";
import { isFuture } from "../model/future.ts";
import { fillName, matchTemplate, placeholders } from "../model/name.ts";
import type { Naming } from "./dependencies.ts";

/** A declarer to be put before a node, or why that cannot be. */
export type Declarer = { readonly call: Call<unknown> } | {
  readonly task: Definition;
  readonly problem: string;
};

/** Who runs before whom, for all tasks that say so. */
export class ReverseIndex {
  private readonly declared: readonly { readonly task: Definition; readonly target: unknown }[];

  constructor(tasks: readonly Definition[], private readonly naming: Naming) {
    this.declared = tasks.flatMap((task) =>
      task.rdeps.filter((one) => one.when === "target-scheduled").map(({ target }) => ({ task, target }))
    );
  }

  /** Whether nobody says anything: then nodes need no names. */
  get empty(): boolean {
    return this.declared.length === 0;
  }

  /** The calls that are to run before a node of this name. */
  declarersOf(name: string, call: Call<unknown>): readonly Declarer[] {
    return this.declared.flatMap(({ task, target }): Declarer[] => {
      if (typeof target !== "string") {
        const same = isFuture(target) && target[FUTURE] === "call" &&
          (target as Call<unknown>).key === call.key;
        return same ? [this.declarer(task, {})] : [];
      }
      const fields = fits(target, name, this.naming.separator);
      return fields === undefined ? [] : [this.declarer(task, fields)];
    });
  }

  private declarer(task: Definition, fields: Readonly<Record<string, string>>): Declarer {
    const open = placeholders(task.name).filter((field) => !Object.hasOwn(fields, field));
    if (open.length > 0) {
      const problem = `its reverse dependency does not say what [${
        open[0]
      }] is: use that placeholder in the target's name too`;
      return { task, problem };
    }
    const found = callsNamed(fillName(task.name, fields), this.naming);
    if (found.kind === "one") return { call: found.call };
    return { task, problem: found.kind === "problem" ? found.problem : "its name means several calls" };
  }
}

/** The placeholders' values when a name fits a pattern with placeholders or `*` and `?`. */
function fits(
  pattern: string,
  name: string,
  separator: string | undefined,
): Record<string, string> | undefined {
  if (pattern === name) return {};
  if (/[*?]/.test(pattern)) {
    const text = pattern.split(/([*?])/).map((part) =>
      part === "*" ? ".*" : part === "?" ? "." : part.replace(/[.+^${}()|[\]\\]/g, "\\$&")
    ).join("");
    return new RegExp(`^${text}$`, "su").test(name) ? {} : undefined;
  }
  return pattern.includes("[") ? matchTemplate(pattern, name, separator) : undefined;
}

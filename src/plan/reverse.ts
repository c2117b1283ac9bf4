/** Reverse dependencies: tasks that say before which others they run. */
import { callsNamed } from "../model/catalogue.ts";
import type { Call } from "../model/call.ts";
import type { Definition } from "../model/definition.ts";
import { FUTURE } from "../model/brand.ts";
import { isFuture } from "../model/future.ts";
import { fillName, matchTemplate, placeholders } from "../model/name.ts";
import { nearest } from "../model/suggest.ts";
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

  /** Targets that no task can ever fit: most likely slips of the pen. */
  strays(tasks: readonly Definition[]): readonly { readonly task: Definition; readonly problem: string }[] {
    const names = [...new Set(tasks.map(({ name }) => name))];
    return this.declared.flatMap(({ task, target }) => {
      if (typeof target !== "string" || names.includes(target)) return [];
      if (!names.some((name) => mayMeet(target, name))) {
        const bare = target.replace(/[*?]|\[[^\]]*\]/g, "");
        const near = nearest(target, names) ??
          names.find((name) => nearest(bare, [name.replace(/\[[^\]]*\]/g, "")]) !== undefined);
        const hint = near === undefined
          ? `\n    there are: ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}`
          : `; did you mean "${near}"?`;
        return [{ task, problem: `\`rdeps\` names "${target}", and no task is called so${hint}` }];
      }
      if (/[*?[]/.test(target)) return [];
      const found = callsNamed(target, this.naming);
      return found.kind === "problem" ? [{ task, problem: `\`rdeps\`: ${found.problem}` }] : [];
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

/** Whether there is a name that fits both: patterns with `*`, `?` and placeholders. */
function mayMeet(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => text.match(/\[[^\]]*\]|[^]/gu) ?? []);
  const open = (token: string | undefined): boolean => token === "*" || token?.startsWith("[") === true;
  const seen = new Set<number>();
  const meet = (i: number, j: number): boolean => {
    const at = i * (right!.length + 1) + j;
    if (seen.has(at)) return false;
    seen.add(at);
    const [a, b] = [left![i], right![j]];
    if (a === undefined && b === undefined) return true;
    // What is open takes nothing, or what stands against it.
    if (open(a) && (meet(i + 1, j) || b !== undefined && meet(i, j + 1))) return true;
    if (open(b) && (meet(i, j + 1) || a !== undefined && meet(i + 1, j))) return true;
    if (a === undefined || b === undefined || open(a) || open(b)) return false;
    return (a === b || a === "?" || b === "?") && meet(i + 1, j + 1);
  };
  return meet(0, 0);
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

/** Tasks by name: those of one name, and the templates that a name may fit, without looking at all of them. */
import { type Definition, sameDefinition } from "./definition.ts";
import { templateParts } from "./name.ts";
import { registeredAs, registeredNames } from "./registry.ts";

/** The names of some tasks. */
export class TaskIndex {
  /** All names, in order of definition. */
  readonly names: readonly string[];
  /** Templates by the text before their first placeholder. */
  private readonly templates = new Map<string, string[]>();
  /** The lengths of those texts. */
  private readonly lengths: readonly number[];

  constructor(names: Iterable<string>, private readonly ofName: (name: string) => readonly Definition[]) {
    this.names = [...names];
    for (const name of this.names) {
      if (!name.includes("[")) continue;
      const [before] = templateParts(name).texts;
      const known = this.templates.get(before!);
      if (known === undefined) this.templates.set(before!, [name]);
      else known.push(name);
    }
    this.lengths = [...new Set([...this.templates.keys()].map((text) => text.length))].sort((a, b) => a - b);
  }

  /** The definitions of a name; those that two copies of a module made at one place count once. */
  named(name: string): readonly Definition[] {
    const all = this.ofName(name);
    if (all.length < 2) return all;
    return all.filter((one, index) => !all.slice(0, index).some((other) => sameDefinition(one, other)));
  }

  /** The templates whose first text a name begins with. */
  *templatesFor(name: string): Iterable<string> {
    for (const length of this.lengths) {
      if (length > name.length) return;
      yield* this.templates.get(name.slice(0, length)) ?? [];
    }
  }
}

let registry: { readonly size: number; readonly index: TaskIndex } | undefined;
const lists = new WeakMap<readonly Definition[], { readonly size: number; readonly index: TaskIndex }>();

/** The index of a list of tasks, or of all that are registered; made once for each, and again when there are more. */
export function taskIndex(tasks: readonly Definition[] | undefined): TaskIndex {
  if (tasks === undefined) {
    const names = registeredNames();
    if (registry?.size !== names.size) {
      registry = { size: names.size, index: new TaskIndex(names.keys(), registeredAs) };
    }
    return registry.index;
  }
  let known = lists.get(tasks);
  if (known?.size !== tasks.length) {
    const byName = Map.groupBy(tasks, (task) => task.name);
    const index = new TaskIndex(byName.keys(), (name) => byName.get(name) ?? []);
    lists.set(tasks, known = { size: tasks.length, index });
  }
  return known.index;
}

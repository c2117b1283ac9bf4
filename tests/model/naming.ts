/** What the tests of names share. */
import { callsNamed, type NameScope } from "../../src/model/catalogue.ts";
import type { Definition } from "../../src/model/definition.ts";
import { definitionOf } from "../../src/model/task.ts";

/** What the tasks of these tests do. */
export const run = (): number => 1;
/** The definitions of tasks. */
export const definitions = (...tasks: readonly unknown[]): readonly Definition[] =>
  tasks.map((one) => definitionOf(one)!);

/** Names, or what is wrong; places as `<at>`. */
export function meant(pattern: string, scope: NameScope): unknown {
  const found = callsNamed(pattern, scope);
  if (found.kind === "one") return found.name;
  if (found.kind === "many") return found.calls.map(({ name }) => name);
  const problem = found.problem.replaceAll(/\S+_test\.ts:\d+:\d+/g, "<at>");
  return { [found.missing ? "missing" : "problem"]: problem };
}

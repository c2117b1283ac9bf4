/** From the words of a command line to the futures they mean. */
import type * as dependentsModule from "./dependents.ts";
import type { Definition } from "../model/definition.ts";
import { applyTask } from "../model/fields.ts";
import { all, type Future } from "../model/future.ts";
import { definitionOf } from "../model/task.ts";
import { TaskCode } from "../engine/code.ts";
import { openSources } from "../wire.ts";
import type { Arguments } from "./arguments.ts";
import { usage } from "./arguments.ts";
import { findTarget, type Pipeline } from "./pipeline.ts";
import { noSuchOption } from "./unknown_option.ts";

type TaskReading = Awaited<ReturnType<typeof readTasks>>;

/** What it takes to give a task its input: loaded when one is named, for calls have theirs. */
async function readTasks() {
  const { fieldsOf, inputFor } = await import("./inputs.ts");
  return { fieldsOf, inputFor, code: new TaskCode(await openSources()) };
}

/** What the command line wants. */
export interface Wanted {
  /** One future, or a record of several by their names. */
  readonly future: Future<unknown>;
  /** The names. */
  readonly names: readonly string[];
}

/**
 * Makes the futures that targets name, for a command.
 *
 * @throws {DefinitionError} when there is no such target, or its input is not right.
 */
export async function wanted(
  pipeline: Pipeline,
  names: readonly string[],
  args: Arguments,
  command: string,
): Promise<Wanted> {
  const list = names.length === 0 ? ["main"] : [...new Set(names)];
  const given = args.fields.size > 0 || args.values["input"] !== undefined;
  let takers = 0;
  const futures: [string, Future<unknown>][] = [];
  let reading: Promise<TaskReading> | undefined;
  const apply = async (task: Definition, filled: Readonly<Record<string, string>>) => {
    takers++;
    const { fieldsOf, inputFor, code } = await (reading ??= readTasks());
    const known = fieldsOf(task, (one) => code.fields(one));
    const input = inputFor(task, known, {
      json: args.values["input"],
      fields: args.fields,
      filled,
      options: args.own,
      command,
      meant: args.meant,
    });
    return applyTask(task, input);
  };
  let many = list.length > 1;
  for (const written of list) {
    // A target's dependencies always come with it.
    const name = written.replace(/^\.\.\./, "");
    if (name.endsWith("...")) {
      const { withDependents }: typeof dependentsModule = await import("./dependents.ts" as string);
      many = true;
      futures.push(...withDependents(pipeline, name.slice(0, -3)));
      continue;
    }
    const found = findTarget(pipeline, name);
    if (found.kind === "call") futures.push([name, found.future]);
    else if (found.kind === "task") futures.push([name, await apply(found.task, {})]);
    else if (found.kind === "filled") {
      const { call } = found.made;
      futures.push([found.made.name, given ? await apply(call.task, found.texts) : call]);
    } else {
      many = true;
      for (const made of found.calls) {
        // A task whose name is no template gets the fields of the command line, as if it had been named.
        const plain = made.call.task.name === made.name;
        futures.push([made.name, plain ? await apply(made.call.task, {}) : made.call]);
      }
    }
  }
  if (takers === 0 && given) {
    const [first] = args.fields.keys();
    const owners = `${list.join(", ")} ${
      list.length === 1 ? "is a call, which has" : "are calls, which have"
    } an input already`;
    throw usage(
      first === undefined || args.meant.has(first)
        ? `--${first ?? "input"} has nothing to go to: ${owners}`
        : noSuchOption(first, command, args.own, owners),
    );
  }
  return { future: many ? all(Object.fromEntries(futures)) : futures[0]![1], names: list };
}

/** What `--force=…` means, with the names of exports made those of their tasks. */
export function forcedNames(pipeline: Pipeline, forced: readonly string[]): readonly string[] {
  return forced.map((pattern) => {
    const name = pattern.replace(/^\.\.\./, "").replace(/\.\.\.$/, "");
    if (pipeline.tasks.some((task) => task.name === name)) return pattern;
    const exported = Object.hasOwn(pipeline.exports, name) ? definitionOf(pipeline.exports[name]) : undefined;
    return exported === undefined ? pattern : pattern.replace(name, () => exported.name);
  });
}

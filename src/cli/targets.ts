/** From the words of a command line to the futures they mean. */
import { makeCall } from "../model/call.ts";
import { all, type Future } from "../model/future.ts";
import { nearest } from "../model/suggest.ts";
import { TaskCode } from "../engine/code.ts";
import { openSources } from "../wire.ts";
import type { Arguments } from "./arguments.ts";
import { usage } from "./arguments.ts";
import { fieldsOf, inputFor } from "./inputs.ts";
import { findTarget, type Pipeline } from "./pipeline.ts";

/** What the command line wants. */
export interface Wanted {
  /** One future, or a record of several by their names. */
  readonly future: Future<unknown>;
  /** The names. */
  readonly names: readonly string[];
}

/**
 * Makes the futures that targets name.
 *
 * @throws {DefinitionError} when there is no such target, or its input is not right.
 */
export function wanted(pipeline: Pipeline, names: readonly string[], args: Arguments): Wanted {
  const code = new TaskCode(openSources());
  const list = names.length === 0 ? ["main"] : [...new Set(names)];
  let takers = 0;
  const futures = list.map((name): [string, Future<unknown>] => {
    const named = findTarget(pipeline, name);
    if (named.kind === "call") return [name, named.future];
    takers++;
    const known = fieldsOf(named.task, (task) => code.fields(task));
    return [
      name,
      makeCall(
        named.task,
        inputFor(named.task, known, {
          json: args.values["input"],
          fields: args.fields,
          filled: named.filled,
          options: args.own,
          meant: args.meant,
        }),
      ),
    ];
  });
  if (takers === 0 && (args.fields.size > 0 || args.values["input"] !== undefined)) {
    const [first] = args.fields.keys();
    const option = first === undefined || args.meant.has(first) ? undefined : nearest(first, args.own);
    const hint = option === undefined ? "" : `; did you mean --${option}?`;
    const owners = `${list.join(", ")} ${
      list.length === 1 ? "is a call, which has" : "are calls, which have"
    }`;
    throw usage(`--${first ?? "input"} has nothing to go to: ${owners} an input already${hint}`);
  }
  return { future: futures.length === 1 ? futures[0]![1] : all(Object.fromEntries(futures)), names: list };
}

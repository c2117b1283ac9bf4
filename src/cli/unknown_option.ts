/** What is said of an option that a command does not have. */
import { nearest } from "../model/suggest.ts";
import { PLAN_OPTIONS, RUN_OPTIONS } from "./run_options.ts";

const namesOf = ({ values, lists, flags }: Record<"values" | "lists" | "flags", readonly string[]>) => [
  ...values,
  ...lists,
  ...flags,
];

/** The options of commands, as far as these are not options of all. */
const COMMANDS: readonly (readonly [command: string, options: readonly string[]])[] = [
  ["run", namesOf(RUN_OPTIONS)],
  ...["plan", "graph", "explain"].map((command) => [command, namesOf(PLAN_OPTIONS)] as const),
  ["cancel", ["now"]],
  ["ps", ["all"]],
  ["history", ["flaky"]],
];

/** That an option is one of other commands; `undefined` when none has it. */
export function optionElsewhere(name: string, command: string): string | undefined {
  const others = COMMANDS.flatMap(([other, options]) => options.includes(name) ? [other] : []);
  return others.length === 0
    ? undefined
    : `${command} has no option --${name}; ${others.join(", ")} ${others.length === 1 ? "has" : "have"} it`;
}

/** An option that the command does not have, and that cannot be a field, since `owner` has an input. */
export function noSuchOption(name: string, command: string, own: readonly string[], owner: string): string {
  const elsewhere = optionElsewhere(name, command);
  if (elsewhere !== undefined) return elsewhere;
  const near = nearest(name, own);
  const no = `${command} has no option --${name}`;
  return near === undefined
    ? `${no}, and as a field it has nothing to go to: ${owner}`
    : `${no}; did you mean --${near}? As a field it has nothing to go to: ${owner}`;
}

/** The command that was given, and the one that runs just a failed call again. */
import type { NodeFailure } from "../model/failure.ts";

/** The command line as a person would type it. */
export function commandLine(args: readonly string[]): string {
  return ["runner run", ...args.map(quoted)].join(" ");
}

/**
 * How to run a failed call again: by its name where it has one; else the command that was given, which runs nothing but what
 * has not succeeded.
 */
export function rerunCommand(
  pipeline: string,
  targets: readonly string[],
  failure: NodeFailure,
  command: string,
): string {
  const { call, task } = failure;
  const named = call === task && !task.includes("[") || task.includes("[") && !call.includes("[");
  if (!named || targets.length === 1 && targets[0] === call) return command;
  return ["runner run", quoted(pipeline), quoted(call)].join(" ");
}

/** A word for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

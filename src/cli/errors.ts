/** Errors on their way to a person, and the exit codes that go with them. */
import process from "node:process";
import { isOwnModule, isRuntimeModule, readableFrame, stackFrames } from "../model/source.ts";

/** The exit code of an error, by its name: errors may come from another copy of the module. */
export function exitCodeOf(error: unknown): number {
  switch ((error as Error | undefined)?.name) {
    case "RunFailed":
      return 1;
    case "DefinitionError":
      return 2;
    case "RunCancelled":
      return 130;
    default:
      return 3;
  }
}

/** Prints what went wrong; failures of tasks are printed by the reporter, so only the rest is. */
export function printError(error: unknown): void {
  const { name } = error as Error;
  if (name === "RunFailed" || name === "RunCancelled") return;
  process.stderr.write(`error: ${errorText(error)}\n`);
}

/** The text of an error: its message when it is one of ours, otherwise also where it came from. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "DefinitionError" || error.name === "EnvironmentError") return error.message;
  const frames = stackFrames(error.stack).filter((frame) => !isRuntimeModule(frame.module));
  const user = frames.find((frame) => !isOwnModule(frame.module)) ?? frames[0];
  return `${error.name}: ${error.message}${user === undefined ? "" : `\n    at ${readableFrame(user)}`}`;
}

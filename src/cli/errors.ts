/** Errors on their way to a person, and the exit codes that go with them. */
import { isOwnModule, isRuntimeModule, readableFrame, stackFrames } from "../model/source.ts";
import { renderError } from "../report/error.ts";
import { PLAIN } from "../report/style.ts";
import { complain } from "../runtime/program.ts";

/** What a run that was cancelled on demand says: whoever demanded it knows. */
const CANCELLED = "The run was cancelled";

/** Errors whose message says everything: their stack is ours and tells a user nothing. */
const TOLD = ["DefinitionError", "EnvironmentError", "RunFailed", "RunCancelled"];

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
  const name = (error as Error | undefined)?.name;
  if (name === "RunFailed" || error instanceof Error && error.message === CANCELLED) return;
  complain(`error: ${errorText(error)}\n`);
}

/** The text of an error: its message when it is one of ours, otherwise also where it came from, and its causes. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (TOLD.includes(error.name)) return error.message;
  const lines = renderError(error, PLAIN);
  if (lines.places > 0) return lines.text;
  const [frame] = stackFrames(error.stack).filter(({ module }) =>
    !isRuntimeModule(module) && isOwnModule(module)
  );
  return frame === undefined ? lines.text : `${lines.text}\n    at ${readableFrame(frame)}`;
}

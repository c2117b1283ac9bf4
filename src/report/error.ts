/** Errors as text: name, message, the user's part of the stack, and what caused them. Pure. */
import { isOwnModule, isRuntimeModule, stackFrames } from "../model/source.ts";
import type { Style } from "./style.ts";

/** The most places of a stack that are shown. */
const PLACES = 8;
/** The most causes that are shown. */
const CAUSES = 5;

/** An error as text, and how many places in the user's code it shows. */
export function renderError(
  error: Error,
  style: Style,
): { readonly text: string; readonly places: number } {
  const places = userLines(error.stack);
  return {
    text: [headLine(error, style), ...places.map((line) => style.dim(`    ${line}`)), ...causes(error, style)]
      .join("\n"),
    places: places.length,
  };
}

/** The name and message of an error. */
export function headLine(error: Error, style: Style): string {
  return `${style.bad(error.name)}: ${error.message.replaceAll("\n", "\n  ")}`;
}

/** The lines of a stack that are the user's, innermost first. */
export function userLines(stack: string | undefined): string[] {
  const lines = (stack ?? "").split("\n").filter((line) => {
    const [frame] = stackFrames(line);
    return frame !== undefined && !isOwnModule(frame.module) && !isRuntimeModule(frame.module);
  });
  return lines.slice(0, PLACES).map((line) => line.trim().replaceAll("file://", ""));
}

/** What an error says it was caused by. */
export function causes(error: Error, style: Style): string[] {
  const lines: string[] = [];
  let cause = error.cause;
  for (let depth = 0; cause !== undefined && depth < CAUSES; depth++) {
    if (!(cause instanceof Error)) {
      lines.push(`  caused by ${String(cause)}`);
      break;
    }
    lines.push(`  caused by ${cause.name}: ${cause.message.replaceAll("\n", "\n  ")}`);
    lines.push(...userLines(cause.stack).slice(0, 1).map((line) => style.dim(`    ${line}`)));
    cause = cause.cause;
  }
  return lines;
}

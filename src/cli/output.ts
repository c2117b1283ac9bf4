/** What commands print on standard output: all of it, or else the program says that it could not, and does not end with 0. */
import { program } from "../runtime/program.ts";

/** Nobody reads any more: a pager was closed, `head` has seen enough. That is no failure. */
const CLOSED = "EPIPE";

let problem: Error | undefined;

/** Prints a text; after the first that could not be printed, nothing: half of the lines would look like all of them. */
export function print(text: string): void {
  if (problem !== undefined) return;
  try {
    program.print("stdout", text);
  } catch (error) {
    problem = error as Error;
  }
}

/** What went wrong with the output, for people; `undefined` when nothing did that matters. */
export function outputProblem(): string | undefined {
  if (problem === undefined || (problem as { code?: string }).code === CLOSED) return undefined;
  return `Standard output could not be written (${problem.message}): what was printed is cut short`;
}

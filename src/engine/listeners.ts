/** Those who listen to a run: what they throw is heard of once and hurts nothing. */
import type { RunEvent } from "../model/event.ts";
import type { Reporter, RunOptions } from "./options.ts";

/** Tells all listeners; one that throws is heard of once and hurts nothing. */
export function teller(options: Pick<RunOptions, "reporter" | "onTransition">): (event: RunEvent) => void {
  const reporters: readonly Reporter[] = options.reporter === undefined
    ? []
    : "handle" in options.reporter
    ? [options.reporter]
    : options.reporter;
  const { onTransition } = options;
  const broken = new Set<unknown>();
  // No closures here: there are events by the hundred thousand.
  return (event) => {
    for (const reporter of reporters) {
      try {
        reporter.handle(event);
      } catch (error) {
        complain(broken, reporter, error);
      }
    }
    if (onTransition === undefined || event.kind !== "transition") return;
    try {
      onTransition(event);
    } catch (error) {
      complain(broken, onTransition, error);
    }
  };
}

/** Says once of each listener that it threw. */
function complain(broken: Set<unknown>, listener: unknown, error: unknown): void {
  if (broken.has(listener)) return;
  broken.add(listener);
  const text = error instanceof Error ? error.stack : String(error);
  // deno-lint-ignore no-console -- the listener that would print this is the one that broke
  console.error(`runner: a listener of the run threw, which changes nothing in the run: ${text}`);
}

/** Those who listen to a run: what they throw is heard of once and hurts nothing. */
import type { RunEvent } from "../model/event.ts";
import { type NodeState, STATES } from "../model/state.ts";
import type { Reporter, RunOptions } from "./options.ts";
import type { EngineOptions } from "./run_state.ts";

/** One who listens, and what of transitions is for it. */
interface Listener {
  readonly reporter: Reporter;
  /** By the state before, and the state after: 1 where it wants to be told. */
  readonly wanted: Uint8Array;
}

const NUMBER: ReadonlyMap<NodeState, number> = new Map(STATES.map((name, index) => [name, index]));

/** Where a pair of states stands in a table. */
function pairOf(from: NodeState, to: NodeState): number {
  return NUMBER.get(from)! * STATES.length + NUMBER.get(to)!;
}

/** Tells all listeners; one that throws is heard of once and hurts nothing. */
export function listeners(
  { reporter, onTransition }: Pick<RunOptions, "reporter" | "onTransition">,
): Pick<EngineOptions, "tell" | "wants"> {
  const broken = new Set<unknown>();
  const reporters = reporter === undefined ? [] : "handle" in reporter ? [reporter] : reporter;
  const all: readonly Listener[] = reporters.map((one) => ({ reporter: one, wanted: wishes(one, broken) }));
  // No closures inside: there are events by the hundred thousand.
  const tell = (event: RunEvent): void => {
    const pair = event.kind === "transition" ? pairOf(event.from, event.to) : -1;
    for (const { reporter, wanted } of all) {
      if (pair >= 0 && wanted[pair] === 0) continue;
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
  const wants = (from: NodeState, to: NodeState): boolean =>
    onTransition !== undefined || all.some(({ wanted }) => wanted[pairOf(from, to)] === 1);
  return { tell, wants };
}

/** What a reporter wants to be told of. */
function wishes(reporter: Reporter, broken: Set<unknown>): Uint8Array {
  const wanted = new Uint8Array(STATES.length ** 2).fill(1);
  if (reporter.wants === undefined) return wanted;
  try {
    for (const from of STATES) {
      for (const to of STATES) wanted[pairOf(from, to)] = reporter.wants(from, to) ? 1 : 0;
    }
  } catch (error) {
    complain(broken, reporter, error);
  }
  return wanted;
}

/** Says once of each listener that it threw. */
function complain(broken: Set<unknown>, listener: unknown, error: unknown): void {
  if (broken.has(listener)) return;
  broken.add(listener);
  const text = error instanceof Error ? error.stack : String(error);
  // deno-lint-ignore no-console -- the listener that would print this is the one that broke
  console.error(`runner: a listener of the run threw, which changes nothing in the run: ${text}`);
}

/** The state of a run as a fold over its events: what displays show. Pure. */
import type { Estimate, RunEvent, RunStats, Transition } from "../model/event.ts";
import type { NodeFailure } from "../model/failure.ts";
import type { NodeState } from "../model/state.ts";

/** What displays show. */
export interface Progress {
  started: number;
  nodes: number;
  ran: number;
  upToDate: number;
  /** Those whose task said that there is nothing to do. */
  skipped: number;
  failed: number;
  /** What runs, by number, the longest first: the events that said so, which tell the rest when they are asked. */
  readonly running: Map<number, Transition>;
  readonly failures: NodeFailure[];
  readonly warnings: string[];
  stats: RunStats | undefined;
  /** Asks how long the rest will take. */
  estimate: (() => Estimate | undefined) | undefined;
}

/** Before a run. */
export function newProgress(): Progress {
  return {
    started: 0,
    nodes: 0,
    ran: 0,
    upToDate: 0,
    skipped: 0,
    failed: 0,
    running: new Map(),
    failures: [],
    warnings: [],
    stats: undefined,
    estimate: undefined,
  };
}

/** Takes in an event. */
export function fold(progress: Progress, event: RunEvent): void {
  switch (event.kind) {
    case "run-started":
      progress.started = event.time;
      progress.nodes = event.nodes;
      progress.estimate = event.estimate;
      return;
    case "nodes-added":
      progress.nodes += event.nodes;
      return;
    case "transition":
      if (event.to === "running") progress.running.set(event.node, event);
      else if (event.from === "running") progress.running.delete(event.node);
      // A node may leave an end again: a lost result is made anew.
      count(progress, event.from, -1);
      count(progress, event.to, 1);
      return;
    case "node-failed":
      progress.failures.push(event.failure);
      return;
    case "warning":
      progress.warnings.push(event.message);
      return;
    case "run-ended":
      progress.stats = event.stats;
      return;
    case "attempt-ended":
    case "node-skipped":
    case "node-restarted":
    case "calls-not-run":
    case "outputs-restored":
    case "prompt-began":
    case "prompt-ended":
    case "stop-asked":
      return;
  }
}

/** Counts a node into or out of a state. */
function count(progress: Progress, state: NodeState, by: 1 | -1): void {
  if (state === "succeeded") progress.ran += by;
  else if (state === "skipped") progress.skipped += by;
  else if (state === "up-to-date") progress.upToDate += by;
  else if (state === "failed" || state === "timed-out") progress.failed += by;
}

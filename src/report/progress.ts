/** The state of a run as a fold over its events: what displays show. Pure. */
import type { RunEvent, RunStats } from "../model/event.ts";
import type { NodeFailure } from "../model/failure.ts";
import type { NodeState } from "../model/state.ts";

/** A node that is running. */
export interface RunningNode {
  readonly call: () => string;
  /** Unix time in milliseconds. */
  readonly since: number;
}

/** What displays show. */
export interface Progress {
  started: number;
  nodes: number;
  ran: number;
  upToDate: number;
  failed: number;
  readonly running: Map<number, RunningNode>;
  readonly failures: NodeFailure[];
  readonly warnings: string[];
  stats: RunStats | undefined;
}

/** Before a run. */
export function newProgress(): Progress {
  return {
    started: 0,
    nodes: 0,
    ran: 0,
    upToDate: 0,
    failed: 0,
    running: new Map(),
    failures: [],
    warnings: [],
    stats: undefined,
  };
}

/** Takes in an event. */
export function fold(progress: Progress, event: RunEvent): void {
  switch (event.kind) {
    case "run-started":
      progress.started = event.time;
      progress.nodes = event.nodes;
      return;
    case "nodes-added":
      progress.nodes += event.nodes;
      return;
    case "transition":
      if (event.to === "running") {
        progress.running.set(event.node, { call: () => event.call, since: event.time });
      } else progress.running.delete(event.node);
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
    case "outputs-restored":
    case "prompt-began":
    case "prompt-ended":
      return;
  }
}

/** Counts a node into or out of a state. */
function count(progress: Progress, state: NodeState, by: 1 | -1): void {
  if (state === "succeeded" || state === "skipped") progress.ran += by;
  else if (state === "up-to-date") progress.upToDate += by;
  else if (state === "failed" || state === "timed-out") progress.failed += by;
}

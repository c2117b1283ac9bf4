/**
 * The states of a node, and which changes between them are lawful.
 *
 *     idle → wanted → (blocked → ready) → running → succeeded | failed | skipped | cancelled | timed-out
 *                                  ↘ up-to-date (a valid entry in the cache)
 *     running → blocked   (the attempt is to be tried again, its result is another call, or an upstream result was lost)
 *     failed → wanted     (repair and run again)
 */

/** The state of a node. */
export type NodeState =
  | "idle"
  | "wanted"
  | "blocked"
  | "ready"
  | "running"
  | "succeeded"
  | "up-to-date"
  | "skipped"
  | "failed"
  | "timed-out"
  | "cancelled";

/** The states by number, for tables of a million nodes. */
export const STATES: readonly NodeState[] = [
  "idle",
  "wanted",
  "blocked",
  "ready",
  "running",
  "succeeded",
  "up-to-date",
  "skipped",
  "failed",
  "timed-out",
  "cancelled",
];

/** Which state may follow which. */
export const LAWFUL: Readonly<Record<NodeState, readonly NodeState[]>> = {
  "idle": ["wanted"],
  "wanted": ["blocked", "ready", "cancelled"],
  "blocked": ["ready", "succeeded", "up-to-date", "failed", "cancelled"],
  "ready": ["blocked", "running", "up-to-date", "failed", "cancelled"],
  "running": ["ready", "blocked", "succeeded", "skipped", "failed", "timed-out", "cancelled"],
  "succeeded": ["wanted"],
  "up-to-date": ["wanted", "blocked"],
  "skipped": ["wanted"],
  "failed": ["wanted"],
  "timed-out": ["wanted"],
  "cancelled": ["wanted"],
};

/** Whether a node in this state gives its value to its dependents. */
export function isSuccess(state: NodeState): boolean {
  return state === "succeeded" || state === "up-to-date" || state === "skipped";
}

/** Whether a node in this state is done with, for now. */
export function isTerminal(state: NodeState): boolean {
  return isSuccess(state) || state === "failed" || state === "timed-out" || state === "cancelled";
}

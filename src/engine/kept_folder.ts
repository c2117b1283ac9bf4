/** Keeping what an attempt had in its folder, once it has failed. */
import type { RunState } from "./run_state.ts";

/** Where the folder of the attempt that a node is at is now, if it had one and it is to be kept. */
export function keptFolder(run: RunState, node: number): string | undefined {
  const { keepFailed } = run.options;
  if (keepFailed === 0) return undefined;
  const { task, key } = run.node(node).call;
  const validity = run.validities[node] ?? "";
  const attempt = run.schedule.attempts.at(node);
  return run.ports.keepFolder({ task: task.name, key, validity, attempt }, keepFailed);
}

/** What the next attempt of a call is to have. */
import type { FailedItem } from "../execute/protocol.ts";
import { isExcused } from "../model/retry.ts";
import type { RunState } from "./run_state.ts";

/** The group of a node's next attempt, when that is to have more than the one that failed. */
export function groupAfter(run: RunState, node: number, failed: FailedItem): number | undefined {
  const { manner } = run.variantOf(node);
  const planned = run.node(node);
  if (typeof planned.call.task.resources !== "function" && manner.retry.grow === undefined) return undefined;
  const { reason, exit, timeout, counts } = failed;
  const attempt = run.schedule.attempts.at(node);
  // There is no next one.
  if (
    (counts || !isExcused(reason)) && attempt - (run.schedule.excused.get(node) ?? 0) > manner.retry.limit
  ) {
    return undefined;
  }
  try {
    const group = run.placement.groupAfter(
      planned,
      { reason, exit, timeout, resources: manner.resources },
      attempt,
      (number) => run.valueOf(planned.inputs[number]!),
    );
    return group === run.taskOf(node) ? undefined : group;
  } catch (error) {
    run.warn(`${run.graph.describe(planned)} is tried again with what it had: ${(error as Error).message}`);
    return undefined;
  }
}

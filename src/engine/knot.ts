/** Runs that end with calls left over: which of them wait for each other. */
import { DefinitionError, type Issue } from "../model/failure.ts";
import { countOf } from "../schedule/set.ts";
import type { ScheduleState } from "../schedule/state.ts";
import type { RunState } from "./run_state.ts";

/** Why calls are left that nothing can start; only what is known late can bring that about: `deps`, calls made by tasks, locks. */
export function knotOf(
  { graph, schedule, follows }: RunState,
  waitsFor: (node: number) => readonly number[],
): Error | undefined {
  if (countOf(schedule, "blocked") + countOf(schedule, "ready") === 0) return undefined;
  const { issues } = graph;
  graph.findCycles((id) => [...follows.get(id)?.nodes ?? [], ...waitsFor(id)]);
  if (issues.length === 0) issues.push(...lockIssues(schedule, (id) => graph.describe(graph.nodes[id]!)));
  return issues.length > 0
    ? new DefinitionError(issues)
    : new Error("Internal error: calls are left that nothing can start");
}

/** Nodes that wait for locks whose holders wait too, in the middle of an attempt. */
function lockIssues(schedule: ScheduleState, describe: (node: number) => string): Issue[] {
  return [...schedule.parked.values()].flatMap(({ locks, queue }): Issue[] => {
    const lock = locks.find((one) => schedule.locked.has(one));
    if (lock === undefined || queue.length === 0) return [];
    const [first, holder] = [describe(queue.peek()), describe(schedule.locked.get(lock)!)];
    return [{ kind: "cycle", path: [first, `the lock "${lock}", held by ${holder}`, first] }];
  });
}

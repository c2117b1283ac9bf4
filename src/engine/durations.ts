/** What earlier runs say of how long things take, as the scheduler wants it. */
import type { DurationsLearned } from "../schedule/input.ts";
import type { RunState } from "./run_state.ts";

/** More calls than this are judged by their tasks. */
const MOST_CALLS = 20_000;

/** The durations of all tasks and calls of a run that are known. */
export function durationsInput(run: RunState): DurationsLearned {
  const { task, call } = run.ports.durations();
  const groups = run.placement.variants.flatMap((one, group): [number, number][] => {
    const millis = task.get(one.task.name);
    return millis === undefined ? [] : [[group, millis]];
  });
  const { nodes } = run.graph;
  const named = call.size === 0 || nodes.length > MOST_CALLS ? [] : nodes;
  return {
    kind: "durations-learned",
    groups,
    nodes: named.flatMap((node): [number, number][] => {
      const millis = call.get(run.graph.describe(node));
      return millis === undefined ? [] : [[node.id, millis]];
    }),
  };
}

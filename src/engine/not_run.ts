/** Why calls of a run that is over were not run. */
import { decode } from "../model/codec/decode.ts";
import type { CallsNotRun } from "../model/event.ts";
import { isSuccess } from "../model/state.ts";
import { stateOf } from "../schedule/set.ts";
import type { RunState } from "./run_state.ts";

/** So many are told one by one. */
const MOST = 5;

/** The calls that were not run, where that was not asked for; nothing when all were. */
export function callsNotRun(run: RunState): CallsNotRun | undefined {
  const { graph, schedule, failures } = run;
  if (failures.length === 0) return undefined;
  const state = (node: number) => stateOf(schedule, node);
  const failed = (node: number): boolean => state(node) === "failed" || state(node) === "timed-out";
  let count = 0;
  const tried: { call: string; why: string }[] = [];
  const calls: { call: string; why: string }[] = [];
  for (const node of graph.nodes) {
    if (isSuccess(state(node.id)) || failed(node.id)) continue;
    count++;
    const begun = attempted(node.id);
    const some = begun === "" ? calls : tried;
    if (some.length < MOST) some.push({ call: graph.describe(node), why: begun + why(node.id) });
  }
  return count === 0
    ? undefined
    : { kind: "calls-not-run", count, calls: [...tried, ...calls].slice(0, MOST) };

  /** What has become of the attempts of a call that was to be tried again. */
  function attempted(id: number): string {
    const error = run.failing.get(id)?.failed.error;
    if (error === undefined || error.length === 0) return "";
    const { name, message } = decode(error) as Error;
    const said = `${name}: ${message.split("\n")[0]}`;
    return `attempt ${schedule.attempts.at(id)} failed (${said}), and it was not tried again: `;
  }

  function why(id: number): string {
    if (run.options.leftOut?.(id) === true) return "it is left out";
    // Down to the call that is to blame, along those that were not run because of it.
    const path = [id];
    const seen = new Set(path);
    for (const at of path) {
      for (const up of graph.upstreams(graph.nodes[at]!)) {
        if (failed(up)) return `it needs ${graph.describe(graph.nodes[up]!)}, which failed`;
        if (seen.has(up) || isSuccess(state(up))) continue;
        seen.add(up);
        path.push(up);
      }
    }
    const first = failures[0]!.call;
    const { policy, mostFailures, stopped } = schedule;
    if (stopped && policy === "keep-going") {
      const tasks = mostFailures === 1 ? "1 task" : `${mostFailures} tasks`;
      return `${tasks} failed, as many as --max-failures allows`;
    }
    return graph.isConditional(graph.nodes[id]!)
      ? `NO_FAILURES does not hold, since ${first} failed`
      : `the run stopped when ${first} failed`;
  }
}

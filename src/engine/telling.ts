/** What a run tells: events and counts, made from its state. */
import fs from "node:fs";
import type { AttemptEnded, RunStats, Transition } from "../model/event.ts";
import type { NodeState } from "../model/state.ts";
import { countOf } from "../schedule/set.ts";
import { decode } from "../model/codec/decode.ts";
import type { Cause } from "../model/cause.ts";
import type { Failing, RunState } from "./run_state.ts";

/** A change of state as an event; most of what it can say is never asked for. */
export class NodeTransition implements Transition {
  readonly kind = "transition";

  constructor(
    private readonly run: RunState,
    readonly node: number,
    readonly from: NodeState,
    readonly to: NodeState,
    readonly time: number,
  ) {}

  get call(): string {
    return this.run.graph.describe(this.run.node(this.node));
  }

  get task(): string {
    return this.run.node(this.node).call.task.name;
  }

  get millis(): number | undefined {
    return this.to === "succeeded" ? this.run.times.of(this.node) : undefined;
  }

  get causes(): readonly Cause[] {
    return this.to === "running" ? this.run.causesOf(this.node) : [];
  }

  lastPrinted(): number | undefined {
    const times = this.run.outputOf(this.node).map((file) =>
      fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
    );
    return times.length === 0 ? undefined : Math.max(...times);
  }

  get key(): string {
    return this.run.node(this.node).call.key;
  }
}

/** A failed attempt that will be followed by another. */
export function attemptEnded(
  run: RunState,
  node: number,
  { failed, directory }: Failing,
  retryInMillis: number,
): AttemptEnded {
  const planned = run.node(node);
  return {
    kind: "attempt-ended",
    node,
    call: run.graph.describe(planned),
    task: planned.call.task.name,
    key: planned.call.key,
    attempt: run.schedule.attempts.at(node),
    outcome: failed.reason === "timeout" ? "timed-out" : "failed",
    ...(failed.timeout !== undefined && { timeout: failed.timeout }),
    error: failed.errorName,
    ...(failed.error.length > 0 && { message: (decode(failed.error) as Error).message.split("\n")[0]! }),
    ...(directory !== undefined && { directory }),
    retryInMillis,
  };
}

/** The counts of a run. */
export function runStats(run: RunState, seconds: number, abandoned: number, cancelled: boolean): RunStats {
  const count = (name: NodeState) => countOf(run.schedule, name);
  const ranByTask: Record<string, number> = {};
  for (const node of run.ran) {
    const { name } = run.node(node).call.task;
    ranByTask[name] = (ranByTask[name] ?? 0) + 1;
  }
  const nodes = run.schedule.states.length;
  const [ran, upToDate, failed] = [
    count("succeeded"),
    count("up-to-date"),
    count("failed") + count("timed-out"),
  ];
  const skipped = count("skipped");
  const rest = nodes - ran - upToDate - failed - skipped;
  // Where nothing has failed and nobody has cancelled, a selection is why calls did not run.
  const chosen = run.options.leftOut !== undefined && failed === 0 && !cancelled && run.fatal === undefined;
  const notRun = chosen ? 0 : rest;
  return {
    nodes,
    ran,
    upToDate,
    failed,
    skipped,
    notRun,
    seconds,
    ranByTask,
    abandoned,
    ...(chosen && { leftOut: rest }),
    ...(cancelled && { cancelled }),
  };
}

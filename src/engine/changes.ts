/** Changes of state: told to listeners, noted for the history, and to attempts that wait for calls. */
import type { Estimate, RunStats } from "../model/event.ts";
import { STATES } from "../model/state.ts";
import { remaining } from "../schedule/rank.ts";
import { nodeFailure } from "./failures.ts";
import { Recorder } from "./recorder.ts";
import type { Requests } from "./requests.ts";
import type { RunState } from "./run_state.ts";
import { NodeTransition } from "./telling.ts";

const RUNNING = STATES.indexOf("running");

/** Takes the changes of a run's schedule. */
export class Changes {
  private readonly recorder: Recorder | undefined;
  /** Running nodes, with the time they began. */
  private readonly begun = new Map<number, number>();
  /** Nodes whose state has changed, and their states, while attempts wait for some. */
  private readonly settled: number[] = [];

  constructor(
    private readonly state: RunState,
    private readonly requests: Requests,
    /** A node does not run any more, or not for now. */
    private readonly left: (node: number) => void,
  ) {
    const { history } = state.ports;
    this.recorder = history && new Recorder(state, history);
  }

  /** Tells what has changed since the last time, and makes failures of nodes that have failed for good. */
  tell(): void {
    const { schedule, options, ports } = this.state;
    const { changes } = schedule;
    const now = changes.length > 0 ? ports.now() : 0;
    for (let at = 0; at < changes.length; at += 3) {
      const node = changes.at(at);
      const to = STATES[changes.at(at + 2)]!;
      if (options.tellTransitions) {
        options.tell(new NodeTransition(this.state, node, STATES[changes.at(at + 1)]!, to, now));
      }
      this.recorder?.note(node, to, now);
      // Only who listens asks how long the rest will take.
      if (options.tellTransitions) {
        if (to === "running") this.begun.set(node, now);
        else this.begun.delete(node);
      }
      if (changes.at(at + 1) === RUNNING) this.left(node);
      if (to === "failed" || to === "timed-out") this.fail(node);
      if (!this.requests.idle) this.settled.push(node, changes.at(at + 2));
    }
    changes.length = 0;
    for (let at = 0; at < this.settled.length; at += 2) {
      this.requests.settled(this.settled[at]!, STATES[this.settled[at + 1]!]!);
    }
    this.settled.length = 0;
    if (schedule.stopped && !this.requests.idle) this.requests.rejectAll("the run is being stopped");
  }

  /** Notes the run in the history. */
  record(begun: number, cancelled: boolean, stats: RunStats): void {
    const { ports, failures, fatal } = this.state;
    const failed = failures.length > 0 || fatal !== undefined;
    this.recorder?.write(
      ports.run,
      begun,
      ports.now(),
      cancelled ? "cancelled" : failed ? "failed" : "ok",
      stats,
    );
    ports.history?.close();
    for (const warning of ports.history?.warnings() ?? []) this.state.warn(warning);
  }

  /** How long the rest will take, as far as that is known. */
  estimate(): Estimate | undefined {
    const now = this.state.ports.now();
    return remaining(this.state.schedule, (node) => now - (this.begun.get(node) ?? now));
  }

  private fail(node: number): void {
    const { state } = this;
    const { failed, output } = state.failing.get(node)!;
    if (failed.error.length === 0) return;
    const planned = state.node(node);
    const { cache } = state.ports;
    // Whoever asked for a result to be made anew does not trust the old one.
    if (state.forced.has(node) && (cache.writable !== undefined || cache.keepsBytes)) {
      cache.clear(planned.call.task.name, [planned.call.key]);
    }
    const failure = nodeFailure(
      planned,
      state.graph.describe(planned),
      state.schedule.attempts.at(node),
      failed,
      output,
    );
    state.failures.push(failure);
    state.options.tell({ kind: "node-failed", node, failure });
  }
}

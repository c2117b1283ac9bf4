/** Changes of state: told to listeners, noted for the history, and to attempts that wait for calls. */
import type { Estimate, RunStats } from "../model/event.ts";
import { isTerminal, type NodeState, STATES } from "../model/state.ts";
import { remaining } from "../schedule/rank.ts";
import { nodeFailure } from "./failures.ts";
import { Recorder } from "./recorder.ts";
import type { Requests } from "./requests.ts";
import type { RunState } from "./run_state.ts";
import { NodeTransition } from "./telling.ts";

/** What is to be done about a change from one state to another: bits. */
const TELL = 1, NOTE = 2, LEFT = 4, FAIL = 8;

/** Takes the changes of a run's schedule. */
export class Changes {
  private readonly recorder: Recorder | undefined;
  /** Running nodes, with the time they began. */
  private readonly begun = new Map<number, number>();
  /** Nodes whose state has changed, and their states, while attempts wait for some. */
  private readonly settled: number[] = [];
  /** By the state before, and the state after: the bits above. Nearly all changes are nobody's concern. */
  private readonly concerns = new Uint8Array(STATES.length ** 2);

  constructor(
    private readonly state: RunState,
    private readonly requests: Requests,
    /** A node does not run any more, or not for now. */
    private readonly left: (node: number) => void,
  ) {
    const { history } = state.ports;
    this.recorder = history && new Recorder(state, history);
    STATES.forEach((from, row) => {
      STATES.forEach((to, column) => {
        this.concerns[row * STATES.length + column] = (state.options.wants(from, to) ? TELL : 0) |
          (to === "running" || isTerminal(to) && to !== "up-to-date" && to !== "cancelled" ? NOTE : 0) |
          (from === "running" ? LEFT : 0) |
          (to === "failed" || to === "timed-out" ? FAIL : 0);
      });
    });
  }

  /** Tells what has changed since the last time, and makes failures of nodes that have failed for good. */
  tell(): void {
    const { schedule } = this.state;
    const { changes } = schedule;
    const now = changes.length > 0 ? this.state.ports.now() : 0;
    const attends = !this.requests.idle;
    for (let at = 0; at < changes.length; at += 3) {
      const node = changes.at(at), from = changes.at(at + 1), to = changes.at(at + 2);
      const concerns = this.concerns[from * STATES.length + to]!;
      if (concerns !== 0) this.attend(concerns, node, STATES[from]!, STATES[to]!, now);
      if (attends) this.settled.push(node, to);
    }
    changes.length = 0;
    for (let at = 0; at < this.settled.length; at += 2) {
      this.requests.settled(this.settled[at]!, STATES[this.settled[at + 1]!]!);
    }
    this.settled.length = 0;
    if (schedule.stopped && !this.requests.idle) this.requests.rejectAll("the run is being stopped");
  }

  /** Does what a change is a reason for. */
  private attend(concerns: number, node: number, from: NodeState, to: NodeState, now: number): void {
    if (concerns & TELL) this.state.options.tell(new NodeTransition(this.state, node, from, to, now));
    if (concerns & NOTE) {
      this.recorder?.note(node, to, now);
      if (to === "running") this.begun.set(node, now);
    }
    if (concerns & LEFT) {
      this.begun.delete(node);
      if (isTerminal(to)) this.state.times.forget(node);
      this.left(node);
    }
    if (concerns & FAIL) this.fail(node);
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
    const { failed, output, directory, before } = state.failing.get(node)!;
    if (failed.error.length === 0) return;
    const planned = state.node(node);
    const { cache } = state.ports;
    // Whoever asked for a result to be made anew does not trust the old one.
    if (state.forced.has(node) && (cache.writable !== undefined || cache.keepsBytes)) {
      cache.giveUp(planned.call.task.name, planned.call.key);
    }
    const late = state.schedule.tooLate.has(node) ? state.variantOf(node).manner.timeout.task : undefined;
    const failure = nodeFailure(
      planned,
      state.graph.describe(planned),
      state.schedule.attempts.at(node),
      failed,
      output,
      late,
      directory,
      before,
    );
    state.failures.push(failure);
    state.options.tell({ kind: "node-failed", node, failure });
  }
}

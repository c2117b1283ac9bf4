/** Notes what becomes of the nodes of a run, for its history. */
import type { RunStats } from "../model/event.ts";
import { causesText } from "../model/cause.ts";
import { decode } from "../model/codec/decode.ts";
import type { NodeState } from "../model/state.ts";
import type { History, NodeRecord, RunStatus } from "../history/history.ts";
import type { RunState } from "./run_state.ts";

/** Why more nodes than this ran is not written down: it takes a look at the cache for each. */
const MOST_CAUSES = 200;
/** The most causes of one node in its record. */
const CAUSES = 3;

/** A node of a run; what is read of few is made when it is read. */
class Row implements NodeRecord {
  constructor(
    private readonly run: RunState,
    private readonly node: number,
    readonly state: NodeState,
    readonly started: number,
    readonly millis: number,
    readonly causes: string | undefined,
  ) {}

  get call(): string {
    return this.run.graph.describe(this.run.node(this.node));
  }

  get task(): string {
    return this.run.node(this.node).call.task.name;
  }

  get key(): string {
    return this.run.node(this.node).call.key;
  }

  get validity(): string {
    return this.run.validities[this.node] ?? "";
  }

  get attempts(): number {
    return this.run.schedule.attempts.at(this.node);
  }

  get error(): string | undefined {
    const failing = this.run.failing.get(this.node);
    if (failing === undefined || this.state === "succeeded" || failing.failed.error.length === 0) {
      return undefined;
    }
    const error = decode(failing.failed.error) as Error;
    return `${error.name}: ${error.message.split("\n")[0]}`;
  }
}

/** The nodes of a run that ran. */
export class Recorder {
  private readonly begun = new Map<number, number>();
  private readonly causes = new Map<number, string>();
  private readonly rows: Row[] = [];

  constructor(private readonly run: RunState, private readonly history: Pick<History, "record">) {}

  /** A node changes its state. */
  note(node: number, to: NodeState, now: number): void {
    if (to === "running") {
      // Who waited for calls runs once more when these are there: it began before.
      if (!this.begun.has(node)) this.begun.set(node, now);
      if (this.causes.size < MOST_CAUSES && !this.causes.has(node)) {
        this.causes.set(node, causesText(this.run.causesOf(node), CAUSES));
      }
      return;
    }
    if (to !== "succeeded" && to !== "skipped" && to !== "failed" && to !== "timed-out") return;
    const started = this.begun.get(node);
    if (started === undefined) return;
    this.begun.delete(node);
    const millis = this.run.times.of(node) ?? now - started;
    this.rows.push(new Row(this.run, node, to, started, millis, this.causes.get(node)));
  }

  /** Writes the run down. */
  write(run: string, started: number, ended: number, status: RunStatus, stats: RunStats): void {
    const { command } = this.run.options;
    this.history.record({
      run,
      started,
      ended,
      status,
      stats,
      nodes: this.rows,
      ...(command !== undefined && { command }),
    });
  }
}

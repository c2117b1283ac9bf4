/** Results that are stored when they are told of, and taken away again, since nobody knows whether they are right. */
import { hasHadChildren } from "../runtime/processes.ts";
import { mixedText } from "./not_kept.ts";
import type { RunState } from "./run_state.ts";

/** What has ended so shortly before the run was asked to stop may have ended by the same signal, in milliseconds. */
const SHORTLY = 250;
/** Fewer ends than this are remembered whatever their age. */
const MANY = 1_000;

/** The doubts of one run. */
export class Doubts {
  private readonly rivals = new Set<string>();
  private stopped = false;
  private most = MANY;
  /** What has ended lately. */
  private ends: { readonly node: number; readonly validity: string | undefined; readonly at: number }[] = [];

  constructor(private readonly run: RunState) {}

  /** The run was asked to stop, perhaps by a signal that went to all that runs here. */
  noteStop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.forgetOld();
    const doubtful = this.ends.filter(({ node }) => this.isHere(node));
    if (doubtful.length > 0 && hasHadChildren()) {
      for (const { node, validity } of doubtful) this.drop(node, validity);
    }
  }

  /**
   * Takes the result of a call away that another run has made at the same time; gives whether one has. `validity` is what it was
   * stored under, where that is not the one that the call came with.
   */
  mixed(node: number, validity: string | undefined): boolean {
    const rival = this.run.ports.making.rival(this.run.node(node).call.key);
    if (rival === undefined) return false;
    this.drop(node, validity);
    if (!this.rivals.has(rival)) this.run.warn(mixedText(this.run, node, rival));
    this.rivals.add(rival);
    return true;
  }

  /**
   * Takes the result of a call away that has ended in this process after the run was asked to stop: whatever it had started may
   * have been asked to stop as well, and have ended as if all were done. Its host asks itself the same, but may have heard of it
   * later. Gives whether that is so.
   */
  halved(node: number, validity: string | undefined): boolean {
    if (!this.stopped) {
      this.ends.push({ node, validity, at: performance.now() });
      if (this.ends.length > this.most) this.forgetOld();
      return false;
    }
    if (!this.isHere(node) || !hasHadChildren()) return false;
    this.drop(node, validity);
    return true;
  }

  /** Whether a call runs in this process. */
  private isHere(node: number): boolean {
    const { sent, task } = this.run.variantOf(node);
    return sent === undefined && task.isolation !== "process" && task.permissions === undefined;
  }

  private forgetOld(): void {
    const since = performance.now() - SHORTLY;
    this.ends = this.ends.filter(({ at }) => at >= since);
    // As seldom as there are many.
    this.most = Math.max(MANY, this.ends.length * 2);
  }

  private drop(node: number, validity: string | undefined): void {
    const { task, key } = this.run.node(node).call;
    this.run.ports.cache.drop(task.name, key, validity ?? this.run.validities[node] ?? "");
  }
}

/** An executor whose code is loaded when it is first needed: a run with nothing to do never pays for it. */
import type { Reply } from "../model/ask.ts";
import type { Batch, Executor } from "./executor.ts";

/** Keeps what it is told until the executor behind it is there. */
export class LateExecutor implements Executor {
  private executor: Executor | undefined;
  private waiting: Batch[] = [];
  private readonly loaded: Promise<void>;
  private closed = false;

  /**
   * Takes how the executor is made; `returned` tells of batches that were waiting when they were not wanted any more, `broken` that
   * it cannot be made, or cannot start anything.
   */
  constructor(
    make: () => Promise<Executor>,
    private readonly returned: (nodes: readonly number[]) => void,
    private readonly broken: (error: Error) => void,
  ) {
    this.loaded = make().then((executor) => {
      this.executor = executor;
      for (const batch of this.waiting.splice(0)) if (!this.closed) this.begin(executor, batch);
    }, (error: Error) => broken(error));
  }

  start(batch: Batch): void {
    if (this.executor === undefined) this.waiting.push(batch);
    else this.begin(this.executor, batch);
  }

  private begin(executor: Executor, batch: Batch): void {
    try {
      executor.start(batch);
    } catch (error) {
      this.broken(error as Error);
      // Nobody else tells of them any more, and the run waits for its end.
      queueMicrotask(() => this.returned(batch.nodes));
    }
  }

  recall(lane: number, count: number): readonly number[] {
    return this.executor?.recall(lane, count) ?? [];
  }

  reply(batch: number, replies: readonly Reply[], resumes: boolean): void {
    this.executor?.reply(batch, replies, resumes);
  }

  cancel(hard: boolean): void {
    const nodes = this.waiting.splice(0).flatMap((batch) => batch.nodes);
    // Not at once: whoever cancels is not ready for answers.
    if (nodes.length > 0) queueMicrotask(() => this.returned(nodes));
    this.executor?.cancel(hard);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.loaded;
    await this.executor?.close();
  }

  outputOf(node: number): readonly string[] {
    return this.executor?.outputOf(node) ?? [];
  }

  get abandoned(): number {
    return this.executor?.abandoned ?? 0;
  }
}

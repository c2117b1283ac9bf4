/** What a running task holds in its hands: `ctx`, of which most is made only when it is asked for. */

/** Prints a line: inside a task the console is caught, and goes to the attempt's output. */
function log(...data: readonly unknown[]): void {
  // deno-lint-ignore no-console -- it goes to the attempt's output
  console.log(...data);
}

/** The parts of a context that are made on demand. */
export interface ContextMakers {
  readonly directory: () => string;
  readonly deps: () => unknown;
  readonly name: () => string;
}

/** The context of one attempt. */
export class AttemptContext {
  private controller: AbortController | undefined;
  private aborted: DOMException | undefined;
  private place: string | undefined;
  private values: unknown;
  private ready = false;
  constructor(readonly attempt: number, readonly key: string, private readonly makers: ContextMakers) {}
  get name(): string {
    return this.makers.name();
  }
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.aborted !== undefined) this.controller.abort(this.aborted);
    }
    return this.controller.signal;
  }
  get directory(): string {
    return this.place ??= this.makers.directory();
  }
  /** The folder, if it was asked for. */
  get usedDirectory(): string | undefined {
    return this.place;
  }
  get deps(): unknown {
    if (!this.ready) {
      this.values = this.makers.deps();
      this.ready = true;
    }
    return this.values;
  }
  get log(): (...data: readonly unknown[]) => void {
    return log;
  }
  /** Whether the task may have noticed that it was asked to stop: what it returned then may be half of its work. */
  get noticedAbort(): boolean {
    return this.aborted !== undefined && this.controller !== undefined;
  }
  /** Why the attempt was asked to stop, if it was. */
  get abortReason(): "cancelled" | "timeout" | undefined {
    return this.aborted === undefined
      ? undefined
      : this.aborted.name === "TimeoutError"
      ? "timeout"
      : "cancelled";
  }
  /** Asks the attempt to stop. */
  abort(reason: "cancelled" | "timeout"): void {
    this.aborted ??= new DOMException(
      reason === "timeout" ? "the task has run past its timeout" : "the run was cancelled",
      reason === "timeout" ? "TimeoutError" : "AbortError",
    );
    this.controller?.abort(this.aborted);
  }
}

/** The quiet period: changes come in flocks, and a run begins when the last of them is there. */
import type { Clock } from "../execute/member.ts";

/** A file that never rests holds a run up this many quiet periods at most. */
export const MOST_PERIODS = 10;

/** Waits until nothing has been told for a while. */
export class Quiet {
  private rest: (() => void) | undefined;
  private half: (() => void) | undefined;
  private most: (() => void) | undefined;

  /** `millis` is the period, 0 for none; `over` is called when it is over, `halfOver` when half of it has passed. */
  constructor(
    private readonly clock: Clock,
    private readonly millis: number,
    private readonly over: () => void,
    private readonly halfOver?: () => void,
  ) {}

  /** Something has changed. */
  tell(): void {
    if (this.millis === 0) return this.over();
    this.rest?.();
    this.half?.();
    this.rest = this.clock.after(this.millis, () => this.end());
    if (this.halfOver !== undefined) this.half = this.clock.after(this.millis / 2, this.halfOver);
    this.most ??= this.clock.after(this.millis * MOST_PERIODS, () => this.end());
  }

  /** Forgets what was told. */
  cancel(): void {
    this.rest?.();
    this.half?.();
    this.most?.();
    this.rest = this.half = this.most = undefined;
  }

  private end(): void {
    this.cancel();
    this.over();
  }
}

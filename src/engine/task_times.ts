/** How long calls took, and have been under way, where their tasks limit the time of all attempts together. */
import { Numbers } from "../schedule/table.ts";

/** The times of calls, by number. */
export class TaskTimes {
  /** Microseconds that the last attempt took, as its host says; -1 while none has told. */
  private readonly micros = new Numbers();
  private readonly since = new Map<number, number>();

  /**
   * An attempt of a call starts; the first one begins its time.
   *
   * @param limit the time for all attempts, in milliseconds; 0 is without limit.
   * @param now Unix time in milliseconds.
   * @returns the milliseconds that are left, at least 1; 0 without limit.
   */
  start(node: number, limit: number, now: number): number {
    if (limit === 0) return 0;
    if (!this.since.has(node)) this.since.set(node, now);
    return Math.max(1, this.left(node, limit, now)!);
  }

  /** The milliseconds that are left for another attempt; `undefined` without limit. */
  left(node: number, limit: number, now: number): number | undefined {
    const since = this.since.get(node);
    return limit === 0 || since === undefined ? undefined : Math.max(0, since + limit - now);
  }

  /** Notes how long an attempt took, in milliseconds. */
  took(node: number, millis: number): void {
    while (this.micros.length <= node) this.micros.push(-1);
    this.micros.set(node, Math.min(2 ** 31 - 1, Math.round(millis * 1_000)));
  }

  /** How long the last attempt took, in milliseconds; `undefined` when none has told. */
  of(node: number): number | undefined {
    const micros = node < this.micros.length ? this.micros.at(node) : -1;
    return micros < 0 ? undefined : micros / 1_000;
  }

  /** A call has ended: should it run once more, its time begins anew. */
  forget(node: number): void {
    this.since.delete(node);
  }
}

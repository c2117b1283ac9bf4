/** How long calls have been under way, where their tasks limit the time of all attempts together. */

/** The calls that have such a limit, by number. */
export class TaskTimes {
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

  /** A call has ended: should it run once more, its time begins anew. */
  forget(node: number): void {
    this.since.delete(node);
  }
}

/** Since when running tasks have been silent, asked now and then only for those that are shown and have run for long. */
import type { Transition } from "../model/event.ts";

/** A task that runs shorter is not asked about, and how often one is, in milliseconds. */
const LONG = 60_000, PAUSE = 5_000;

/** What was found out at the last looks. */
export class Silences {
  private readonly known = new Map<
    number,
    { readonly run: Transition; readonly asked: number; last: number | undefined }
  >();

  /**
   * How long a running task has printed nothing, in milliseconds, as far as that is known.
   *
   * @param now Unix time in milliseconds.
   */
  of(run: Transition, now: number): number | undefined {
    if (now - run.time < LONG || run.lastPrinted === undefined) return undefined;
    let known = this.known.get(run.node);
    if (known?.run !== run || now - known.asked >= PAUSE) {
      this.known.set(run.node, known = { run, asked: now, last: run.lastPrinted() });
    }
    return known.last === undefined ? undefined : now - Math.max(run.time, known.last);
  }

  /** Another run begins. */
  clear(): void {
    this.known.clear();
  }
}

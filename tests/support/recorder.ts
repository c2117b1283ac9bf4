/** A reporter that keeps every event and lets tests wait for one. */
import type { Reporter, RunEvent } from "../../mod.ts";

/** Keeps events. */
export class Recorder implements Reporter {
  /** All events so far. */
  readonly events: RunEvent[] = [];
  private waiting: {
    readonly fits: (event: RunEvent) => boolean;
    readonly found: (event: RunEvent) => void;
  }[] = [];

  handle(event: RunEvent): void {
    this.events.push(event);
    const found = this.waiting.filter(({ fits }) => fits(event));
    this.waiting = this.waiting.filter((one) => !found.includes(one));
    for (const one of found) one.found(event);
  }

  /** The first event that fits: one that has come, or the next that does. */
  next(fits: (event: RunEvent) => boolean): Promise<RunEvent> {
    const known = this.events.find(fits);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((found) => this.waiting.push({ fits, found }));
  }

  /** A node of a task is running. */
  async running(task: string): Promise<void> {
    await this.next((event) => event.kind === "transition" && event.task === task && event.to === "running");
  }

  /** The texts of all warnings. */
  get warnings(): readonly string[] {
    return this.events.flatMap((event) => event.kind === "warning" ? [event.message] : []);
  }
}

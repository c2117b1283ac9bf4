/** Things that are to be done after a while, all of which can be called off. */
import type { LauncherPlace } from "../../model/job.ts";

/** Waits of one launcher. */
export class Waits {
  private readonly callOffs = new Set<() => void>();

  constructor(private readonly after: LauncherPlace["after"]) {}

  /** Does something after some milliseconds. */
  add(millis: number, act: () => void): void {
    const callOff = this.after(millis, () => {
      this.callOffs.delete(callOff);
      act();
    });
    this.callOffs.add(callOff);
  }

  /** Resolves after some milliseconds. */
  pause(millis: number): Promise<void> {
    return new Promise((resolve) => this.add(millis, resolve));
  }

  /** Nothing of it is done any more. */
  clear(): void {
    for (const callOff of this.callOffs) callOff();
    this.callOffs.clear();
  }
}

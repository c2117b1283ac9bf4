/**
 * The time limits of a job that only its run can count: how long it may wait for its beginning, and what is left of the time that
 * its task has for all attempts. All others are counted where it runs, which is also where they hold when the run is no more.
 */
import type { TimeoutKind } from "../../model/timeout.ts";
import type { Batch } from "../executor.ts";
import type { Clock } from "../member.ts";
import { revoke } from "./claim.ts";
import type { RunningJob } from "./running_job.ts";

/** Jobs that are to be cancelled are gathered for so long, in milliseconds: many have been submitted together. */
const GATHER = 200;

/** What is done about a job that is out of time. */
export interface DeadlineListener {
  /** It has not begun, and never will. */
  unbegun(running: RunningJob, kind: TimeoutKind): void;
  /** They are to be ended, in whatever state they are. */
  cancel(jobs: readonly RunningJob[]): void;
}

/** The deadlines of jobs. */
export class Deadlines {
  private readonly timers = new Map<RunningJob, (() => void)[]>();
  private late: RunningJob[] = [];
  private callOff = (): void => {};

  constructor(private readonly clock: Clock, private readonly listener: DeadlineListener) {}

  /** A job is out for a batch, or was taken over for it. */
  watch(running: RunningJob, { timeout: { queue }, timeLeft }: Batch): void {
    if (queue > 0) this.after(queue, running, "queue");
    if (timeLeft > 0) this.after(timeLeft, running, "task");
  }

  /** A job is over, or nobody waits for it. */
  forget(running: RunningJob): void {
    for (const callOff of this.timers.get(running) ?? []) callOff();
    this.timers.delete(running);
  }

  /** Nothing more is told. */
  close(): void {
    this.callOff();
    for (const running of [...this.timers.keys()]) this.forget(running);
  }

  private after(millis: number, running: RunningJob, kind: TimeoutKind): void {
    const callOff = this.clock.after(millis, () => this.reached(running, kind));
    const known = this.timers.get(running);
    if (known === undefined) this.timers.set(running, [callOff]);
    else known.push(callOff);
  }

  private reached(running: RunningJob, kind: TimeoutKind): void {
    if (running.left === 0 || running.over || running.late !== undefined) return;
    // Whoever comes first has it: it cannot begin in the next moment.
    if (revoke(running.job.folder)) this.listener.unbegun(running, kind);
    else if (kind === "queue") return;
    running.late = kind;
    if (this.late.push(running) > 1) return;
    this.callOff = this.clock.after(GATHER, () => this.listener.cancel(this.late.splice(0)));
  }
}

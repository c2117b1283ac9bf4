/** What is told of a queue besides the ends of its jobs: each thing once, but that it does not answer again and again. */
import os from "node:os";
import type { LauncherListener } from "../../model/job.ts";
import { type Entry, nameOf } from "./entry.ts";
import type { JobState } from "./queue.ts";

/** So many different things are told. */
const MOST = 20;
/** After so many answers in a row that did not come it is told, and then each time so many more have not. */
const SILENT = 5, STILL_SILENT = 10;
/** Ids that are named. */
const NAMED = 10;

/** The warnings of one queue. */
export class Told {
  private readonly before = new Set<string>();
  private silences = 0;

  constructor(private readonly listener: LauncherListener, private readonly queue: string) {}

  /** Tells something, unless it was told. */
  once(message: string): void {
    if (this.before.has(message) || this.before.size > MOST) return;
    this.before.add(message);
    this.listener.warned(`${message} (asked on host ${os.hostname()})`);
  }

  /** What a queue has said of jobs that wait: which may do so for ever, and which had been started already. */
  waits(entries: readonly Entry[], states: ReadonlyMap<string, JobState>): void {
    const stuck: Entry[] = [];
    const back: Entry[] = [];
    for (const entry of entries) {
      const state = states.get(entry.id!);
      entry.why = state?.kind === "waiting" ? state.why : undefined;
      if (state?.kind !== "waiting") continue;
      const { restarts = 0 } = state;
      if (state.stuck) {
        if (entry.stuck !== entry.why) stuck.push(entry);
        entry.stuck = entry.why;
      } else if (restarts > entry.restarts) back.push(entry);
      entry.restarts = Math.max(entry.restarts, restarts);
    }
    for (const [why, some] of Map.groupBy(stuck, ({ why }) => why)) {
      this.once(`${jobsOf(some)} may wait for ever: ${why}`);
    }
    const { queue } = this;
    for (const [why, some] of Map.groupBy(back, ({ why }) => why)) {
      const one = some.length === 1;
      this.listener.warned(
        `${queue} has requeued ${jobsOf(some)}, which had been started; ${
          one ? "it waits" : "they wait"
        } until ${queue} starts ${one ? "it" : "them"} again${why === undefined ? "" : ` (${why})`}`,
      );
    }
  }

  /** The queue has answered. */
  answered(): void {
    this.silences = 0;
  }

  /** The queue was asked about jobs and did not answer; it is asked again. */
  unanswered(message: string, jobs: number): void {
    this.once(message);
    const more = ++this.silences - SILENT;
    if (more < 0 || more % STILL_SILENT !== 0) return;
    this.listener.warned(
      `${this.queue} was asked ${this.silences} times in a row what became of ${
        countOf(jobs)
      }, without an answer (the last time: ${message}); it is asked again and again. Ctrl-C stops the run`,
    );
  }

  /** Jobs that were cancelled are waited for. */
  waiting(ids: readonly string[], millis: number): void {
    this.listener.warned(
      `waiting up to ${Math.round(millis / 1_000)} s for ${this.queue} to end ${countOf(ids.length)}: ${
        named(ids)
      }`,
    );
  }
}

/** Jobs in words: the one, or how many there are, and some of them. */
function jobsOf(entries: readonly Entry[]): string {
  const [first, ...more] = entries as [Entry, ...Entry[]];
  return more.length === 0
    ? `job ${first.id} of ${first.job.fields.task}`
    : `${countOf(entries.length)} (${named(entries.map(nameOf))})`;
}

function named(ids: readonly string[]): string {
  return `${ids.slice(0, NAMED).join(", ")}${ids.length > NAMED ? ", …" : ""}`;
}

function countOf(jobs: number): string {
  return `${jobs} ${jobs === 1 ? "job" : "jobs"}`;
}

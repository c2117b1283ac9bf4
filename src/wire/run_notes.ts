/** What a run notes of itself while it goes on: that it is under way, what it is making, and what it has made anew. */
import { dirname, join } from "node:path";
import type { RunOptions } from "../engine/options.ts";
import type { RunPorts } from "../engine/ports.ts";
import { coversWork, type Work } from "../engine/work.ts";
import type { Clock } from "../execute/member.ts";
import { NOTHING_MADE, openMaking } from "../store/making.ts";
import { openRemade } from "../store/remade.ts";
import { markOver, openRecord, readRecords, stateOfRun } from "../store/run_record.ts";

/** A run that is noted. */
export interface NotedRun {
  /** The folder with the state of runs. */
  readonly state: string;
  readonly run: string;
  readonly cwd: string;
  /** The folder of the jobs of all runs. */
  readonly jobs: string;
  readonly leases: string | undefined;
  readonly clock: Clock;
  readonly work: Work;
}

/** What is noted of it. */
export interface RunNotes extends Pick<RunPorts, "onCancel" | "remade" | "making"> {
  /** Why others do not know of it, if it could not be noted. */
  readonly notNoted: string | undefined;
  /** The run is over; gives warnings. */
  close(ended: "ok" | "failed" | "cancelled"): readonly string[];
}

/** Of a run that only looks, or stores nothing. */
export const NO_NOTES: RunNotes = {
  onCancel: () => {},
  remade: { has: () => false, add: () => {} },
  making: NOTHING_MADE,
  notNoted: undefined,
  close: () => [],
};

/** Notes that a run has begun. */
export function openNotes(
  { state, run, cwd, jobs, leases, clock, work }: NotedRun,
  { args, resumes }: RunOptions,
): RunNotes {
  const logs = `${state}/runs/${run}`;
  const remade = openRemade(logs, resumes === undefined ? undefined : `${state}/runs/${resumes}`);
  const making = openMaking(state, run, cwd);
  const record = openRecord(
    logs,
    {
      run,
      began: Date.now(),
      cwd,
      args,
      jobs: join(jobs, run),
      leases,
      work,
      ...(resumes !== undefined && { resumes }),
    },
    clock.after,
  );
  return {
    onCancel: record.onCancel,
    remade,
    making,
    notNoted: record.unwritten &&
      `${record.unwritten}; the run goes on, but ps, cancel and resume do not know it: make room there, or ` +
        "choose another folder by the setting `state`",
    close: (ended) => {
      making.close();
      remade.close(ended === "ok");
      const unwritten = record.close(ended);
      if (unwritten !== undefined) {
        return [`${unwritten}, so ps and resume do not know how the run ended: make room there`];
      }
      if (ended !== "ok") return [];
      for (const other of readRecords(state)) {
        const same = stateOfRun(other) === "cut off" && other.cwd === cwd && dirname(other.jobs) === jobs &&
          other.work !== undefined && coversWork(work, other.work);
        if (same || other.run === resumes) {
          try {
            markOver(state, other, "done", run);
          } catch (error) {
            return [`${(error as Error).message}, so ${other.run} is still listed by ps: make room there`];
          }
        }
      }
      return [];
    },
  };
}

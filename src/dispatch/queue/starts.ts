/**
 * Whether the script of a job has begun: it leaves a mark for each of its starts. A queue that could not start a job at all, or
 * not again after it had lost a machine, calls that a failure with an exit code, as if the job had been run.
 */
import fs from "node:fs";
import type { Job } from "../../model/job.ts";
import type { JobState } from "./queue.ts";
import { MARK, UNNUMBERED, UNSEEN } from "./script.ts";

/** How a queue says that a job has ended. */
type Ended = Extract<JobState, { kind: "ended" }>;

/** Whether a queue calls a job failed of which the start that it speaks of has left no mark. */
export function notStarted(job: Job, state: JobState): boolean {
  if (state.kind !== "ended") return false;
  const { reason, exit, restarts } = state;
  // What the script itself says, it says instead of leaving a mark.
  if (reason !== undefined || exit === 0 || exit === UNNUMBERED || exit === UNSEEN) return false;
  return !hasStarted(job.folder, restarts);
}

/** Whether there is a mark of the start after so many others, or of any; of a folder that cannot be listed nothing is known. */
export function hasStarted(folder: string, restarts = 0): boolean {
  try {
    return fs.readdirSync(folder).some((name) =>
      name.startsWith(MARK) && Number(name.slice(MARK.length)) >= restarts
    );
  } catch {
    return true;
  }
}

/** The same in words for whoever mends it or tries it again. */
export function inWords(ended: Ended, unstarted: boolean): Ended {
  const { says, exit, host, restarts = 0 } = ended;
  if (exit === UNSEEN) {
    return {
      ...ended,
      says: `${says}: its folder or the working folder is not there, or may not be written to`,
    };
  }
  if (!unstarted) return ended;
  return {
    ...ended,
    reason: "infra",
    exit: undefined,
    says: `${says}, but had not begun${restarts > 0 ? " again" : ""}: it could not be started there`,
    // What is started again too soon is refused by any machine.
    ...(restarts === 0 && host !== undefined && { badHost: host }),
  };
}

/** Looks for jobs that a runner which is no more was about to submit. */
import type { Job } from "../../model/job.ts";
import type { Queue } from "./queue.ts";
import { noted } from "./submission.ts";

/** How long after a submission that was cut off it may still come to the queue, in milliseconds. */
export const LATE = 3_000;
/** How long it is until a queue that did not answer is asked again for such a job, in milliseconds. */
export const SILENT = 10_000;

/** What became of such a job; a queue that does not answer has said nothing of it. */
export async function findOrphan(
  queue: Queue,
  job: Job,
  warn: (message: string) => void,
): Promise<{ readonly id: string } | "absent" | "silent"> {
  const known = noted(job);
  if (known === undefined) return "absent";
  try {
    const id = (await queue.find(known.name, known.count))?.[known.index];
    return id === undefined ? "absent" : { id };
  } catch (error) {
    warn((error as Error).message);
    return "silent";
  }
}

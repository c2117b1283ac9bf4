/** Looks for jobs that a runner which is no more was about to submit. */
import type { Job } from "../../model/job.ts";
import type { Queue } from "./queue.ts";
import { noted } from "./submission.ts";

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

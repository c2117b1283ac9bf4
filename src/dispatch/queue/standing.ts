/** Whether a queue has jobs still that a runner has left there which is no more. */
import type { JobStanding, LeftJob } from "../../model/job.ts";
import { askQueue } from "./ask.ts";
import { findOrphan } from "./orphans.ts";
import type { JobState, Queue } from "./queue.ts";
import { notStarted } from "./starts.ts";
import type { Told } from "./told.ts";

/** What is known of jobs, in their order; a queue that does not answer has said nothing of any. */
export async function standingsOf(
  queue: Queue,
  jobs: readonly LeftJob[],
  told: Pick<Told, "once">,
): Promise<JobStanding[]> {
  const ids: (string | undefined)[] = [];
  const silent = new Set<number>();
  for (const [at, { job, id }] of jobs.entries()) {
    const found = id === undefined ? await findOrphan(queue, job, (message) => told.once(message)) : { id };
    ids.push(typeof found === "string" ? undefined : found.id);
    if (found === "silent") silent.add(at);
  }
  let states: ReadonlyMap<string, JobState>;
  try {
    const known = ids.flatMap((id) => id ?? []);
    states = known.length === 0 ? new Map() : await askQueue(queue, known);
  } catch (error) {
    told.once((error as Error).message);
    return jobs.map(() => "silent");
  }
  return jobs.map(({ job }, at) => {
    if (silent.has(at)) return "silent";
    const id = ids[at];
    const state = id === undefined ? undefined : states.get(id);
    // What it could not start it may try again.
    if (state === undefined || notStarted(job, state)) return "unknown";
    return state.kind === "ended" ? "over" : "on";
  });
}

/** What is known of jobs: by their queue, and where it does not know enough, by its accounts. */
import type { JobState, Queue } from "./queue.ts";

/** Asks about all jobs at once; whom nobody knows is absent. */
export async function askQueue(queue: Queue, ids: readonly string[]): Promise<ReadonlyMap<string, JobState>> {
  const states = new Map(await queue.states(ids));
  const vague = ids.filter((id) => isVague(states.get(id)));
  if (vague.length > 0) {
    for (const [id, state] of await queue.past(vague)) states.set(id, state);
  }
  return states;
}

/** Whether accounts may know more of a job than its queue. */
function isVague(state: JobState | undefined): boolean {
  return state === undefined || state.kind === "ended" && state.vague === true;
}

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

/** So many ids go into one command. */
const PORTION = 100;

/** Ids in portions that fit into one command each. */
export function* portions(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += PORTION) yield ids.slice(at, at + PORTION);
}

/** Whether accounts may know more of a job than its queue. */
function isVague(state: JobState | undefined): boolean {
  return state === undefined || state.kind === "ended" && state.vague === true;
}

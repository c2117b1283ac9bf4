/** Whether jobs go on that were children of a runner which is no more: by their processes, and by what they are elsewhere. */
import type { JobStanding, LeftJob } from "../../model/job.ts";
import { lookUp, processesOf } from "./processes.ts";
import type { Way } from "./way.ts";

/** What is known of jobs, in their order; nothing is done to them. */
export async function standings(way: Way, jobs: readonly LeftJob[]): Promise<JobStanding[]> {
  const owners = jobs.map(({ id }) => id === undefined ? undefined : lookUp(id).known);
  const strays = way.strays ? processesOf(new Set(jobs.map(({ job }) => job.name))) : new Map();
  const isOn = (at: number): boolean => owners[at] === "alive" || strays.has(jobs[at]!.job.name);
  const asked = jobs.flatMap((_, at) => isOn(at) ? [] : [at]);
  const answers = asked.length === 0 ? [] : await way.standing?.(asked.map((at) => jobs[at]!.job)) ?? [];
  const elsewhere = new Map(asked.map((at, index) => [at, answers[index]]));
  return jobs.map((_, at) => {
    if (isOn(at)) return "on";
    // A child that is not of this host, or that may be another by now, tells nothing.
    return elsewhere.get(at) ?? (owners[at] === "elsewhere" || owners[at] === "unclear" ? "silent" : "over");
  });
}

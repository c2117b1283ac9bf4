/** Which jobs are submitted together, and what is noted of it in the folder of each: by that they are found again. */
import fs from "node:fs";
import { dirname, join } from "node:path";
import type { Job } from "../../model/job.ts";
import type { Queue, Submission } from "./queue.ts";
import { scriptOf } from "./script.ts";

/** How a job was submitted: by which name, as which of how many. */
export interface Noted {
  readonly name: string;
  readonly index: number;
  readonly count: number;
}

/** The file in a job's folder. */
const SUBMISSION = "submission.json";

/** Parts jobs into those that one submission may hold: of equal needs where there are arrays, else each by itself. */
export function together<One extends { readonly job: Job; readonly kind: string }>(
  entries: readonly One[],
  array: boolean,
  most: number,
): One[][] {
  const sets = new Map<string, One[]>();
  entries.forEach((entry, index) => {
    const { resources, cwd, fields, size } = entry.job;
    const key = array
      ? JSON.stringify([
        Object.entries(resources).sort(),
        cwd,
        fields.label,
        entry.kind,
        resources.time === undefined ? 0 : size,
      ])
      : String(index);
    const known = sets.get(key);
    if (known === undefined) sets.set(key, [entry]);
    else known.push(entry);
  });
  return [...sets.values()].flatMap((set) =>
    Array.from(
      { length: Math.ceil(set.length / most) },
      (_, part) => set.slice(part * most, (part + 1) * most),
    )
  );
}

/** Writes the script of jobs that are about to be submitted together, and into the folder of each how it is. */
export function prepareSubmission({ jobs, name, script }: Submission, queue: Queue): void {
  fs.mkdirSync(dirname(script), { recursive: true });
  fs.writeFileSync(script, scriptOf(jobs, queue), { mode: 0o755 });
  jobs.forEach((job, index) => {
    const text = JSON.stringify({ name, index, count: jobs.length } satisfies Noted);
    fs.writeFileSync(join(job.folder, SUBMISSION), text);
  });
}

/** What was noted of a job; `undefined` when it was never about to be submitted. */
export function noted(job: Job): Noted | undefined {
  try {
    return JSON.parse(fs.readFileSync(join(job.folder, SUBMISSION), "utf8")) as Noted;
  } catch {
    return undefined;
  }
}

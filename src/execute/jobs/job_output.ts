/** Where what attempts of a job print is found, on the side of their run. */
import fs from "node:fs";
import { join } from "node:path";
import { saysHeapFull } from "../../model/last_words.ts";
import { lastWordsIn } from "../last_line.ts";
import { outputName } from "../protocol.ts";
import { hasBegun } from "./claim.ts";
import { COMMAND_OUTPUT } from "./job_spec.ts";
import type { RunningJob } from "./running_job.ts";

/** The files of one stream: of the attempt itself, and of the command that was to start it. */
function filesOf(running: RunningJob, item: number, stream: "stdout" | "stderr"): string[] {
  const place = running.place(item);
  // Nobody may wait for it any more, where a job was taken over.
  const own = place &&
    `${outputName(place.batch.keys[place.item]!, place.batch.attempts[place.item]!)}.${stream}.txt`;
  return [...(own === undefined ? [] : [own]), COMMAND_OUTPUT[stream]]
    .map((file) => join(running.job.folder, file));
}

/** What an attempt printed, or else what the command printed that was to start it. */
export function outputOf(running: RunningJob, item: number): { stdout?: string; stderr?: string } {
  const found: { stdout?: string; stderr?: string } = {};
  for (const stream of ["stdout", "stderr"] as const) {
    const file = filesOf(running, item, stream).find((path) =>
      fs.existsSync(path) && fs.statSync(path).size > 0
    );
    if (file !== undefined) found[stream] = file;
  }
  return found;
}

/** What an attempt, or its process, said of its full heap, if it did: runtimes say so themselves, past whatever a task prints. */
export function heapFullOf(running: RunningJob, item: number): string | undefined {
  return filesOf(running, item, "stderr").map(lastWordsIn).find(saysHeapFull);
}

/** The files that the attempt of a node prints to, if one of these jobs has it and has begun. */
export function outputOfNode(jobs: Iterable<RunningJob>, node: number): readonly string[] {
  for (const running of jobs) {
    for (const item of running.open()) {
      const { batch, item: own } = running.place(item)!;
      if (batch.nodes[own] !== node) continue;
      if (!hasBegun(running.job.folder)) return [];
      return (["stdout", "stderr"] as const).flatMap((stream) => filesOf(running, item, stream));
    }
  }
  return [];
}

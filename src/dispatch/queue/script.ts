/** The script of jobs that are submitted together. Pure. */
import type { Job } from "../../model/job.ts";
import { START_VARIABLE } from "../../model/job_start.ts";
import { quoteWord, quoteWords } from "../../model/quoting.ts";
import type { Queue } from "./queue.ts";

/** What the mark of a start is called, before the number of the start. */
export const MARK = "start.";
/** The exit codes of the script itself: it finds no number of its own; it does not see the folders. */
export const UNNUMBERED = 70, UNSEEN = 73;

/**
 * A script for any POSIX shell: the element that finds number `i` in a variable runs the command of job `i`, in its folder, with
 * its own files for what is printed, once it has left a mark in the job's folder. A single job needs no number. Whatever it starts
 * knows by a variable to which start of the job it belongs.
 */
export function scriptOf(
  jobs: readonly Job[],
  queue: Pick<Queue, "indexVariable" | "firstIndex" | "restartVariable">,
): string {
  const { indexVariable, firstIndex, restartVariable } = queue;
  const lines = jobs.map((job, index) => {
    const { folder, cwd, command } = job;
    return `${index + firstIndex}) begin ${quoteWords([folder, cwd])}; exec ${quoteWords(command)} >${
      quoteWord(`${folder}/out.txt`)
    } 2>${quoteWord(`${folder}/err.txt`)} </dev/null ;;`;
  });
  const number = jobs.length === 1 ? String(firstIndex) : `\${${indexVariable}:-}`;
  // Where starts are not counted, all of them leave the same mark.
  const start = restartVariable === undefined ? "0" : `\${${restartVariable}:-0}`;
  return `#!/bin/sh
# Made by runner: what each job of an array does.
${START_VARIABLE}=$(date +%s).$$; export ${START_VARIABLE}
begin() { true >"$1/${MARK}${start}" && cd "$2" || exit ${UNSEEN}; }
case "${number}" in
${lines.join("\n")}
*) echo "runner: there is no job number \\"${number}\\"" >&2; exit ${UNNUMBERED} ;;
esac
`;
}

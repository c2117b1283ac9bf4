/** The script of jobs that are submitted together. Pure. */
import type { Job } from "../../model/job.ts";
import { quoteWord, quoteWords } from "../words.ts";

/**
 * A script for any POSIX shell: the element that finds number `i` in a variable runs the command of job `i`, in its folder, with
 * its own files for what is printed. A single job needs no number.
 */
export function scriptOf(jobs: readonly Job[], variable: string, first: number, header = ""): string {
  const lines = jobs.map((job, index) => {
    const { folder, cwd, command } = job;
    return `${index + first}) cd ${quoteWord(cwd)} && exec ${quoteWords(command)} >${
      quoteWord(`${folder}/out.txt`)
    } 2>${quoteWord(`${folder}/err.txt`)} </dev/null ;;`;
  });
  const number = jobs.length === 1 ? String(first) : `\${${variable}:-}`;
  return `#!/bin/sh\n${header}# Made by runner: what each job of an array does.\ncase "${number}" in\n${
    lines.join("\n")
  }\n*) echo "runner: there is no job number \\"${number}\\"" >&2; exit 70 ;;\nesac\n`;
}

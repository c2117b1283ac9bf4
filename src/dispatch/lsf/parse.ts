/** What LSF's commands print. Pure. */
import type { JobState } from "../queue/queue.ts";

/** The fields asked of `bjobs`, parted by blanks: none of them holds one. */
export const BJOBS_FIELDS = "jobid jobindex stat exit_code exit_reason";

/** The id in `Job <123> is submitted to queue <normal>.` */
export function submittedId(text: string): string | undefined {
  return /Job <(\d+)>/.exec(text)?.[1];
}

/** The states of jobs by id, as `bjobs -noheader -o` prints them. */
export function parseBjobs(text: string): Map<string, JobState> {
  const states = new Map<string, JobState>();
  for (const line of text.split("\n")) {
    const [id, index, word, exit, ...reason] = line.trim().split(/\s+/);
    if (id === undefined || word === undefined || !/^\d+$/.test(id)) continue;
    // A job that is no element of an array has the number 0.
    const key = /^[1-9]\d*$/.test(index ?? "") ? `${id}[${index}]` : id;
    states.set(key, stateOf(word, /^\d+$/.test(exit ?? "") ? Number(exit) : undefined, reason.join(" ")));
  }
  return states;
}

/** What a word of LSF means for a job; `why` holds its TERM_ reason, if it had one. */
export function stateOf(word: string, exit: number | undefined, why: string): JobState {
  switch (word) {
    case "DONE":
      return { kind: "ended", reason: undefined, exit: exit ?? 0, says: "it is done" };
    case "EXIT":
      return {
        kind: "ended",
        reason: reasonOf(exit, why),
        exit,
        says: `it ${cancelled(why)}exited${detail(exit, why)}`,
      };
    case "PEND":
    case "PSUSP":
    case "WAIT":
      return { kind: "waiting" };
    case "ZOMBI":
      return {
        kind: "ended",
        reason: "infra",
        exit,
        says: "its host does not answer, and it was given up (ZOMBI)",
      };
    default:
      return { kind: "running" };
  }
}

/** Who has cancelled a job, in words. */
function cancelled(why: string): string {
  const [, who] = /TERM_(?:FORCE_)?(OWNER|ADMIN)/.exec(why) ?? [];
  return who === undefined
    ? ""
    : `was cancelled on the cluster by ${who === "OWNER" ? "its owner" : "an administrator"}, and `;
}

function reasonOf(exit: number | undefined, why: string): Extract<JobState, { kind: "ended" }>["reason"] {
  if (/TERM_(MEMLIMIT|SWAP)/.test(why)) return "oom";
  if (/TERM_(RUNLIMIT|CPULIMIT|DEADLINE)/.test(why)) return "timeout";
  if (/TERM_(PREEMPT|REQUEUE|LOAD|WINDOW)/.test(why)) return "preempted";
  if (/TERM_(FORCE_)?(OWNER|ADMIN)/.test(why)) return "cancelled";
  if (/TERM_(RMS|CHKPNT|EXTERNAL|SLURM|UNKNOWN|ZOMBIE)/.test(why)) return "infra";
  // LSF ends what runs too long by SIGUSR2, and what takes too much memory by SIGKILL.
  return exit === 140 ? "timeout" : undefined;
}

function detail(exit: number | undefined, why: string): string {
  const parts = [...(exit === undefined ? [] : [`exit code ${exit}`]), ...(/TERM_\w+/.exec(why) ?? [])];
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** The unit of limits that a configuration file names. */
export function unitIn(config: string): "KB" | "MB" | "GB" | undefined {
  const unit = /^\s*LSF_UNIT_FOR_LIMITS\s*=\s*"?(\w+)/m.exec(config)?.[1]?.toUpperCase();
  return unit === "KB" || unit === "MB" || unit === "GB" ? unit : undefined;
}

/** What to make of a job that is over and has not brought all its results. */
import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import type { JobEnd, Launcher } from "../../model/job.ts";
import { quoteWords } from "../../model/quoting.ts";
import type { FailureReason } from "../../model/retry.ts";
import type { TimeoutKind } from "../../model/timeout.ts";
import { jobItem, timeoutItem } from "../failed_items.ts";
import { lastLine } from "../last_line.ts";
import type { EndedMessage, ExitingMessage, FailedItem } from "../protocol.ts";
import { claimOf, hasBegun } from "./claim.ts";
import type { JobExecutorOptions } from "./job_options.ts";
import { heapFullOf, outputOf } from "./job_output.ts";
import { type Claim, PROGRESS_FILE, TIMEOUT_FILE } from "./job_spec.ts";
import type { RunningJob } from "./running_job.ts";

/** What becomes of the items of a job. */
export interface Verdict {
  /** How an item failed; `undefined` when it is innocent, and can be run again. */
  failed(item: number): FailedItem | undefined;
  /** Files with what was printed. */
  output(item: number): { readonly stdout?: string; readonly stderr?: string };
}

/** Reasons for which a job that was taken over is simply sent out again. */
const AGAIN: readonly (FailureReason | undefined)[] = [undefined, "infra", "preempted", "cancelled"];

/** Judges a job; `waited` is how long its results were waited for, in milliseconds. */
export function concludeJob(running: RunningJob, end: JobEnd, waited: number): Verdict {
  const { folder } = running.job;
  const late = lateIn(join(folder, TIMEOUT_FILE));
  const claim = claimOf(folder);
  const begun = claim?.by === "run";
  const again = running.adopted && running.broken === undefined && AGAIN.includes(end.reason);
  // Of several attempts one after another, the one under way is to blame; before any has begun, all of them are.
  const guilty = running.size === 1 ? 0 : numberIn(join(folder, PROGRESS_FILE)) ?? 0;
  // A command that fails before it has started anything is no exit of the task.
  const early = claim === undefined && !end.neverBegan && isPlainExit(end);
  const reason = early ? "infra" : reasonOf(end, begun);
  const full = begun && reason === "crash" ? heapFullOf(running, guilty) : undefined;
  const seen = full === undefined ? end : { ...end, text: `${end.text}: its heap was full: ${full}` };
  const failed = jobItem(
    full === undefined ? reason : "oom",
    messageOf(running, seen, begun ? claim : undefined, waited),
    end.exit,
  );
  const lasting = end.neverBegan || running.broken !== undefined;
  return {
    failed: (item) => {
      const kind = item === late?.item ? late.kind : running.late;
      if (kind !== undefined) {
        return timeoutItem(kind, running.place(item)!.batch.timeout, lastLine(outputOf(running, item)));
      }
      if (again) return undefined;
      // Whoever cancels a job means all of it.
      const innocent = begun && item !== guilty && end.reason !== "cancelled";
      if (innocent && running.broken === undefined) return undefined;
      if (lasting) return { ...failed, retriable: false };
      return early ? { ...failed, counts: true } : failed;
    },
    output: (item) => outputOf(running, item),
  };
}

/** How long the letters of a job that is over are waited for, in milliseconds, where they may need `latency` to be seen. */
export function patience(running: RunningJob, end: JobEnd, latency: number): number {
  if (end.neverBegan || running.late !== undefined) return 0;
  if (end.exit === 0 || end.exit === undefined && end.reason === undefined) return latency;
  return hasBegun(running.job.folder) ? latency / 12 : latency / 60;
}

/** What is said of jobs of a run that could not be ended. */
export function leftText(
  left: readonly string[],
  { label, open, program }: Pick<JobExecutorOptions, "label" | "open" | "program">,
): string {
  const some = left.slice(0, 10).join(", ");
  return `${left.length} of the jobs of label ${label} could not be ended: ${some}; "${program()} cancel ${open.run}" tries it again`;
}

/** What kind of failure the end of a job is. */
function reasonOf({ reason, exit, lost }: JobEnd, begun: boolean): FailureReason {
  if (reason !== undefined) return reason;
  if (lost === true && !begun) return "infra";
  // Above 128 it is a signal that ended it.
  return exit === undefined || exit === 0 || exit > 128 ? "crash" : "exit";
}

/** Whether a command has said that it failed, and nothing else: not that there was none to be run. */
function isPlainExit(end: JobEnd): boolean {
  return reasonOf(end, false) === "exit" && end.exit !== 126 && end.exit !== 127;
}

/** What happened, what was seen, and how to see it for oneself. */
function messageOf(running: RunningJob, end: JobEnd, begun: Claim | undefined, waited: number): string {
  const { folder } = running.job;
  const there = begun
    ? `it had begun on host ${begun.host} and brought no result`
    : `nothing began there: in ${folder}, host ${os.hostname()} sees ${seenIn(folder)}`;
  const patience = waited === 0 ? "" : ` after ${Math.round(waited / 1_000)} s`;
  const why = running.broken ?? (end.neverBegan ? end.text : `${end.text}; ${there}${patience}`);
  const hint = !begun && !end.neverBegan && running.broken === undefined && end.exit === 0 &&
      end.reason === undefined
    ? "; does the command start what is appended to it, and is this folder visible there?"
    : "";
  const byHand = begun === undefined ? end.command : triedAgain(running, end.command);
  return `${why}${hint}${byHand === undefined ? "" : `\n    to try it by hand: ${byHand}`}`;
}

/** Where a job ran of which a task has failed, or ended its process, and how to run it there by hand. */
export function whereText(
  running: RunningJob,
  letter: EndedMessage | ExitingMessage,
  backend: string,
  launcher: Pick<Launcher, "sentBy">,
): string | undefined {
  if (letter.kind === "ended" && !letter.special.some(([, { failed }]) => failed !== undefined)) {
    return undefined;
  }
  const { host } = claimOf(running.job.folder) ?? {};
  const at = host === undefined ? "" : `, on host ${host}`;
  const command = triedAgain(running, launcher.sentBy?.(running.job));
  return `by ${backend}${at}${command === undefined ? "" : `; by hand: ${command}`}`;
}

/** The command that runs a job once more that had begun, in the foreground: as it was `sent` from here, where that started it itself. */
function triedAgain({ job }: RunningJob, sent: string | undefined): string | undefined {
  const [, word] = job.command;
  // One that was taken over is known by its queue only.
  if (word === undefined) return sent;
  // In a container it may be another program that reads the same specification.
  const own = sent?.endsWith(quoteWords(job.command.slice(-2)));
  return `${own ? sent : `cd ${quoteWords([job.cwd])} && ${quoteWords(job.command)}`} --again`;
}

/** Which item of a job was ended, and by which limit. */
function lateIn(file: string): { readonly item: number; readonly kind: TimeoutKind } | undefined {
  try {
    const [item, kind] = fs.readFileSync(file, "utf8").split(" ");
    return { item: Number(item), kind: kind as TimeoutKind };
  } catch {
    return undefined;
  }
}

function numberIn(file: string): number | undefined {
  try {
    return Number(fs.readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function seenIn(folder: string): string {
  try {
    return fs.readdirSync(folder).join(", ");
  } catch (error) {
    return `nothing (${(error as Error).message})`;
  }
}

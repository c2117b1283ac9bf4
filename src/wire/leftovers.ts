/** Jobs of a run that is no more: what is left of them, and how to end them. */
import fs from "node:fs";
import { join } from "node:path";
import { openLauncher } from "../dispatch/launchers.ts";
import { type DispatchRule, outlives } from "../dispatch/rules.ts";
import { type JournalJob, readJournal } from "../execute/jobs/journal.ts";
import { isOver, revoke } from "../execute/jobs/claim.ts";
import type { Job, JobEnd, LauncherPlace } from "../model/job.ts";
import { after as realTimer } from "../runtime/after.ts";

/** The jobs that a run has sent elsewhere and knows no end of, and that have not been run to their ends since. */
export function openJobs(folder: string): readonly JournalJob[] {
  return (readJournal(folder)?.open ?? []).filter((job) => !isOver(job.folder));
}

/** What became of jobs that were to be ended. */
export interface Ended {
  readonly ended: readonly JournalJob[];
  readonly left: readonly Left[];
}

/** What could not be ended. */
export interface Left {
  /** In words: whose jobs, and what they are called there. */
  readonly text: string;
  /** The command to try it by hand, where there is one. */
  readonly command: string | undefined;
}

/** How long jobs of one label are waited for when they were cancelled, and how long without a word, in milliseconds. */
const PATIENCE = 60_000, QUIET = 2_000;

/** Who hears of it, and the clock. */
export interface Ending {
  /** Something a user should know, at once. */
  readonly tell: (message: string) => void;
  readonly after?: LauncherPlace["after"];
}

/** Ends the jobs of a run that is no more; what they have stored stays. A queue that does not answer is not waited for for ever. */
export async function endJobs(run: string, folder: string, cwd: string, ending: Ending): Promise<Ended> {
  const left: Left[] = [];
  const ended: JournalJob[] = [];
  const byLabel = new Map<string, JournalJob[]>();
  for (const job of openJobs(folder)) byLabel.set(job.label, [...byLabel.get(job.label) ?? [], job]);
  for (const entries of byLabel.values()) {
    const result = await endLabel(entries, { run, folder: join(folder, "scripts"), cwd }, ending);
    ended.push(...result.ended);
    left.push(...result.left);
  }
  if (left.length === 0) fs.rmSync(folder, { recursive: true, force: true });
  return { ended, left };
}

/** Ends the jobs of one label. */
async function endLabel(
  entries: readonly JournalJob[],
  place: Omit<LauncherPlace, "after">,
  { tell, after = realTimer }: Ending,
): Promise<Ended> {
  const rule = entries[0]!.rule as DispatchRule;
  const [ended, left]: [JournalJob[], Left[]] = [[], []];
  const callOffs = new Set<() => void>();
  const tracked: LauncherPlace["after"] = (millis, callback) => {
    const callOff = after(millis, () => {
      callOffs.delete(callOff);
      callback();
    });
    callOffs.add(callOff);
    return () => {
      callOffs.delete(callOff);
      callOff();
    };
  };
  const open = await openLauncher(rule, { ...place, after: tracked });
  const jobs = new Map<Job, JournalJob>();
  let allEnded = (): void => {};
  const over = new Promise<"over">((resolve) => allEnded = () => resolve("over"));
  const launcher = open({
    submitting: () => {},
    submitted: () => {},
    warned: (message) => {
      tell(message);
      // What is not on a queue is looked for just once: what is told of it then is what is left.
      if (!outlives(rule)) left.push({ text: message, command: undefined });
    },
    ended: (job: Job, _end: JobEnd) => {
      const entry = jobs.get(job);
      if (entry === undefined) return;
      jobs.delete(job);
      // Whoever has not begun by now never will.
      revoke(job.folder);
      ended.push(entry);
      if (jobs.size === 0) allEnded();
    },
  });
  for (const entry of entries) jobs.set(jobOf(entry, place.run, place.cwd), entry);
  const names = () => [...jobs.values()].map(({ id, name }) => id ?? name);
  const whose = (some: readonly string[]) =>
    `${some.length} ${some.length === 1 ? "job" : "jobs"} of label ${entries[0]!.label} (${rule.backend}): ${
      some.slice(0, 20).join(", ")
    }`;
  for (const [job, entry] of jobs) launcher.adopt(job, entry.id);
  launcher.cancel([...jobs.keys()], true);
  tracked(QUIET, () => tell(`waiting up to ${PATIENCE / 1_000} s for the end of ${whose(names())}`));
  const bound = new Promise<"late">((resolve) => tracked(PATIENCE, () => resolve("late")));
  if (await Promise.race([over, bound]) === "over") {
    const more = await launcher.close();
    if (more.length > 0) left.push({ text: whose(more), command: undefined });
  } else {
    left.push({ text: whose(names()), command: launcher.byHand?.([...jobs.keys()]) });
  }
  for (const callOff of callOffs) callOff();
  return { ended, left };
}

/** A job as launchers know it, from what the journal says. */
export function jobOf(entry: JournalJob, run: string, cwd: string): Job {
  const [key, , attempt] = entry.items[0] ?? ["", "", 1];
  return {
    name: entry.name,
    folder: entry.folder,
    command: ["true"],
    cwd,
    fields: { task: entry.call, key, attempt, run, label: entry.label, input: {} },
    resources: {},
    size: entry.items.length,
  };
}

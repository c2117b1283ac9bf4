/** Jobs of a run that is no more: what is left of them, and how to end them. */
import fs from "node:fs";
import { join } from "node:path";
import { openLauncher } from "../dispatch/launchers.ts";
import type { DispatchRule } from "../dispatch/rules.ts";
import { type JournalJob, readJournal } from "../execute/jobs/journal.ts";
import { revoke } from "../execute/jobs/claim.ts";
import type { Job, JobEnd } from "../model/job.ts";

/** The jobs that a run has sent elsewhere and knows no end of. */
export function openJobs(folder: string): readonly JournalJob[] {
  return readJournal(folder)?.open ?? [];
}

/** What became of jobs that were to be ended. */
export interface Ended {
  readonly ended: readonly JournalJob[];
  /** What queues call those that could not be ended. */
  readonly left: readonly string[];
}

/** Ends the jobs of a run that is no more; what they have stored stays. */
export async function endJobs(run: string, folder: string, cwd: string): Promise<Ended> {
  const left: string[] = [];
  const ended: JournalJob[] = [];
  const byLabel = new Map<string, JournalJob[]>();
  for (const job of openJobs(folder)) byLabel.set(job.label, [...byLabel.get(job.label) ?? [], job]);
  for (const entries of byLabel.values()) {
    const rule = entries[0]!.rule as DispatchRule;
    const open = await openLauncher(rule, {
      run,
      folder: join(folder, "scripts"),
      cwd,
      after: (millis, callback) => {
        const timer = setTimeout(callback, millis);
        return () => clearTimeout(timer);
      },
    });
    const jobs = new Map<Job, JournalJob>();
    let allEnded = (): void => {};
    const over = new Promise<void>((resolve) => allEnded = resolve);
    const launcher = open({
      submitting: () => {},
      submitted: () => {},
      warned: (message) => left.push(message),
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
    for (const entry of entries) jobs.set(jobOf(entry, run, cwd), entry);
    for (const [job, entry] of jobs) launcher.adopt(job, entry.id);
    launcher.cancel([...jobs.keys()], true);
    await over;
    left.push(...await launcher.close());
  }
  if (left.length === 0) fs.rmSync(folder, { recursive: true, force: true });
  return { ended, left };
}

/** A job as launchers know it, from what the journal says. */
function jobOf(entry: JournalJob, run: string, cwd: string): Job {
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

/** Jobs of runs that are no more: whoever wants the same result takes them over instead of sending them out again. */
import fs from "node:fs";
import { join } from "node:path";
import type { Job } from "../../model/job.ts";
import type { Batch } from "../executor.ts";
import { type JobSpec, SPEC_FILE } from "./job_spec.ts";
import { isHere, JOURNAL, type JournalJob, type JournalOwner, readJournal, thisProcess } from "./journal.ts";
import { specIn } from "./spec_file.ts";
import { ALIVE } from "./run_jobs.ts";
import { RunningJob } from "./running_job.ts";

/** A run on another host counts as no more when its sign of life is so old, in milliseconds. */
const SILENCE = 60_000;
/** Folders of runs without open jobs that are kept. */
const KEPT = 20;
/** What a run that is no more has left for so long, in milliseconds, nobody will ask for: thirty days. */
const AGE = 30 * 86_400_000;
/** The file by which a run says that it has taken a job over. */
const ADOPTER = "adopter";

/** A job that may be taken over for an item of a batch. */
export interface Adoptable {
  readonly entry: JournalJob;
  /** Which of its items it is. */
  readonly item: number;
  /** Makes what stands for it in this run. */
  running(batch: Batch, own: { readonly number: number; readonly name: string }, cwd: string): RunningJob;
}

/** The jobs that can be taken over. */
export class Adoption {
  /** The jobs taken over so far, by their folders. */
  readonly running = new Map<string, RunningJob>();
  private readonly table = new Map<string, { readonly entry: JournalJob; readonly item: number }>();

  /** `entries` are jobs of runs that are no more. */
  constructor(entries: readonly JournalJob[]) {
    for (const entry of entries) this.add(entry);
  }

  /** Adds a job of a run that has come to its end since. */
  add(entry: JournalJob): void {
    entry.items.forEach(([key, validity], item) => {
      if (validity !== "") {
        this.table.set(`${entry.backend} ${entry.label} ${key} ${validity}`, { entry, item });
      }
    });
  }

  /** The job of an attempt, if there is one; it is not given twice. */
  take(key: string, validity: string, label: string, backend: string): Adoptable | undefined {
    const name = `${backend} ${label} ${key} ${validity}`;
    const found = this.table.get(name);
    if (found === undefined) return undefined;
    this.table.delete(name);
    const { entry } = found;
    if (this.running.has(entry.folder)) return { ...found, running: () => this.running.get(entry.folder)! };
    const spec = adopt(entry);
    if (spec === undefined) return undefined;
    return {
      ...found,
      running: (batch, own, cwd) => {
        const job: Job = {
          name: entry.name,
          folder: entry.folder,
          command: ["true"],
          cwd,
          fields: batch.job!.fields,
          resources: batch.job!.resources,
          size: entry.items.length,
        };
        return new RunningJob(
          job,
          own.number,
          entry.outbox,
          spec.number,
          spec.batch.id,
          entry.items.length,
          true,
        );
      },
    };
  }
}

/** Takes a job over, unless another run that lives has it; gives what it is to do. */
function adopt(entry: JournalJob): JobSpec | undefined {
  const file = join(entry.folder, ADOPTER);
  const text = JSON.stringify(thisProcess());
  try {
    fs.writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") return undefined;
    if (isHere(JSON.parse(fs.readFileSync(file, "utf8")) as JournalOwner)) return undefined;
    fs.writeFileSync(file, text);
  }
  try {
    return specIn(join(entry.folder, SPEC_FILE));
  } catch {
    return undefined;
  }
}

/** Whether no other run that lives has taken a job over. */
export function mayBeAdopted(entry: JournalJob): boolean {
  try {
    return !isHere(JSON.parse(fs.readFileSync(join(entry.folder, ADOPTER), "utf8")) as JournalOwner);
  } catch {
    // Nobody has.
    return true;
  }
}

/** The jobs of runs that are no more, in a folder of runs. */
export function orphanedJobs(folder: string, now: number): JournalJob[] {
  let runs: string[];
  try {
    runs = fs.readdirSync(folder).sort();
  } catch {
    return [];
  }
  const over: string[] = [];
  // A job that was taken over stands in two journals: the later one knows more.
  const found = new Map<string, JournalJob>();
  for (const run of runs) {
    const journal = readJournal(join(folder, run));
    if (journal === undefined) continue;
    if (journal.owner !== undefined && lives(join(folder, run), journal.owner, now)) continue;
    if (isOld(join(folder, run), now)) {
      fs.rmSync(join(folder, run), { recursive: true, force: true });
      continue;
    }
    if (journal.open.length === 0) over.push(run);
    for (const job of journal.open) found.set(job.folder, job);
  }
  // The logs of the last ones may still be looked at.
  for (const run of over.slice(0, -KEPT)) fs.rmSync(join(folder, run), { recursive: true, force: true });
  return [...found.values()];
}

/** Whether nothing was noted of a run for long. */
function isOld(folder: string, now: number): boolean {
  try {
    return now - fs.statSync(join(folder, JOURNAL)).mtimeMs > AGE;
  } catch {
    return false;
  }
}

/** Whether a run may still be there. */
export function lives(folder: string, owner: JournalOwner, now: number): boolean {
  if (owner.host === thisProcess().host) return isHere(owner);
  try {
    return now - fs.statSync(join(folder, ALIVE)).mtimeMs < SILENCE;
  } catch {
    return false;
  }
}

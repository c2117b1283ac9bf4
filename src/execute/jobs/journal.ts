/**
 * What jobs a run has sent out, written down before anything can be lost: a run that dies leaves jobs behind that go on, and the
 * next one takes them over instead of sending them out again.
 */
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { join } from "node:path";
import { isSameProcess, processStart } from "../../runtime/processes.ts";

/** A job, as the journal knows it. */
export interface JournalJob {
  readonly number: number;
  readonly name: string;
  readonly folder: string;
  /** Where its letters go: to the run that has made it. */
  readonly outbox: string;
  /** By what it was sent: the backend, and the label. */
  readonly backend: string;
  readonly label: string;
  /** The rule of dispatch, as far as text can tell it: for whoever ends the job when its run is no more. */
  readonly rule: unknown;
  /** Its attempts: key, validity, which try it is. */
  readonly items: readonly (readonly [key: string, validity: string, attempt: number])[];
  /** The readable text of its first call. */
  readonly call: string;
  /** What its queue calls it, once that is known. */
  readonly id?: string;
  /** It was about to be handed over to a queue, or was. */
  readonly submitting?: boolean;
}

/** Who writes a journal. */
export interface JournalOwner {
  readonly host: string;
  readonly pid: number;
  /** When the process began, as its machine tells; empty where it does not. */
  readonly started: string;
}

/** A line of a journal. */
type Line =
  | { readonly owner: JournalOwner }
  | { readonly job: JournalJob }
  | { readonly submitting: readonly number[] }
  | { readonly id: readonly [number: number, id: string] }
  | { readonly ended: number };

/** The journal's file. */
export const JOURNAL = "journal.jsonl";

/** Writes a journal. */
export class Journal {
  private descriptor: number | undefined;

  constructor(private readonly folder: string) {}

  /** Begins it. */
  open(): void {
    this.descriptor = fs.openSync(join(this.folder, JOURNAL), "a");
    this.write({ owner: thisProcess() });
  }

  /** A job was made. */
  job(job: JournalJob): void {
    this.write({ job });
  }

  /** Jobs are about to be handed over; `safely`: that is known even if this machine dies in the next moment, as a queue would not. */
  submitting(numbers: readonly number[], safely: boolean): void {
    this.write({ submitting: numbers });
    if (safely && this.descriptor !== undefined) fs.fsyncSync(this.descriptor);
  }

  /** A job's id is known. */
  id(number: number, id: string): void {
    this.write({ id: [number, id] });
  }

  /** All that a job had to tell is known. */
  ended(number: number): void {
    this.write({ ended: number });
  }

  /** Ends it. */
  close(): void {
    if (this.descriptor !== undefined) fs.closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private write(line: Line): void {
    if (this.descriptor !== undefined) fs.writeSync(this.descriptor, `${JSON.stringify(line)}\n`);
  }
}

/** Notes in the journal of a run that is no more that all is known of a job: the run that has taken it over says so. */
export function endInJournal(folder: string, number: number): void {
  const line: Line = { ended: number };
  fs.appendFileSync(join(folder, JOURNAL), `${JSON.stringify(line)}\n`);
}

/** What a journal says. */
export interface ReadJournal {
  readonly owner: JournalOwner | undefined;
  /** The jobs that have not ended. */
  readonly open: readonly JournalJob[];
}

/** Reads a journal, as far as it was written; `undefined` when there is none. */
export function readJournal(folder: string): ReadJournal | undefined {
  let text: string;
  try {
    text = fs.readFileSync(join(folder, JOURNAL), "utf8");
  } catch {
    return undefined;
  }
  let owner: JournalOwner | undefined;
  const jobs = new Map<number, JournalJob>();
  const change = (number: number, more: Partial<JournalJob>): void => {
    const job = jobs.get(number);
    if (job !== undefined) jobs.set(number, { ...job, ...more });
  };
  for (const row of text.split("\n")) {
    let line: Line;
    try {
      line = JSON.parse(row) as Line;
    } catch {
      // The last line of a run that was ended in the middle of it.
      continue;
    }
    if ("owner" in line) owner = line.owner;
    else if ("job" in line) jobs.set(line.job.number, line.job);
    else if ("id" in line) change(line.id[0], { id: line.id[1] });
    else if ("ended" in line) jobs.delete(line.ended);
    else for (const number of line.submitting) change(number, { submitting: true });
  }
  return { owner, open: [...jobs.values()] };
}

/** This process, so that others can tell whether it still is. */
export function thisProcess(): JournalOwner {
  return { host: os.hostname(), pid: process.pid, started: processStart(process.pid) };
}

/** Whether the process that writes a journal is still there: not on another host, where nobody can tell. */
export function isHere(owner: JournalOwner): boolean {
  if (owner.host !== os.hostname()) return false;
  return isSameProcess(owner.pid, owner.started);
}

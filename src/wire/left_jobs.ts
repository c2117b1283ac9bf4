/**
 * Jobs that dead runs have left behind which held slots of shared limits for them: whether they may still go on, by what they leave
 * themselves, and by what those say who run them.
 */
import fs from "node:fs";
import { dirname, join } from "node:path";
import { openLauncher } from "../dispatch/launchers.ts";
import type { DispatchRule } from "../dispatch/rules.ts";
import { lives, mayBeAdopted } from "../execute/jobs/adoption.ts";
import { claimOf, isGone, isOver, isRunning } from "../execute/jobs/claim.ts";
import { type JournalJob, readJournal } from "../execute/jobs/journal.ts";
import type { JobStanding, Launcher, LauncherPlace } from "../model/job.ts";
import type { Sending, SlotJobs } from "../store/leases.ts";
import type { SlotJob } from "../store/slot_file.ts";
import { jobOf } from "./leftovers.ts";

/** How long it is until it is asked again about a job, in milliseconds: at first, and at most. */
const SOON = 2_000, SELDOM = 30_000;
/** So often whoever runs a job may not know it before that is believed. */
const MISSES = 3;
/** How long a job of which nobody can tell anything counts as going on since there was a sign of it or its run, in milliseconds. */
export const BOUND = 30 * 60_000;

/** What looking after such jobs needs. */
export interface LeftPlace {
  /** The folder of the jobs of all runs. */
  readonly folder: string;
  readonly cwd: string;
  readonly after: LauncherPlace["after"];
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Something a user should know. */
  readonly warn: (message: string) => void;
  /** A job is to be taken over. */
  readonly adopt: (entry: JournalJob) => void;
}

/** What is known of one job. */
interface Known {
  readonly entry: JournalJob;
  readonly run: string;
  age: () => number;
  state: "on" | "over" | "asked";
  misses: number;
  /** When it was last said to go on. */
  heard: number | undefined;
  /** When it is to be asked about again, and after which pause the next time. */
  next: number;
  pause: number;
}

/** The job of a slot, if the journal of its run knows no end of it, and neither does the job itself. */
export function openJobOf(folder: string, { run, key }: SlotJob): JournalJob | undefined {
  const entry = readJournal(join(folder, run))?.open.find(({ items }) => items.some(([one]) => one === key));
  if (entry === undefined || hasEnded(entry)) return undefined;
  const origin = dirname(entry.folder);
  if (origin === join(folder, run)) return entry;
  // It was taken over before: its end is noted where it began.
  return readJournal(origin)?.open.some(({ name }) => name === entry.name) ? entry : undefined;
}

/** Whether a job itself shows that it is over, or is to begin no more; without its folder it does not. */
function hasEnded({ folder }: JournalJob): boolean {
  if (isOver(folder) || claimOf(folder)?.by === "revoke") return true;
  return fs.statSync(folder, { throwIfNoEntry: false }) === undefined;
}

/** The jobs that dead runs have left behind. */
export class LeftJobs implements SlotJobs {
  private readonly known = new Map<string, Known>();
  private readonly launchers = new Map<string, Promise<Launcher>>();
  private due: Known[] = [];
  private asking: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(private readonly place: LeftPlace) {}

  goesOn(job: SlotJob, age: () => number): boolean {
    const name = `${job.run} ${job.key}`;
    let known = this.known.get(name);
    if (known === undefined) {
      const entry = openJobOf(this.place.folder, job);
      if (entry === undefined) return false;
      known = {
        entry,
        run: job.run,
        age,
        state: "on",
        misses: 0,
        heard: undefined,
        next: this.place.now(),
        pause: SOON,
      };
      this.known.set(name, known);
    } else if (hasEnded(known.entry)) known.state = "over";
    if (known.state === "over") {
      // Its run may live after all, and try it once more.
      this.known.delete(name);
      return false;
    }
    known.age = age;
    if (known.state === "on" && known.next <= this.place.now()) this.ask(known);
    return true;
  }

  takeOver(job: SlotJob, { label, backend, items }: Sending): string | undefined {
    const { folder, now, adopt } = this.place;
    const entry = this.known.get(`${job.run} ${job.key}`)?.entry;
    if (entry === undefined || entry.label !== label || entry.backend !== backend) return undefined;
    const found = items.find(([key, validity]) =>
      validity !== "" && entry.items.some(([one, other]) => one === key && other === validity)
    );
    if (found === undefined || !mayBeAdopted(entry)) return undefined;
    const run = join(folder, job.run);
    const owner = readJournal(run)?.owner;
    if (owner !== undefined && lives(run, owner, now())) return undefined;
    adopt(entry);
    return found[0];
  }

  /** Resolves when all that was asked so far is answered. */
  async answered(): Promise<void> {
    await this.asking;
  }

  /** Asks no more. */
  async close(): Promise<void> {
    this.closed = true;
    for (const launcher of this.launchers.values()) await launcher.then((one) => one.close()).catch(() => {});
  }

  /** Asks about a job, together with all others of this moment. */
  private ask(known: Known): void {
    known.state = "asked";
    this.due.push(known);
    if (this.due.length === 1) {
      this.asking = Promise.all([
        this.asking,
        Promise.resolve().then(() => this.askAll()),
      ]);
    }
  }

  private async askAll(): Promise<void> {
    const byRule = new Map<string, Known[]>();
    for (const known of this.due.splice(0)) {
      const name = JSON.stringify([known.run, known.entry.label, known.entry.rule]);
      byRule.set(name, [...byRule.get(name) ?? [], known]);
    }
    await Promise.all([...byRule].map(async ([name, some]) => {
      const standings = await this.standings(name, some);
      some.forEach((known, at) => this.take(known, standings[at]!));
    }));
  }

  private async standings(name: string, some: readonly Known[]): Promise<readonly JobStanding[]> {
    const { place } = this;
    const [{ run, entry: { rule } }] = some as [Known];
    try {
      let launcher = this.launchers.get(name);
      if (launcher === undefined) this.launchers.set(name, launcher = open(rule as DispatchRule, run, place));
      const jobs = some.map(({ entry }) => ({ job: jobOf(entry, run, place.cwd), id: entry.id }));
      return await (await launcher).standing(jobs);
    } catch (error) {
      place.warn((error as Error).message);
      return some.map(() => "silent");
    }
  }

  /** What is said of a job. */
  private take(known: Known, said: JobStanding): void {
    if (this.closed) return;
    const { now } = this.place;
    const standing = said === "on" ? said : withClaim(known.entry, said);
    known.misses = standing === "unknown" ? known.misses + 1 : 0;
    if (standing === "on") known.heard = now();
    const silent = standing === "silent" && now() - (known.heard ?? -Infinity) > BOUND && known.age() > BOUND;
    known.state = standing === "over" || known.misses === MISSES || silent ? "over" : "on";
    known.next = now() + known.pause;
    known.pause = standing === "unknown" ? SOON : Math.min(SELDOM, known.pause * 1.5);
  }
}

/** What is known of a job that others do not know to go on, by the process that has it. */
function withClaim({ folder, backend }: JournalJob, said: JobStanding): JobStanding {
  const claim = claimOf(folder);
  if (claim === undefined) return said;
  if (isRunning(claim)) return "on";
  // What a prefix starts may be on another machine, and go on there when the prefix itself is gone.
  if (backend !== "prefix") return said;
  return isGone(claim) ? "over" : "silent";
}

async function open(rule: DispatchRule, run: string, place: LeftPlace): Promise<Launcher> {
  const { folder, cwd, after, warn } = place;
  const launch = await openLauncher(rule, { run, folder: join(folder, run, "scripts"), cwd, after });
  return launch({ submitting: () => {}, submitted: () => {}, ended: () => {}, warned: warn });
}

/**
 * Jobs on a batch queue, whichever it is: gathered into arrays, submitted one act at a time, asked about all at once and not too
 * often, cancelled in batches. The queue goes on without us; whoever comes next takes over what it finds there.
 */
import { join } from "node:path";
import type { Job, JobEnd, Launcher, LauncherListener, LauncherPlace } from "../../model/job.ts";
import { BadHosts } from "./bad_hosts.ts";
import type { QueueManner } from "./manner.ts";
import { askQueue, portions } from "./ask.ts";
import { type Entry, nameOf, newEntry, TOO_EARLY } from "./entry.ts";
import { findOrphan, LATE, SILENT } from "./orphans.ts";
import { persist, submitOnce } from "./persist.ts";
import { type JobState, type Queue, QueueError, type Submission } from "./queue.ts";
import { hasStarted, inWords, notStarted } from "./starts.ts";
import { standingsOf } from "./standing.ts";
import { prepareSubmission, together } from "./submission.ts";
import { Told } from "./told.ts";
import { Waits } from "./waits.ts";

/** So often a job may be unknown to its queue, or failed without having begun, before that is believed. */
const MISSES = 3;
/** How often the queue is asked while jobs are being cancelled, in milliseconds, for how long at the end, and how long silently. */
const CANCEL_POLL = 500, LONGEST_CLOSE = 60_000, QUIET_CLOSE = 3_000;
/** How long it is until a queue that takes no more jobs is tried again, in milliseconds. */
const FULL_PAUSE = 30_000;

/** The launcher of a queue. */
export class QueueLauncher implements Launcher {
  private readonly entries = new Map<Job, Entry>();
  private gathered: Entry[] = [];
  private readonly bad = new BadHosts();
  private readonly told: Told;
  private readonly waits: Waits;
  private callOffGather = (): void => {};
  private callOffPoll = (): void => {};
  private pause: number;
  /** Commands run one after another. */
  private chain: Promise<void> = Promise.resolve();
  private polling = false;
  /** The most jobs that one submission may hold here. */
  private most: number | undefined;
  /** Those for which there was no room; while there are any, nothing else is submitted. */
  private held: Entry[] = [];
  private closed = false;
  private idle: (() => void) | undefined;

  constructor(
    private readonly queue: Queue,
    private readonly manner: QueueManner,
    private readonly listener: LauncherListener,
    private readonly place: LauncherPlace,
  ) {
    this.pause = manner.pollFrom;
    this.told = new Told(listener, queue.name);
    this.waits = new Waits(place.after);
  }

  launch(job: Job): void {
    const entry = this.enter(job, "gathered");
    try {
      entry.kind = this.queue.kindOf(job);
    } catch (error) {
      return this.end(entry, { reason: "infra", text: (error as Error).message, neverBegan: true });
    }
    this.gathered.push(entry);
    const { quiet, gather } = this.manner;
    this.callOffGather();
    if (this.gathered.length >= this.queue.most * 4) return this.submitAll();
    // Time is counted by the pauses that were waited for: there is no other clock.
    this.callOffGather = this.place.after(quiet, () => this.submitAll());
    if (this.gathered.length === 1) this.waits.add(gather, () => this.submitAll());
  }

  adopt(job: Job, id: string | undefined): void {
    const entry = this.enter(job, "out");
    if (id !== undefined) {
      entry.id = id;
      this.hurry();
      return;
    }
    this.lookFor(entry, 1);
  }

  /** Looks for a job until the queue has said twice that it does not know it: whoever was submitting it may just be doing so. */
  private lookFor(entry: Entry, look: number): void {
    this.command(async () => {
      if (!this.entries.has(entry.job)) return;
      const found = await findOrphan(this.queue, entry.job, (message) => this.told.once(message));
      if (found === "silent") return this.waits.add(SILENT, () => this.lookFor(entry, look));
      if (found === "absent") {
        if (look === 1) return this.waits.add(LATE, () => this.lookFor(entry, 2));
        return this.end(entry, { text: `no queue of ${this.queue.name} knows it`, neverBegan: true });
      }
      this.isOut(entry, found.id);
      if (entry.cancelled) this.cancelIds([found.id]);
      this.hurry();
    });
  }

  readonly standing: Launcher["standing"] = (jobs) => standingsOf(this.queue, jobs, this.told);

  settled(jobs: readonly Job[]): void {
    for (const job of jobs) this.entries.delete(job);
    this.noteIdle();
  }

  cancel(jobs: readonly Job[], _hard: boolean): void {
    const ids: string[] = [];
    for (const job of jobs) {
      const entry = this.entries.get(job);
      if (entry === undefined || entry.cancelled) continue;
      entry.cancelled = true;
      if (entry.state === "gathered") {
        this.gathered = this.gathered.filter((one) => one !== entry);
        this.end(entry, TOO_EARLY);
      } else if (entry.id !== undefined) ids.push(entry.id);
    }
    this.cancelIds(ids);
  }

  async close(): Promise<readonly string[]> {
    this.closed = true;
    this.callOffGather();
    this.cancel([...this.entries.keys()], true);
    const bound = this.waits.pause(LONGEST_CLOSE);
    this.waits.add(
      QUIET_CLOSE,
      () => this.told.waiting([...this.entries.values()].map(nameOf), LONGEST_CLOSE),
    );
    const idle = new Promise<void>((resolve) => this.idle = resolve);
    this.noteIdle();
    // A queue that does not answer keeps nobody.
    await Promise.race([idle.then(() => this.chain), bound]);
    this.callOffPoll();
    this.waits.clear();
    return [...this.entries.values()].map(nameOf);
  }

  byHand(jobs: readonly Job[]): string | undefined {
    const ids = jobs.flatMap((job) => this.entries.get(job)?.id ?? []);
    return ids.length === 0 ? undefined : this.queue.cancelByHand(ids);
  }

  readonly waitsFor = (job: Job): string | undefined => this.entries.get(job)?.why;

  private enter(job: Job, state: Entry["state"]): Entry {
    const entry = newEntry(job, state);
    this.entries.set(job, entry);
    return entry;
  }

  /** Submits all that was gathered, in arrays of those with equal needs. */
  private submitAll(): void {
    this.callOffGather();
    const entries = this.gathered;
    this.gathered = [];
    for (const entry of entries) entry.state = "submitting";
    this.command(async () => {
      const { queue, manner: { array } } = this;
      if (array && entries.length > 1) {
        this.most ??= Math.max(1, Math.min(queue.most, await queue.siteMost?.() ?? queue.most));
      }
      for (const part of together(entries, array, this.most ?? queue.most)) await this.submit(part);
    });
  }

  private async submit(entries: readonly Entry[]): Promise<void> {
    const open = entries.filter((entry) => !entry.cancelled);
    for (const entry of entries) {
      if (entry.cancelled) this.end(entry, TOO_EARLY);
    }
    if (open.length === 0) return;
    if (this.held.length > 0) return void this.held.push(...open);
    const jobs = open.map(({ job }) => job);
    const { name } = jobs[0]!;
    const script = join(this.place.folder, `${name}.sh`);
    const submission: Submission = { jobs, name, script, avoid: this.bad.avoided };
    try {
      prepareSubmission(submission, this.queue);
      this.listener.submitting(jobs);
      const ids = await submitOnce(this.queue, submission, (act) => this.persist(act));
      open.forEach((entry, index) => {
        entry.submission = submission;
        this.isOut(entry, ids[index]!);
      });
      this.cancelIds(open.flatMap(({ cancelled, id }) => cancelled && id !== undefined ? [id] : []));
    } catch (error) {
      if (error instanceof QueueError && error.full && !this.closed) {
        return await this.waitForRoom(open, error);
      }
      for (const entry of open) {
        this.end(entry, {
          reason: "infra",
          text: `${this.queue.name} did not take it: ${(error as Error).message}`,
          neverBegan: true,
          command: this.queue.byHand(submission),
        });
      }
    }
    this.hurry();
  }

  /** The queue takes so many jobs only: half of them may fit, and the others when some have ended. */
  private async waitForRoom(entries: readonly Entry[], { message }: QueueError): Promise<void> {
    if (entries.length > 1) {
      const half = Math.ceil(entries.length / 2);
      await this.submit(entries.slice(0, half));
      return await this.submit(entries.slice(half));
    }
    this.told.once(`${message}; the others are submitted as soon as there is room`);
    this.held.push(...entries);
    this.waits.add(FULL_PAUSE, () => {
      // What was cancelled meanwhile is told when its turn comes.
      this.gathered.push(...this.held.splice(0));
      this.submitAll();
    });
  }

  /** Tries again what may work in a moment. */
  private persist<Value>(act: () => Promise<Value>): Promise<Value> {
    return persist(act, (millis) => this.waits.pause(millis), () => this.closed);
  }

  private isOut(entry: Entry, id: string): void {
    entry.id = id;
    entry.state = "out";
    if (this.entries.has(entry.job)) this.listener.submitted(entry.job, id);
  }

  private cancelIds(ids: readonly string[]): void {
    if (ids.length === 0) return;
    for (const some of portions(ids)) {
      this.command(() =>
        this.persist(() => this.queue.cancel(some)).catch((error: Error) => this.told.once(error.message))
      );
    }
    this.hurry();
  }

  /** The queue is asked soon. */
  private hurry(): void {
    this.pause = this.manner.pollFrom;
    this.pollLater();
  }

  private pollLater(): void {
    this.callOffPoll();
    const out = [...this.entries.values()].filter(({ id }) => id !== undefined);
    if (out.length === 0) return;
    const pause = out.some(({ cancelled }) => cancelled) ? Math.min(this.pause, CANCEL_POLL) : this.pause;
    this.callOffPoll = this.place.after(pause, () => {
      if (this.polling) return this.pollLater();
      this.polling = true;
      this.command(async () => {
        const changed = await this.poll().catch((error: Error) => {
          // A queue that does not answer has lost nothing.
          this.told.unanswered(error.message, this.entries.size);
          return false;
        });
        this.polling = false;
        this.pause = changed ? this.manner.pollFrom : Math.min(this.manner.pollTo, this.pause * 1.5);
        this.pollLater();
      });
    });
  }

  /** Asks about all jobs at once; gives whether anything has ended, or seems to have. */
  private async poll(): Promise<boolean> {
    const asked = [...this.entries.values()].filter(({ id }) => id !== undefined);
    if (asked.length === 0) return false;
    const states = await askQueue(this.queue, asked.map(({ id }) => id!));
    this.told.answered();
    this.told.waits(asked, states);
    let changed = false;
    for (const entry of asked) {
      if (!this.entries.has(entry.job)) continue;
      const state = states.get(entry.id!) ?? entry.doubted;
      if (state === undefined) {
        if (++entry.misses < (entry.cancelled ? 1 : MISSES)) continue;
        changed = true;
        const lost = this.queue.forgets !== true && !hasStarted(entry.job.folder);
        this.end(entry, { text: `${this.queue.name} does not know job ${entry.id} any more`, lost });
        continue;
      }
      entry.misses = 0;
      changed = this.take(entry, state) || changed;
    }
    return changed;
  }

  /** What the queue says of a job; gives whether it has ended, or seems to have. */
  private take(entry: Entry, state: JobState): boolean {
    const unstarted = !entry.cancelled && notStarted(entry.job, state);
    entry.doubts = unstarted ? entry.doubts + 1 : 0;
    entry.doubted = unstarted ? state : undefined;
    // A mark may be seen late, and the queue may try again.
    if (state.kind !== "ended" || unstarted && entry.doubts < MISSES) return unstarted;
    const { reason, exit, says, badHost } = inWords(state, unstarted);
    const news = badHost === undefined ? undefined : this.bad.add(badHost);
    if (news !== undefined) this.told.once(news);
    this.end(entry, { reason, exit, text: `job ${entry.id} of ${this.queue.name}: ${says}` });
    return true;
  }

  private end(entry: Entry, end: Partial<JobEnd> & { readonly text: string }): void {
    if (!this.entries.delete(entry.job)) return;
    const command = end.command ?? (entry.submission && this.queue.byHand(entry.submission));
    this.listener.ended(entry.job, { reason: undefined, exit: undefined, ...end, command });
    this.noteIdle();
  }

  private noteIdle(): void {
    if (this.entries.size === 0) this.idle?.();
  }

  /** Runs commands one after another: a scheduler is not to be flooded. */
  private command(act: () => Promise<void>): void {
    this.chain = this.chain.then(act).catch((error: Error) => this.told.once(error.message));
  }
}

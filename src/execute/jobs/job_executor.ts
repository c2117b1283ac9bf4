/**
 * Runs batches elsewhere: each becomes a job, a folder with a specification, that a launcher gets to where it runs. What became of
 * its attempts is told by letters of the job itself; how its process ended matters only where there are none.
 */
import fs from "node:fs";
import { dirname, join } from "node:path";
import type { Job, JobEnd, Launcher } from "../../model/job.ts";
import type { Reply } from "../../model/ask.ts";
import { withHeap } from "../../runtime/runtime.ts";
import { exitItem, unbegunItem } from "../failed_items.ts";
import type { Batch, Executor } from "../executor.ts";
import { closeJob, hasBegun, revoke } from "./claim.ts";
import { partOf, positionsWhere } from "./ended.ts";
import { Deadlines } from "./deadlines.ts";
import { entryOf, type JobExecutorOptions, specOf } from "./job_options.ts";
import { type FromJob, SPEC_FILE, type ToJob } from "./job_spec.ts";
import { endInJournal } from "./journal.ts";
import { writeToJob } from "./letters.ts";
import { outputOfNode } from "./job_output.ts";
import { RunningJob } from "./running_job.ts";
import { writeSpec } from "./spec_file.ts";
import { concludeJob, leftText, patience, whereText } from "./verdict.ts";

/** The executor over a launcher. */
export class JobExecutor implements Executor {
  readonly abandoned = 0;
  private readonly launcher: Launcher;
  private readonly running = new Map<Job, RunningJob>();
  private readonly byBatch = new Map<number, RunningJob[]>();
  private readonly waits = new Set<() => void>();
  private readonly deadlines: Deadlines;
  private cancelling = false;
  private hard = false;

  constructor(private readonly options: JobExecutorOptions) {
    const { jobs, listener, backend } = options;
    this.launcher = options.launcher({
      submitting: (some) =>
        jobs.journal.submitting(some.flatMap((job) => this.running.get(job)?.number ?? []), options.outlives),
      submitted: (job, id) => {
        const running = this.running.get(job);
        if (running === undefined) return;
        running.id = id;
        jobs.journal.id(running.number, id);
      },
      ended: (job, end) => this.ended(job, end),
      warned: (message) => listener.warned(message, false),
    });
    this.deadlines = new Deadlines(options.clock, {
      unbegun: (running, kind) =>
        this.settle(running, (batch, item) => {
          const sent = { backend, id: running.id, why: this.launcher.waitsFor?.(running.job) };
          listener.failed(batch, item, unbegunItem(kind, batch.timeout, sent), {});
        }),
      cancel: (late) => this.launcher.cancel(late.map(({ job }) => job), true),
    });
  }

  start(batch: Batch): void {
    this.options.jobs.open();
    const rest = this.adoptInto(batch);
    if (rest.length === batch.nodes.length) return this.send(batch);
    // Not at once: the scheduler has only just handed them out.
    const nodes = rest.map((item) => batch.nodes[item]!);
    if (nodes.length > 0) queueMicrotask(() => this.options.listener.returned(nodes));
  }

  /** Jobs are not taken back: they have been handed over. */
  recall(): readonly number[] {
    return [];
  }

  outputOf(node: number): readonly string[] {
    return outputOfNode(this.running.values(), node);
  }

  reply(batch: number, replies: readonly Reply[]): void {
    for (const running of this.byBatch.get(batch) ?? []) {
      const mine = replies.flatMap((reply) => {
        const item = running.itemOf(batch, reply.item);
        return item === undefined ? [] : [{ ...reply, batch: running.batch, item }];
      });
      if (mine.length > 0) this.write(running, { kind: "reply", replies: mine });
    }
  }

  cancel(hard: boolean): void {
    this.cancelling = true;
    this.deadlines.close();
    this.hard ||= hard;
    const jobs = [...this.running.keys()];
    if (!hard && !this.options.outlives) {
      for (const running of this.running.values()) {
        this.write(running, { kind: "cancel", batch: "all", reason: "cancelled" });
      }
    }
    this.launcher.cancel(jobs, hard);
    if (!hard || !this.options.outlives) return;
    // The queue ends them in its own time; nobody waits for that.
    for (const running of this.running.values()) this.cancelRest(running);
  }

  async close(): Promise<void> {
    for (const callOff of this.waits) callOff();
    this.deadlines.close();
    const left = await this.launcher.close();
    for (const running of this.running.values()) this.forget(running);
    if (left.length === 0) return;
    this.options.jobs.keep = true;
    this.options.listener.warned(leftText(left, this.options), false);
  }

  /** Gives what items it can to jobs that run already; returns the others. */
  private adoptInto(batch: Batch): number[] {
    const rest: number[] = [];
    const { adoption, jobs, label, backend } = this.options;
    for (let item = 0; item < batch.nodes.length; item++) {
      const found = adoption?.take(batch.keys[item]!, batch.validities[item]!, label, backend);
      if (found === undefined) {
        rest.push(item);
        continue;
      }
      let running = adoption!.running.get(found.entry.folder);
      if (running === undefined) {
        const own = jobs.next();
        running = found.running(batch, own, this.options.open.cwd);
        adoption!.running.set(found.entry.folder, running);
        jobs.journal.job({ ...found.entry, number: own.number });
        this.track(running);
        running.assign(found.item, batch, item);
        this.note(batch, running);
        this.write(running, { kind: "adopted" });
        this.launcher.adopt(running.job, found.entry.id);
      } else {
        running.assign(found.item, batch, item);
        this.note(batch, running);
      }
    }
    return rest;
  }

  /** Makes a job of a batch and hands it over. */
  private send(batch: Batch): void {
    const { options, options: { jobs } } = this;
    const own = jobs.next();
    const folder = join(jobs.folder, String(own.number));
    const spec = specOf(options, batch, own, folder);
    fs.mkdirSync(folder);
    const file = join(folder, SPEC_FILE);
    writeSpec(file, spec);
    const job: Job = {
      name: own.name,
      folder,
      command: [...withHeap(options.self, batch.heap), "exec", file],
      cwd: options.open.cwd,
      fields: batch.job!.fields,
      resources: batch.job!.resources,
      size: batch.nodes.length,
    };
    const running = new RunningJob(job, own.number, jobs.outbox, own.number, batch.id, batch.nodes.length);
    jobs.journal.job(entryOf(options, batch, job, own.number));
    for (let item = 0; item < batch.nodes.length; item++) running.assign(item, batch, item);
    this.track(running);
    this.note(batch, running);
    this.launcher.launch(job);
  }

  private track(running: RunningJob): void {
    this.running.set(running.job, running);
    this.options.jobs.listen(running.outbox, running.letterNumber, (letter) => this.receive(running, letter));
  }

  private note(batch: Batch, running: RunningJob): void {
    const known = this.byBatch.get(batch.id);
    if (!known?.includes(running)) this.deadlines.watch(running, batch);
    if (known === undefined) this.byBatch.set(batch.id, [running]);
    else if (!known.includes(running)) known.push(running);
  }

  private write(running: RunningJob, letter: ToJob): void {
    try {
      writeToJob(running.job.folder, letter);
    } catch (error) {
      this.options.listener.warned(`a job cannot be told anything: ${(error as Error).message}`, false);
    }
  }

  /** A letter of a job. */
  private receive(running: RunningJob, letter: FromJob): void {
    const { options, options: { listener } } = this;
    switch (letter.kind) {
      case "ended": {
        const where = whereText(running, letter, options.backend, this.launcher);
        const more = { takenOver: running.adopted, where };
        for (const batch of running.batches()) {
          const numberOf = (item: number) => running.place(item)!.item;
          const mine = positionsWhere(
            letter,
            (item) => running.isOpen(item) && running.place(item)!.batch === batch,
          );
          if (mine.length === 0) continue;
          for (const position of mine) running.tell(letter.items[position]!);
          listener.ended(batch, partOf(letter, mine, batch.id, numberOf, more));
        }
        return this.settleIfDone(running);
      }
      case "exiting": {
        const place = running.place(letter.item);
        if (place === undefined || !running.isOpen(letter.item)) return;
        running.tell(letter.item);
        const where = whereText(running, letter, options.backend, this.launcher);
        listener.failed(place.batch, place.item, exitItem(letter.error, letter.code, where), letter.output);
        return this.settleIfDone(running);
      }
      case "ask":
        for (const ask of letter.asks) {
          const place = running.place(ask.item);
          if (place === undefined || !running.isOpen(ask.item)) continue;
          listener.asked(place.batch, { ...ask, batch: place.batch.id, item: place.item });
        }
        return;
      case "warning":
        return listener.warned(letter.message, letter.cacheFailed ?? false);
      case "broken":
        running.broken = letter.message;
        return;
      case "ready":
      case "begun":
        return;
    }
  }

  private settleIfDone(running: RunningJob): void {
    if (running.left > 0) return;
    this.noteEnd(running);
    if (this.options.outlives) this.launcher.settled([running.job]);
    if (running.over || this.options.outlives) this.forget(running);
  }

  /** Nobody needs to look for a job any more, nor to run it when its queue starts it again. */
  private noteEnd(running: RunningJob): void {
    this.options.jobs.journal.ended(running.number);
    if (running.adopted) endInJournal(dirname(running.job.folder), running.letterNumber);
    if (this.options.outlives) closeJob(running.job.folder);
  }

  private forget(running: RunningJob): void {
    this.running.delete(running.job);
    this.deadlines.forget(running);
    this.options.jobs.forget(running.outbox, running.letterNumber);
    for (const batch of running.batches()) this.byBatch.delete(batch.id);
  }

  /** The process of a job is over. */
  private ended(job: Job, end: JobEnd): void {
    const running = this.running.get(job);
    if (running === undefined) return;
    running.over = true;
    this.await(running, end, 0, 25);
  }

  /** Waits for the letters of a job that is over, as long as they may still be on their way. */
  private await(running: RunningJob, end: JobEnd, waited: number, pause: number): void {
    this.options.jobs.look();
    if (!this.running.has(running.job)) return;
    if (running.left === 0) return this.forget(running);
    const bound = patience(running, end, this.hard ? 0 : this.options.latency);
    if (waited < bound && running.broken === undefined) {
      const callOff = this.options.clock.after(pause, () => {
        this.waits.delete(callOff);
        this.await(running, end, waited + pause, Math.min(1_000, pause * 2));
      });
      this.waits.add(callOff);
      return;
    }
    this.conclude(running, end, waited);
  }

  private conclude(running: RunningJob, end: JobEnd, waited: number): void {
    if (this.cancelling) return this.cancelRest(running);
    if (running.adopted && end.neverBegan && !revoke(running.job.folder)) {
      // It has begun at the last moment, somewhere: there is nothing to do but to wait for it.
      running.over = false;
      return this.launcher.adopt(running.job, running.id);
    }
    const { listener } = this.options;
    const verdict = concludeJob(running, end, waited);
    // What may be left of it, on a machine that was lost, is not to get in the way of another try.
    if (hasBegun(running.job.folder)) {
      this.write(running, { kind: "cancel", batch: "all", reason: "cancelled" });
    }
    const returned = new Map<Batch, number[]>();
    for (const item of running.open()) {
      const { batch, item: own } = running.place(item)!;
      running.tell(item);
      const failed = verdict.failed(item);
      if (failed !== undefined) listener.failed(batch, own, failed, verdict.output(item));
      else returned.set(batch, [...returned.get(batch) ?? [], batch.nodes[own]!]);
    }
    this.noteEnd(running);
    this.forget(running);
    for (const nodes of returned.values()) listener.returned(nodes);
  }

  private cancelRest(running: RunningJob): void {
    this.settle(running, (batch, item) => this.options.listener.cancelled(batch, item), !this.hard);
  }

  /** Tells the end of all items of a job that brings nothing any more. */
  private settle(running: RunningJob, tell: (batch: Batch, item: number) => void, note = true): void {
    for (const item of running.open()) {
      const { batch, item: own } = running.place(item)!;
      running.tell(item);
      tell(batch, own);
    }
    if (note) this.noteEnd(running);
    if (running.over) this.forget(running);
  }
}

/** The jobs of one run as its own side sees them: their letters, the sign that the run is alive, the journal. */
import fs from "node:fs";
import { join } from "node:path";
import type { Clock } from "../member.ts";
import type { FromJob } from "./job_spec.ts";
import { Journal } from "./journal.ts";
import { lettersIn, readLetter } from "./letters.ts";

/** How often letters are looked for, in milliseconds: when there have just been some, and at most. */
const SOON = 50, SELDOM = 1_000;
/** How often the sign of life is renewed, in milliseconds. */
const BEAT = 5_000;

/** The name of the folder in which jobs leave letters. */
export const OUTBOX = "outbox";
/** The file whose time of change tells that a run is alive. */
export const ALIVE = "alive";

/** Takes the letters of one job. */
export type TakeLetter = (letter: FromJob) => void;

/** What belongs to no single executor. */
export class RunJobs {
  readonly outbox: string;
  readonly alive: string;
  readonly journal: Journal;
  /** Something is left that somebody may have to end. */
  keep = false;
  private readonly takers = new Map<string, TakeLetter>();
  private readonly boxes = new Map<string, number>();
  private numbers = 0;
  private pause = SOON;
  private opened = false;
  private callOffLook = (): void => {};
  private callOffBeat = (): void => {};

  /** `folder` is where all jobs of the run lie; made when the first one is. */
  constructor(readonly folder: string, private readonly run: string, private readonly clock: Clock) {
    this.outbox = join(folder, OUTBOX);
    this.alive = join(folder, ALIVE);
    this.journal = new Journal(folder);
  }

  /** Whether any job was made or taken over. */
  get used(): boolean {
    return this.opened;
  }

  /** A number for a job, and its name. */
  next(): { readonly number: number; readonly name: string } {
    const number = this.numbers++;
    return { number, name: `runner-${this.run}-${number}` };
  }

  /** Makes the folders, and shows that the run is alive from now on. */
  open(): void {
    if (this.opened) return;
    this.opened = true;
    fs.mkdirSync(this.outbox, { recursive: true });
    this.journal.open();
    this.beat();
  }

  /** From now on the letters of a job go to whoever runs it. */
  listen(outbox: string, number: number, take: TakeLetter): void {
    this.takers.set(`${outbox}/${number}`, take);
    this.boxes.set(outbox, (this.boxes.get(outbox) ?? 0) + 1);
    this.pause = SOON;
    if (this.takers.size === 1) this.lookLater();
  }

  /** A job has nothing more to say. */
  forget(outbox: string, number: number): void {
    if (!this.takers.delete(`${outbox}/${number}`)) return;
    const left = this.boxes.get(outbox)! - 1;
    if (left === 0) this.boxes.delete(outbox);
    else this.boxes.set(outbox, left);
    if (this.takers.size === 0) this.callOffLook();
  }

  /** Hands out the letters there are; one listing for all jobs of an outbox. */
  look(): void {
    for (const outbox of [...this.boxes.keys()]) {
      for (const name of lettersIn(outbox)) {
        const take = this.takers.get(`${outbox}/${name.slice(0, name.indexOf("."))}`);
        if (take === undefined) continue;
        const file = join(outbox, name);
        let letter: FromJob;
        try {
          letter = readLetter(file) as FromJob;
        } catch {
          // Not whole yet, on a network file system: the next look sees it.
          continue;
        }
        fs.rmSync(file, { force: true });
        this.pause = SOON;
        take(letter);
      }
    }
  }

  /** Shows no longer that the run is alive; with `remove`, nothing of it is left. */
  close(remove: boolean): void {
    this.callOffLook();
    this.callOffBeat();
    if (!this.opened) return;
    this.journal.close();
    if (remove && !this.keep) fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private lookLater(): void {
    this.callOffLook();
    this.callOffLook = this.clock.after(this.pause, () => {
      this.pause = Math.min(SELDOM, this.pause * 1.25);
      this.look();
      if (this.takers.size > 0) this.lookLater();
    });
  }

  private beat(): void {
    try {
      fs.writeFileSync(this.alive, `${Date.now()}\n`);
    } catch {
      // Somebody has cleared the folder: its jobs will tell.
    }
    this.callOffBeat = this.clock.after(BEAT, () => this.beat());
  }
}

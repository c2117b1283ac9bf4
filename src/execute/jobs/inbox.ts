/** The letters that a job gets, and the sign that its run is alive: both are looked for now and then. */
import { fs } from "../../runtime/fs.ts";
import type { ToJob } from "./job_spec.ts";
import { lettersIn, readLetter } from "./letters.ts";

/** How often letters are looked for, in milliseconds: at first, at most, and while an answer is waited for. */
const FIRST = 250, MOST = 2_000, HURRIED = 50;
/** A run whose sign has not changed for so long, by our own clock, is no more, in milliseconds. */
const PATIENCE = 30_000;

/** Who is told. */
export interface InboxListener {
  letter(letter: ToJob): void;
  /** The run is no more. */
  orphaned(): void;
}

/** The inbox of a job. */
export class Inbox {
  private readonly seen = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pause = FIRST;
  private hurried = false;
  private sign = "";
  private signSince = performance.now();

  /** `alive` is a file that is touched as long as the run lives; empty when that does not matter. */
  constructor(
    private readonly folder: string,
    private readonly alive: string,
    private readonly listener: InboxListener,
  ) {}

  /** Looks, and begins to look now and then. */
  open(): void {
    this.look();
  }

  /** An answer is waited for. */
  hurry(): void {
    this.hurried = true;
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), HURRIED);
  }

  /** None is, any more. */
  relax(): void {
    this.hurried = false;
    this.pause = FIRST;
  }

  /** Looks no longer. */
  close(): void {
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Reads the letters that have come since the last look. */
  readNew(): void {
    for (const name of lettersIn(this.folder)) {
      if (this.seen.has(name)) continue;
      try {
        const letter = readLetter(`${this.folder}/${name}`) as ToJob;
        this.seen.add(name);
        this.listener.letter(letter);
      } catch {
        // On a network file system a name may be there before the bytes are: the next look sees them.
      }
    }
  }

  private look(): void {
    this.readNew();
    if (!this.isThere() || this.alive !== "" && !this.isAlive()) return this.listener.orphaned();
    this.pause = Math.min(MOST, this.pause * 1.5);
    this.timer = setTimeout(() => this.look(), this.hurried ? HURRIED : this.pause);
  }

  /** Whether the folder of the job is still there: a run that has ended takes all its folders along. */
  private isThere(): boolean {
    try {
      fs.statSync(this.folder.slice(0, this.folder.lastIndexOf("/")));
      return true;
    } catch (error) {
      // A file system that does not answer says nothing.
      return (error as { code?: string }).code !== "ENOENT";
    }
  }

  private isAlive(): boolean {
    let sign = "gone";
    try {
      sign = String(fs.statSync(this.alive).mtimeMs);
    } catch {
      // It may be back in a moment; if not, it stays the same.
    }
    const now = performance.now();
    if (sign !== this.sign) [this.sign, this.signSince] = [sign, now];
    return now - this.signSince < PATIENCE;
  }
}

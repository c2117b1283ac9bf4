/** Reports for people: live progress on a terminal, plain lines elsewhere; failures and a summary at the end. */
import { readableDuration } from "../model/duration.ts";
import type { RunEvent, Transition } from "../model/event.ts";
import { fold, newProgress, type Progress } from "./progress.ts";
import { renderFailure, renderProgress, renderSummary } from "./render.ts";
import type { Style } from "./style.ts";

/** Where a report goes. */
export interface Terminal {
  write(text: string): void;
  /** Columns, when it is a terminal; asked for at each drawing, for windows change. */
  readonly columns: number | undefined;
  readonly style: Style;
  readonly now: () => number;
  /** Calls back again and again, every so many milliseconds; the returned function ends that. */
  readonly every: (millis: number, callback: () => void) => () => void;
}

/** How often a live display is drawn anew, in milliseconds. */
const REDRAW = 100;
/** The most lines of tasks in a live display. */
const LINES = 4;
/** The most plain lines about single tasks. */
const PLAIN_LINES = 500;

/** Tells people of a run. */
export class HumanReporter {
  private readonly progress: Progress = newProgress();
  private readonly begun = new Map<number, number>();
  /** The lines of the live display that stand on the terminal. */
  private drawn: readonly string[] = [];
  private printed = 0;
  private stop: (() => void) | undefined;

  constructor(private readonly terminal: Terminal, private readonly quiet: boolean) {}

  /** Takes an event. */
  handle(event: RunEvent): void {
    const { terminal } = this;
    fold(this.progress, event);
    switch (event.kind) {
      case "run-started":
        if (terminal.columns !== undefined && !this.quiet) {
          this.stop = terminal.every(REDRAW, () => this.draw());
        }
        return;
      case "transition":
        if (terminal.columns === undefined && !this.quiet) this.line(event);
        return;
      case "warning":
        return this.above(`${terminal.style.bad("warning:")} ${event.message}`);
      case "attempt-ended":
        return this.above(
          `${terminal.style.dim("again:")} ${event.call} ${
            event.outcome === "timed-out" ? "ran out of time" : `failed (${event.error})`
          } at attempt ${event.attempt}; the next ${
            event.retryInMillis === 0 ? "at once" : `in ${readableDuration(event.retryInMillis)}`
          }`,
        );
      case "run-ended":
        this.stop?.();
        if (this.drawn.length > 0) terminal.write(this.erased());
        this.drawn = [];
        for (const failure of this.progress.failures) {
          terminal.write(`${renderFailure(failure, terminal.style)}\n\n`);
        }
        if (!this.quiet) terminal.write(`${renderSummary(event.stats, terminal.style)}\n`);
        return;
    }
  }

  /** A plain line for a task that has ended. */
  private line(event: Transition): void {
    if (event.to === "running") this.begun.set(event.node, event.time);
    const begun = this.begun.get(event.node);
    if (event.to === "running" || begun === undefined) return;
    this.begun.delete(event.node);
    if (!["succeeded", "failed", "timed-out"].includes(event.to) || this.printed > PLAIN_LINES) return;
    const text = this.printed++ === PLAIN_LINES
      ? "… (further lines are left out)"
      : `${event.to === "succeeded" ? "ran" : event.to} ${event.call} ${
        readableDuration(event.time - begun)
      }`;
    this.terminal.write(`${text}\n`);
  }

  /** Tells something that is no event, in a line of its own. */
  note(text: string): void {
    this.above(text);
  }

  /** Prints a line above the live display, which stays as it is. */
  private above(text: string): void {
    const again = this.drawn.length === 0 ? "" : this.drawn.join("");
    this.terminal.write(`${this.erased()}${text}\n${again}`);
  }

  private draw(): void {
    const { terminal } = this;
    // One column stays free: a terminal that has just been made narrower must not wrap at once.
    const lines = renderProgress(
      this.progress,
      Math.max(10, (terminal.columns ?? 80) - 1),
      LINES,
      terminal.now(),
      terminal.style,
    ).map((line) => `${line}\n`);
    const text = this.erased() + lines.join("");
    this.drawn = lines;
    terminal.write(text);
  }

  /** What takes the live display away again; a Ctrl-C that the terminal has echoed has moved the cursor to the right. */
  private erased(): string {
    return this.drawn.length > 0 ? `\r\x1b[${this.drawn.length}A\x1b[J` : "";
  }
}

/** Reports for people: live progress on a terminal, a line for each task that ran; failures and a summary at the end. */
import { readableDuration } from "../model/duration.ts";
import type { CallsNotRun, RunEvent, Transition } from "../model/event.ts";
import type { NodeFailure } from "../model/failure.ts";
import { isTerminal, type NodeState } from "../model/state.ts";
import type { TimeoutKind } from "../model/timeout.ts";
import { alike } from "./alike.ts";
import { cut } from "./columns.ts";
import { fold, newProgress, type Progress } from "./progress.ts";
import { renderFailure, renderNotRun, renderProgress, renderSummary } from "./render.ts";
import { Silences } from "./silences.ts";
import type { Style } from "./style.ts";
import { TaskLines } from "./task_lines.ts";

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

/** How a run is told. */
export interface HumanOptions {
  /** Warnings and failures, nothing else. */
  readonly quiet?: boolean;
  /** Whole logs of failed tasks instead of what matters in them. */
  readonly fullLog?: boolean;
  /** The command that runs just the failed task again, if there is one. */
  readonly rerun?: (failure: NodeFailure) => string | undefined;
  /** The most lines about single tasks; default 500. */
  readonly lines?: number;
}

/** How often a live display is drawn anew, in milliseconds. */
const REDRAW = 100;
/** The most lines of tasks in a live display. */
const LINES = 4;
/** How often it is asked how long the rest will take, in milliseconds. */
const ESTIMATE = 1_000;
/** The share of the rest that must be known before a time is shown: no number rather than a wrong one. */
const KNOWN = 0.5;

/** How an attempt has reached a time limit. */
const OUT_OF_TIME: Readonly<Record<TimeoutKind, string>> = {
  attempt: "ran out of time",
  idle: "printed nothing for too long",
  queue: "did not begin in time",
  task: "ran out of time",
};

/** What comes of `runner cancel`, and of its `--now`. */
const STOP = "stopping: runner cancel has asked for it: nothing new starts, running tasks are asked to stop";
const STOP_NOW = "ending: runner cancel --now has asked for it: running tasks are ended";

/** Tells people of a run. */
export class HumanReporter {
  private readonly options: HumanOptions;
  private progress: Progress = newProgress();
  private lines = new TaskLines(false);
  /** The lines of the live display that stand on the terminal. */
  private drawn: readonly string[] = [];
  private stop: (() => void) | undefined;
  /** What is to be said when the terminal is free again; `undefined` while it is. */
  private held: string[] | undefined;
  private asked = -Infinity;
  private readonly silences = new Silences();
  private notRun: CallsNotRun | undefined;
  /** When the run will be over, Unix time in milliseconds. */
  private over: number | undefined;

  /** `options` may be just whether to be quiet. */
  constructor(private readonly terminal: Terminal, options: HumanOptions | boolean = {}) {
    this.options = typeof options === "boolean" ? { quiet: options } : options;
  }

  /** What counts on the way to the cache or to a start is not shown; who is quiet shows no transitions at all. */
  wants(from: NodeState, to: NodeState): boolean {
    if (this.options.quiet) return false;
    return from === "running" || to === "running" || isTerminal(from) || isTerminal(to);
  }

  /** Takes an event. */
  handle(event: RunEvent): void {
    if (event.kind === "run-started") this.begin();
    const { terminal, progress } = this;
    const quiet = this.options.quiet ?? false;
    if (event.kind === "transition" && !quiet && (event.from === "running" || isFollowed(event))) {
      const since = progress.running.get(event.node)?.time ?? event.time;
      this.say(this.lines.ended(event, since, progress.nodes, this.columns()));
    }
    fold(progress, event);
    switch (event.kind) {
      case "run-started":
        if (terminal.columns !== undefined && !quiet) this.stop = terminal.every(REDRAW, () => this.draw());
        return;
      case "transition":
        if (event.to === "running" && !quiet) this.lines.started(event, progress.nodes);
        return;
      case "node-skipped":
        if (!quiet) this.aside(() => `skipped ${event.call}: ${event.why}`);
        return;
      case "node-restarted":
        if (!quiet) this.aside(() => `again ${event.call}: ${event.paths.join(", ")} changed while it ran`);
        return;
      case "calls-not-run":
        if (!quiet) this.notRun = event;
        return;
      case "outputs-restored":
        if (!quiet) {
          this.aside(() => {
            const [first, ...more] = event.paths;
            return `restored ${first}${more.length > 0 ? ` (+${more.length} more)` : ""} of ${event.call}`;
          });
        }
        return;
      case "prompt-began":
        terminal.write(this.erased());
        this.drawn = [];
        this.held ??= [];
        return;
      case "prompt-ended":
        return this.release();
      case "stop-asked":
        return this.say(event.now ? STOP_NOW : STOP);
      case "warning":
        return this.say(`${terminal.style.bad("warning:")} ${event.message}`);
      case "attempt-ended":
        return this.say(
          `${terminal.style.dim("again:")} ${event.call} ${
            event.outcome === "timed-out"
              ? OUT_OF_TIME[event.timeout ?? "attempt"]
              : `failed (${event.error}${
                event.message === undefined || event.message === "" ? "" : `: ${event.message}`
              })`
          } at attempt ${event.attempt}; the next ${
            event.retryInMillis === 0 ? "at once" : `in ${readableDuration(event.retryInMillis)}`
          }`,
        );
      case "run-ended":
        this.stop?.();
        this.release();
        if (this.drawn.length > 0) terminal.write(this.erased());
        this.drawn = [];
        for (const [failure, ...others] of alike(progress.failures)) {
          const { fullLog = false, rerun } = this.options;
          terminal.write(
            `${renderFailure(failure, terminal.style, { fullLog, again: rerun?.(failure), others })}\n\n`,
          );
        }
        if (this.notRun !== undefined) terminal.write(`${renderNotRun(this.notRun, this.columns())}\n\n`);
        if (!quiet) terminal.write(`${renderSummary(event.stats, terminal.style)}\n`);
        return;
    }
  }

  /** A reporter may see several runs, one after another. */
  private begin(): void {
    this.stop?.();
    this.progress = newProgress();
    this.lines = new TaskLines(this.terminal.columns !== undefined, this.options.lines);
    this.asked = -Infinity;
    this.silences.clear();
    this.over = this.notRun = undefined;
  }

  /** Tells something that is no event, in a line of its own. */
  note(text: string): void {
    this.above(text);
  }

  /** Says something now, or when the terminal is free again. */
  private say(text: string | undefined): void {
    if (text === undefined) return;
    if (this.held === undefined) this.above(text);
    else this.held.push(text);
  }

  /** Says something of a single task, in one line: what tasks say may have several. */
  private aside(text: () => string): void {
    const line = () => cut(text(), this.columns() ?? Infinity);
    this.say(this.lines.aside(line, this.progress.nodes));
  }

  private release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    if (held.length > 0) this.above(held.join("\n"));
  }

  /** Prints a line above the live display, which stays as it is. */
  private above(text: string): void {
    const again = this.drawn.length === 0 ? "" : this.drawn.join("");
    this.terminal.write(`${this.erased()}${text}\n${again}`);
  }

  private draw(): void {
    const { terminal, progress } = this;
    const now = terminal.now();
    this.lines.running(progress.running.values(), now);
    if (this.held !== undefined) return;
    const lines = renderProgress(
      progress,
      Math.max(10, this.columns() ?? 79),
      LINES,
      now,
      terminal.style,
      this.left(now),
      (node) => this.silences.of(node, now),
    ).map((line) => `${line}\n`);
    const text = this.erased() + lines.join("");
    this.drawn = lines;
    terminal.write(text);
  }

  /** One column of a terminal stays free: one that has just been made narrower must not wrap at once. */
  private columns(): number | undefined {
    const { columns } = this.terminal;
    return columns === undefined ? undefined : columns - 1;
  }

  /** How long the rest will take, in milliseconds. */
  private left(now: number): number | undefined {
    if (now - this.asked >= ESTIMATE) {
      this.asked = now;
      const estimate = this.progress.estimate?.();
      this.over = estimate !== undefined && estimate.known >= KNOWN ? now + estimate.millis : undefined;
    }
    return this.over === undefined ? undefined : Math.max(0, this.over - now);
  }

  /** What takes the live display away again; a Ctrl-C that the terminal has echoed has moved the cursor to the right. */
  private erased(): string {
    return this.drawn.length > 0 ? `\r\x1b[${this.drawn.length}A\x1b[J` : "";
  }
}

/** Whether a call has succeeded by the calls that it had returned. */
function isFollowed({ from, to }: Transition): boolean {
  return from === "blocked" && to === "succeeded";
}

/** One line for each task that ran: what, how long, and why. */
import { type Cause, causesText } from "../model/cause.ts";
import type { Transition } from "../model/event.ts";
import { renderTask } from "./render.ts";

/** The most lines about single tasks, if nothing else is said. */
const MOST_LINES = 500;
/** On a terminal, a run of more calls than this tells only of tasks that took their time. */
const LARGE_RUN = 200;
/** What taking one's time means, in milliseconds. */
const LONG = 1_000;

/** Chooses and makes the lines; asks for causes only where a line will tell them. */
export class TaskLines {
  private told = 0;
  /** Why nodes run that are running. */
  private readonly causes = new Map<number, string>();

  /**
   * @param most the most lines.
   * @param live whether there is a display that shows what is running.
   */
  constructor(private readonly live: boolean, private readonly most: number = MOST_LINES) {}

  /** A node starts: this is when its causes are true, later they may be gone. */
  started(event: Transition, nodes: number): void {
    if (!this.onlyLong(nodes)) this.ask(event);
  }

  /** Nodes are running, the longest first; in a large run, only now it is known which of them will have a line. */
  running(nodes: Iterable<Transition>, now: number): void {
    for (const event of nodes) {
      if (now - event.time < LONG * 0.9) return;
      if (!this.causes.has(event.node)) this.ask(event);
    }
  }

  /** A node that was running, or waits for calls that it has returned, has changed its state; gives its line, if it has one. */
  ended(
    event: Transition,
    since: number,
    nodes: number,
    columns: number | undefined,
  ): string | undefined {
    // It waits for calls of its own, or for those that it has returned: why it ran is told at its end.
    if (event.to === "blocked") return undefined;
    const why = this.causes.get(event.node) ?? "";
    this.causes.delete(event.node);
    const failed = event.to === "failed" || event.to === "timed-out";
    if (!failed && event.to !== "succeeded") return undefined;
    const millis = event.millis ?? event.time - since;
    if (!failed && millis < LONG && this.onlyLong(nodes)) return undefined;
    return this.counted(() => renderTask(failed ? event.to : "ran", event.call, millis, why, columns));
  }

  /** Something else about a single task, which large runs do not tell on a terminal. */
  aside(text: () => string, nodes: number): string | undefined {
    return this.onlyLong(nodes) ? undefined : this.counted(text);
  }

  private onlyLong(nodes: number): boolean {
    return this.live && nodes > LARGE_RUN;
  }

  private counted(text: () => string): string | undefined {
    if (this.told > this.most) return undefined;
    return this.told++ === this.most ? "… (further lines are left out)" : text();
  }

  private ask(event: Transition): void {
    if (this.told + this.causes.size >= this.most) return;
    this.causes.set(event.node, causeOf(event.causes));
  }
}

/** Causes as one text; that a task has no earlier result is no news. */
function causeOf(causes: readonly Cause[] | undefined): string {
  return causesText((causes ?? []).filter(({ kind }) => kind !== "first"));
}

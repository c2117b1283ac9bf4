/** Events and terminals for the tests of reports. */
import type { RunStats, Transition } from "../../src/model/event.ts";
import type { NodeState } from "../../src/model/state.ts";
import type { Terminal } from "../../src/report/human.ts";
import { PLAIN } from "../../src/report/style.ts";

/** A change of a node's state. */
export function transition(node: number, from: NodeState, to: NodeState, time = 2_000): Transition {
  return {
    kind: "transition",
    node,
    call: `step({ n: ${node} })`,
    task: "step",
    key: `k${node}`,
    from,
    to,
    time,
  };
}

/** Counts of a run. */
export const STATS: RunStats = {
  nodes: 2,
  ran: 1,
  upToDate: 0,
  failed: 1,
  skipped: 0,
  seconds: 1.5,
  ranByTask: { step: 1 },
  abandoned: 0,
};

/** A terminal that keeps what is written, with a clock that is moved by hand. */
export class FakeTerminal implements Terminal {
  readonly writes: string[] = [];
  readonly style = PLAIN;
  time = 1_000;
  private tick: (() => void) | undefined;
  /** How often the reporter wants to be called, in milliseconds; 0 when it does not. */
  interval = 0;

  constructor(public columns: number | undefined) {}

  readonly now = (): number => this.time;
  readonly every = (millis: number, callback: () => void): () => void => {
    [this.interval, this.tick] = [millis, callback];
    return () => [this.interval, this.tick] = [0, undefined];
  };

  write(text: string): void {
    this.writes.push(text);
  }

  /** Lets time pass until the next drawing. */
  pass(): void {
    this.time += this.interval;
    this.tick?.();
  }

  /** What was written since the last time. */
  take(): string {
    return this.writes.splice(0).join("");
  }
}

/** What a terminal shows after texts were written to it: lines, up-movements and erasing to the end. */
export function screen(text: string): string[] {
  const lines: string[] = [""];
  let row = 0;
  // deno-lint-ignore no-control-regex -- control sequences are what is read here
  for (const [, up, erase, newline, char] of text.matchAll(/\x1b\[(\d+)A|(\x1b\[J)|(\n)|([^\x1b])/gu)) {
    if (up !== undefined) row -= Number(up);
    else if (erase !== undefined) lines.splice(row, lines.length, "");
    else if (newline !== undefined) lines[++row] ??= "";
    else if (char !== undefined && char !== "\r") lines[row] = `${lines[row] ?? ""}${char}`;
  }
  return lines.slice(0, -1);
}

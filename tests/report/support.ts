/** Events and terminals for the tests of reports. */
import type { Cause } from "../../src/model/cause.ts";
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
  notRun: 0,
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

/** A node starts at 1,000, and says why if it is asked. */
export function running(
  node: number,
  causes: readonly Cause[] | undefined = undefined,
  asked?: () => void,
): Transition {
  return {
    ...transition(node, "ready", "running", 1_000),
    get causes(): readonly Cause[] {
      asked?.();
      return causes ?? (asked === undefined ? [] : [{ kind: "always" }]);
    },
  };
}

/** A run of ten calls starts. */
export const STARTED = { kind: "run-started", run: "r", time: 1_000, nodes: 10, workers: 2 } as const;
/** It ends. */
export const ENDED = { kind: "run-ended", run: "r", time: 9_000, stats: STATS } as const;
/** A call fails. */
export const FAILED = {
  kind: "node-failed",
  node: 1,
  failure: {
    call: "step({ n: 1 })",
    task: "step",
    key: "k",
    reason: "exit",
    attempts: 1,
    error: Object.assign(new Error("gone"), { stack: "" }),
    at: undefined,
    output: { stdout: "", stderr: "", files: [] },
  },
} as const;
/** What the end of such a run looks like. */
export const SUMMARY =
  "✗ failed step({ n: 1 }) (exit)\n  Error: gone\n\n✗ ran 1 · up to date 0 · failed 1 · skipped 0 · 1.5 s\n";

/**
 * Ends attempts that reach a time limit where they run: asks the task first, and ends the whole process when it does not listen.
 * Their silence is told by the files that they print to.
 */
import { program } from "../../runtime/program.ts";
import type { TimeoutKind } from "../../model/timeout.ts";
import { LONGEST, LOOKS } from "../silence.ts";

/** How long a task that was asked to stop has before its process is ended, in milliseconds. */
const GRACE = 1_000;

/** The limits that hold where attempts run, in milliseconds; 0 is without limit. */
export type WatchedLimits = Readonly<Record<Exclude<TimeoutKind, "queue">, number>>;

/** What a watchdog has to know. */
export interface WatchdogOptions {
  readonly limits: WatchedLimits;
  /** By item: what the paths of the files that it prints to begin with; `.stdout.txt` and `.stderr.txt` follow. */
  readonly outputs: readonly string[];
  /** Is made before this process is ended: with the item's number and the limit in it. */
  readonly file: string;
  /** Is called when a limit is reached, if this thread is free to. */
  readonly ask: (item: number, kind: TimeoutKind) => void;
}

/** Watches one attempt after the other. */
export interface Watchdog {
  /** An attempt begins; what was watched before is not any more. */
  begin(item: number): void;
  /** So many questions are without an answer: while there are any, nobody is expected to print. */
  asks(count: number): void;
  /** Nothing is under way. */
  rest(): void;
}

/** What the thread runs: it is text, since it has to be there wherever this program is. */
const WATCH = `
  import fs from "node:fs";
  import process from "node:process";
  const printed = (item) => {
    let sum = 0;
    for (const stream of ["stdout", "stderr"]) {
      sum += fs.statSync(outputs[item] + "." + stream + ".txt", { throwIfNoEntry: false })?.size ?? 0;
    }
    // What the task has started prints to the streams of this process.
    for (const stream of [1, 2]) {
      try {
        const seen = fs.fstatSync(stream);
        if (seen.isFile()) sum += seen.size;
      } catch {}
    }
    return sum;
  };
  const reached = (words, turn, item) => {
    const begun = performance.now();
    let heard = begun, before = idle > 0 ? printed(item) : 0;
    for (;;) {
      const now = performance.now();
      const left = (limit, since) => limit > 0 ? limit - (now - since) : Infinity;
      if (idle > 0) {
        const size = printed(item);
        if (size !== before || Atomics.load(words, 2) > 0) heard = now;
        before = size;
      }
      const lefts = { attempt: left(attempt, begun), task: left(task, begun), idle: left(idle, heard) };
      for (const kind in lefts) if (lefts[kind] <= 0) return kind;
      const look = idle > 0 ? Math.min(idle / ${LOOKS}, ${LONGEST}) : Infinity;
      if (Atomics.wait(words, 0, turn, Math.min(look, ...Object.values(lefts))) !== "timed-out") return undefined;
    }
  };
  onmessage = ({ data: words }) => {
    for (;;) {
      const turn = Atomics.load(words, 0);
      const item = Atomics.load(words, 1);
      if (item < 0) {
        Atomics.wait(words, 0, turn);
        continue;
      }
      const kind = reached(words, turn, item);
      if (kind === undefined) continue;
      postMessage([item, kind]);
      if (Atomics.wait(words, 0, turn, ${GRACE}) !== "timed-out") continue;
      fs.writeFileSync(file, item + " " + kind);
      process.kill(pid, "SIGKILL");
    }
  };
`;

/** Watches with a thread of its own, since a task may keep this one busy. */
export function watchdog({ limits, outputs, file, ask }: WatchdogOptions): Watchdog {
  const words = new Int32Array(new SharedArrayBuffer(12));
  const known = { ...limits, outputs, file, pid: program.pid };
  const names = Object.entries(known).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`);
  const url = URL.createObjectURL(new Blob([...names, WATCH], { type: "text/javascript" }));
  const thread = new Worker(url, { type: "module", name: "watchdog" });
  thread.onerror = (event) => event.preventDefault();
  words[1] = -1;
  thread.postMessage(words);
  let current = -1;
  thread.onmessage = ({ data: [item, kind] }: MessageEvent<[number, TimeoutKind]>) => {
    if (item === current) ask(item, kind);
  };
  const turn = (item: number): void => {
    current = item;
    Atomics.store(words, 1, item);
    Atomics.add(words, 0, 1);
    Atomics.notify(words, 0);
  };
  return {
    begin: turn,
    asks: (count) => void Atomics.store(words, 2, count),
    rest: () => turn(-1),
  };
}

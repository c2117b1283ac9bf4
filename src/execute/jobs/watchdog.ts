/** Ends attempts that run out of time: asks the task first, and ends the whole process when it does not listen. */
import { program } from "../../runtime/program.ts";

/** How long a task that was asked to stop has before its process is ended, in milliseconds. */
const GRACE = 1_000;

/** Watches one attempt after the other. */
export interface Watchdog {
  /** An attempt begins; what was watched before is not any more. */
  begin(item: number): void;
  /** Nothing is under way. */
  rest(): void;
}

/**
 * Watches with a thread of its own, since a task may keep this one busy.
 *
 * @param file is made, with the item's number in it, before this process is ended.
 * @param ask is called when time has run out, if this thread is free to.
 */
export function watchdog(timeout: number, file: string, ask: (item: number) => void): Watchdog {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const source = `
    import fs from "node:fs";
    import process from "node:process";
    onmessage = ({ data: words }) => {
      for (;;) {
        const turn = Atomics.load(words, 0);
        const item = Atomics.load(words, 1);
        const ended = Atomics.wait(words, 0, turn, item < 0 ? Infinity : ${timeout + GRACE});
        if (ended !== "timed-out" || item < 0) continue;
        fs.writeFileSync(${JSON.stringify(file)}, String(item));
        process.kill(${program.pid}, "SIGKILL");
      }
    };
  `;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const thread = new Worker(url, { type: "module", name: "watchdog" });
  thread.onerror = (event) => event.preventDefault();
  words[1] = -1;
  thread.postMessage(words);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const turn = (item: number): void => {
    clearTimeout(timer);
    Atomics.store(words, 1, item);
    Atomics.add(words, 0, 1);
    Atomics.notify(words, 0);
  };
  return {
    begin: (item) => {
      turn(item);
      timer = setTimeout(() => ask(item), timeout);
    },
    rest: () => turn(-1),
  };
}

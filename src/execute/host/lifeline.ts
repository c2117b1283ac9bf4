/** A host's process ends when its runner is gone, however that came about and whatever a task is doing at the time. */
import { node } from "../../runtime/builtin.ts";
import { onEndAbove } from "./pipe.ts";

/** How often a host looks whether its runner is still there, in milliseconds. */
const LOOK = 500;

/**
 * Watches this process's parent from a thread of its own, since a task may keep this one busy: a process whose parent dies is
 * given another. The whole process group ends then, so that nothing a task started is left behind.
 *
 * A thread that looks twice a second costs no time that could be measured. Waiting for the end of a pipe would cost none at
 * all, but descriptors that were inherited belong to the main thread alone.
 */
export function endWithRunner(): void {
  const { process } = node;
  const source = `
    import process from "node:process";
    const wait = new Int32Array(new SharedArrayBuffer(4));
    while (process.ppid === ${process.ppid}) Atomics.wait(wait, 0, 0, ${LOOK});
    process.kill(-${process.pid}, "SIGKILL");
  `;
  // An idle process learns at once, by the end of its commands.
  onEndAbove(() => process.kill(-process.pid, "SIGKILL"));
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const watcher = new Worker(url, { type: "module", name: "lifeline" });
  // Without it the process still ends with its pipe of commands, unless a task is busy.
  watcher.onerror = (event) => event.preventDefault();
}

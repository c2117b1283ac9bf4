/** Ctrl-C and its like while a pipeline is watched, and the end of whoever started this process. */
import process from "node:process";

/** What the first Ctrl-C during a run is answered with. */
export const didOnlyEnd =
  "stopping: nothing new starts, running tasks are asked to stop (Ctrl-C again ends them)";
/** Two signals within so many milliseconds are one: a terminal sends it to both processes, and one hands it on. */
const TOGETHER = 150;
/** How often it is looked whether the other process is there, and how long this one has to end without it. */
const LOOK = 500;
const GRACE = 3_000;

/** Listens; `end` is told whether it is to be at once, and the exit code. */
export function listenWhileWatching(
  parent: number,
  end: (hard: boolean, code: number) => void,
): { close(): void } {
  let last = -Infinity;
  let asked = false;
  const interrupted = (): void => {
    const now = performance.now();
    if (now - last < TOGETHER) return;
    last = now;
    end(asked, 130);
    asked = true;
  };
  const ended = (): void => end(true, 143);
  const others = process.platform === "win32" ? ["SIGTERM"] as const : ["SIGTERM", "SIGHUP"] as const;
  process.on("SIGINT", interrupted);
  for (const name of others) process.on(name, ended);
  const lifeline = endWithout(parent);
  return {
    close: () => {
      lifeline.terminate();
      process.off("SIGINT", interrupted);
      for (const name of others) process.off(name, ended);
    },
  };
}

/** Ends this process when its parent is gone: from a thread of its own, since a task may keep this one busy. */
function endWithout(parent: number): Worker {
  const source = `
    import process from "node:process";
    const wait = new Int32Array(new SharedArrayBuffer(4));
    while (process.ppid === ${parent}) Atomics.wait(wait, 0, 0, ${LOOK});
    process.kill(${process.pid}, "SIGTERM");
    Atomics.wait(wait, 0, 0, ${GRACE});
    process.kill(${process.pid}, "SIGKILL");
  `;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module", name: "lifeline" });
  worker.onerror = (event) => event.preventDefault();
  return worker;
}

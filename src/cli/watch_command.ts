/** `runner run … --watch`: a process that starts itself again whenever the pipeline's own code changes. */
import type * as watchChildModule from "./watch_child.ts";
import { spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { selfCommand } from "../runtime/runtime.ts";
import type { Entry } from "../wire.ts";
import { RELOAD } from "./watch_exit.ts";
import { complain } from "../runtime/program.ts";

/** The hidden option of the process that watches: who started it, and which of them it is, from 0. */
const CHILD = /^--watch-of=(\d+),(\d+)$/;

/** Watches; gives the exit code: 0 after `q`, 130 and 143 after signals. */
export async function watchRun(args: readonly string[], entry: Entry): Promise<number> {
  const [, parent, generation] = CHILD.exec(args[0] ?? "") ?? [];
  if (parent === undefined) return await supervise(args, entry);
  const { watchChild }: typeof watchChildModule = await import("./watch_child.ts" as string);
  return await watchChild(args.slice(1), entry, Number(parent), Number(generation));
}

/** Starts processes that watch, one after another. */
async function supervise(args: readonly string[], entry: Entry): Promise<number> {
  const [command, ...leading] = selfCommand(entry.cli);
  for (let generation = 0;; generation++) {
    const own = `--watch-of=${process.pid},${generation}`;
    const { code, signal } = await childEnded(command, [...leading, "run", own, ...args]);
    if (code === RELOAD) continue;
    if (code !== null) return code;
    // It was killed, and cannot have given the terminal back as it was.
    if (process.stdin.isTTY) spawnSync("stty", ["sane"], { stdio: "inherit" });
    complain(`error: the process that was watching was ended by ${signal}\n`);
    return signal === "SIGINT" ? 130 : signal === "SIGTERM" || signal === "SIGHUP" ? 143 : 3;
  }
}

/** Runs a process to its end; it gets the signals that come meanwhile. */
function childEnded(
  command: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly signal: string | null }> {
  const child = spawn(command, args, { stdio: "inherit" });
  const names = process.platform === "win32"
    ? ["SIGINT", "SIGTERM"] as const
    : ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  // Ctrl-C reaches both from a terminal; the other one takes two signals that come together for one.
  // `child.kill()` would do the same and then take the signal for the way it ended, whatever its exit code.
  const pass = (name: typeof names[number]): void => {
    try {
      if (child.pid !== undefined) process.kill(child.pid, name);
    } catch {
      // It was faster.
    }
  };
  const handlers = names.map((name) => [name, () => pass(name)] as const);
  for (const [name, handler] of handlers) process.on(name, handler);
  return new Promise((resolve, reject) => {
    const over = (): void => {
      for (const [name, handler] of handlers) process.off(name, handler);
    };
    child.on("error", (error) => {
      over();
      reject(error);
    });
    child.on("exit", (code, signal) => {
      over();
      resolve({ code, signal });
    });
  });
}

/** Ctrl-C and its like: the first asks, the second ends. */
import process from "node:process";

/** The signals of a run. */
export interface Signals {
  /** Aborted when the run is to stop. */
  readonly ask: AbortSignal;
  /** Aborted when it is to end at once. */
  readonly kill: AbortSignal;
  /** The exit code of a cancelled run. */
  exitCode(): number;
  /** Stops listening. */
  close(): void;
}

/**
 * The signals by which Slurm, LSF and Grid Engine warn jobs: `--signal=B:USR1@60`, `-wa USR2 -wt 1`, a processor time that is used
 * up. Deno 2.9 leaves SIGUSR1 to whoever listens to it; a program that does not listen yet is ended by it.
 */
const WARNINGS = ["SIGUSR1", "SIGUSR2", "SIGXCPU"] as const;

/** Listens to SIGINT, SIGTERM and SIGHUP, and tells people what comes of them. */
export function listenToSignals(tell: (text: string) => void): Signals {
  const ask = new AbortController();
  const kill = new AbortController();
  let code = 130;
  const interrupted = (): void => {
    if (kill.signal.aborted) return;
    if (ask.signal.aborted) {
      tell("ending: running tasks are ended");
      return kill.abort();
    }
    tell("stopping: nothing new starts, running tasks are asked to stop (Ctrl-C again ends them)");
    ask.abort();
  };
  const ended = (): void => {
    if (kill.signal.aborted) return;
    code = 143;
    tell("ending: running tasks are ended");
    ask.abort();
    kill.abort();
  };
  // How clusters warn a job whose time is nearly up, if they are told to.
  const warned = (): void => {
    if (ask.signal.aborted) return;
    code = 143;
    tell("warned by the scheduler: nothing new starts, running tasks are asked to stop");
    ask.abort();
  };
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", ended);
  if (process.platform !== "win32") { for (const name of WARNINGS) process.on(name, warned); }
  if (process.platform !== "win32") process.on("SIGHUP", ended);
  return {
    ask: ask.signal,
    kill: kill.signal,
    exitCode: () => code,
    close: () => {
      process.off("SIGINT", interrupted);
      process.off("SIGTERM", ended);
      if (process.platform !== "win32") { for (const name of WARNINGS) process.off(name, warned); }
      if (process.platform !== "win32") process.off("SIGHUP", ended);
    },
  };
}

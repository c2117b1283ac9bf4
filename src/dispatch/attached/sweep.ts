/** Ends processes that left the group they were started in, many jobs at a time: each look goes through all processes. */
import { setImmediate } from "node:timers";
import type { LauncherPlace } from "../../model/job.ts";
import { untilGone } from "./group.ts";
import { killAll, processesOf } from "./processes.ts";

/** How long it may take until somebody looks after jobs that ended by themselves, milliseconds. */
const LATER = 1000;

/** Ends what left the group of a job. */
export interface Sweeper {
  /** Does so for a job that is being ended; resolves when it is done. */
  now(name: string): Promise<void>;
  /** Does so some time: for a job that came to its end by itself, and most leave nothing. */
  later(name: string): void;
  /** Does what is still to be done. */
  close(): void;
}

/** Makes a sweeper. */
export function sweeper(after: LauncherPlace["after"]): Sweeper {
  let names = new Set<string>();
  let next: Promise<void> | undefined;
  let callOff: (() => void) | undefined;

  /** Gives whether there was nothing to end. */
  const end = (all: ReadonlySet<string>): boolean => {
    const pids = [...processesOf(all).values()].flat();
    killAll(pids);
    return pids.length === 0;
  };
  const take = (): ReadonlySet<string> => {
    callOff?.();
    callOff = undefined;
    const all = names;
    names = new Set();
    return all;
  };
  const sweep = (): void => void end(take());

  return {
    now: (name) => {
      names.add(name);
      return next ??= new Promise((resolve) =>
        setImmediate(() => {
          next = undefined;
          const all = take();
          // Looked again: what is killed may just be starting another one.
          resolve(untilGone(() => end(all), after));
        })
      );
    },
    later: (name) => {
      names.add(name);
      callOff ??= after(LATER, sweep);
    },
    close: sweep,
  };
}

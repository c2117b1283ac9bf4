/** Ends processes that left the group they were started in, many jobs at a time: each look goes through all processes. */
import { setImmediate } from "node:timers";
import { killAll, processesOf } from "./processes.ts";

/** Makes a function that ends whatever runs for a job, by the name of the job. */
export function sweeper(): (name: string) => Promise<void> {
  let names = new Set<string>();
  let next: Promise<void> | undefined;
  return (name) => {
    names.add(name);
    return next ??= new Promise<void>((resolve) =>
      setImmediate(() => {
        const all = names;
        names = new Set();
        next = undefined;
        killAll([...processesOf(all).values()].flat());
        resolve();
      })
    );
  };
}

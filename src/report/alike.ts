/** Failures that say the same: a queue that takes no job says so of every one. Pure. */
import type { NodeFailure } from "../model/failure.ts";

/** Failures, those together that differ in nothing but the call; in the order of the first of each. */
export function alike(failures: readonly NodeFailure[]): [NodeFailure, ...NodeFailure[]][] {
  const sets = new Map<unknown, [NodeFailure, ...NodeFailure[]]>();
  for (const failure of failures) {
    const key = wordsOf(failure) ?? failure;
    const known = sets.get(key);
    if (known === undefined) sets.set(key, [failure]);
    else known.push(failure);
  }
  return [...sets.values()];
}

/** All that is to be said of a failure but its call; `undefined` where what the task itself did may be of interest. */
function wordsOf({ reason, error, attempts, output, directory, where }: NodeFailure): string | undefined {
  if (reason !== "infra" || output.files.length > 0 || directory !== undefined || where !== undefined) {
    return undefined;
  }
  // What follows says how to try it by hand: each job by its own name.
  const [said] = error.message.split("\n");
  return JSON.stringify([error.name, said, attempts]);
}

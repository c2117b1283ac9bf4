/** What a rule says of how its queue is to be used. Pure. */
import { type Duration, milliseconds } from "../../model/duration.ts";
import type { QueueOptions } from "../slurm/rule.ts";
import { type QueueManner, USUAL } from "./queue_launcher.ts";

/** The manner of a rule. */
export function mannerOf({ array, gather, poll }: QueueOptions): QueueManner {
  const time = (given: Duration | undefined, usual: number) =>
    given === undefined ? usual : milliseconds(given);
  const longest = time(gather, USUAL.gather);
  return {
    quiet: Math.min(USUAL.quiet, longest),
    gather: longest,
    array: array ?? USUAL.array,
    pollFrom: time(poll?.from, USUAL.pollFrom),
    pollTo: time(poll?.to, USUAL.pollTo),
  };
}

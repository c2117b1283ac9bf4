/** What a rule says of how its queue is to be used. Pure. */
import { type Duration, milliseconds } from "../../model/duration.ts";
import type { QueueOptions } from "../slurm/rule.ts";

/** How the machinery goes about it; times in milliseconds. */
export interface QueueManner {
  /** Jobs are submitted when so long none has come, or when the first one has waited for `gather`. */
  readonly quiet: number;
  readonly gather: number;
  /** Whether jobs of equal needs are submitted together. */
  readonly array: boolean;
  /** How often the queue is asked, at first and at most. */
  readonly pollFrom: number;
  readonly pollTo: number;
}

/** The usual manner. */
const USUAL: QueueManner = { quiet: 150, gather: 3_000, array: true, pollFrom: 2_000, pollTo: 60_000 };

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

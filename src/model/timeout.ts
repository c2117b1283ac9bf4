/** Time limits of a task as data: of an attempt, of its silence, of its wait in a queue, of all its attempts together. Pure. */
import { type Duration, milliseconds, readableDuration } from "./duration.ts";
import { readable } from "./readable.ts";
import { unknownName } from "./suggest.ts";

/** How long things of a task may take; what is not said is without limit. */
export interface TimeoutPolicy {
  /** One attempt, from its beginning where it runs: what it has waited in a queue does not count. */
  readonly attempt?: Duration;
  /** How long an attempt may go without printing anything; while it waits for calls or for an answer, that does not count. */
  readonly idle?: Duration;
  /** How long an attempt that is sent elsewhere may wait for its beginning there; on this machine nothing waits so. */
  readonly queue?: Duration;
  /** All attempts together, from the start of the first, with the pauses between them and their time in queues. */
  readonly task?: Duration;
}

/** Which of the limits. */
export type TimeoutKind = keyof TimeoutPolicy;

/** The limits, in milliseconds; 0 is without limit. */
export type TimeoutRule = Readonly<Record<TimeoutKind, number>>;

/** No limits. */
export const NO_TIMEOUT: TimeoutRule = { attempt: 0, idle: 0, queue: 0, task: 0 };

const KINDS = Object.keys(NO_TIMEOUT) as TimeoutKind[];

/**
 * Reads what a `timeout` says, and no more than that; a duration is that of an attempt.
 *
 * @throws {RangeError} when it names another limit, or one is no duration.
 */
export function readTimeouts(given: Duration | TimeoutPolicy | undefined): Partial<TimeoutRule> {
  if (given === undefined) return {};
  if (typeof given === "number" || typeof given === "string") return { attempt: milliseconds(given) };
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new RangeError(
      `\`timeout\` is a duration, as in "5m", or a record, as in { attempt: "5m", idle: "1m" }, not ${
        readable(given)
      }`,
    );
  }
  const unknown = unknownName("timeout", given, KINDS);
  if (unknown !== undefined) throw new RangeError(unknown);
  const read: Partial<Record<TimeoutKind, number>> = {};
  for (const kind of KINDS) {
    const limit: unknown = given[kind];
    if (limit === undefined) continue;
    if (typeof limit !== "number" && typeof limit !== "string") {
      throw new RangeError(`\`timeout.${kind}\` is a duration, as in "5m", not ${readable(limit)}`);
    }
    try {
      read[kind] = milliseconds(limit);
    } catch (error) {
      throw new RangeError(`\`timeout.${kind}\`: ${(error as Error).message}`);
    }
  }
  return read;
}

/** Whether an attempt is watched where it runs, from its beginning on. */
export function watchesAttempts({ attempt, idle, task }: TimeoutRule): boolean {
  return attempt > 0 || idle > 0 || task > 0;
}

/** What is said of an attempt that one of the limits has ended; `last` is the last line that it printed. */
export function timeoutText(kind: TimeoutKind, rule: TimeoutRule, last?: string): string {
  const limit = readableDuration(rule[kind]);
  const what = {
    attempt: `the task has run past its timeout of ${limit}`,
    idle: `the task has printed nothing for as long as its idle timeout of ${limit}`,
    queue: `the task has not begun elsewhere within its queue timeout of ${limit}`,
    task: `the task has run past its timeout of ${limit} for all attempts together`,
  }[kind];
  return last === undefined ? what : `${what}; the last line that it printed: ${last}`;
}

/** The limits in one line; empty without any. */
export function readableTimeouts(rule: TimeoutRule): string {
  const names = { attempt: "", idle: "idle ", queue: "queue ", task: "all attempts " };
  return KINDS.filter((kind) => rule[kind] > 0).map((kind) => names[kind] + readableDuration(rule[kind]))
    .join(", ");
}

/** Retries as data: how often, after what pause, for which failures. */
import { type Duration, milliseconds } from "./duration.ts";
import { readResources, type Resources, type ResourcesOption } from "./resources.ts";
import { readable } from "./readable.ts";
import { didYouMean, unknownName } from "./suggest.ts";

/**
 * How an attempt can fail: its task threw (`error`), ended its process (`exit`), ran out of time or memory (`timeout`, `oom`),
 * gave what cannot be stored (`unclonable`); its process died (`crash`), was stopped in favour of another (`preempted`), the
 * machine or its scheduler did not do their part (`infra`), or somebody has cancelled its job on the cluster (`cancelled`).
 */
export type FailureReason =
  | "error"
  | "exit"
  | "timeout"
  | "oom"
  | "crash"
  | "preempted"
  | "infra"
  | "cancelled"
  | "unclonable";

/** When a failed attempt is tried again. */
export interface RetryPolicy {
  /** How many retries there are after the first attempt; default 3. */
  readonly limit?: number;
  /** The pause before the first retry; default 0. */
  readonly backoff?: Duration;
  /** What each further pause is multiplied with; default 2. */
  readonly factor?: number;
  /** The longest pause; default 5 minutes. */
  readonly maxBackoff?: Duration;
  /** The share of the pause, 0 to 1, that is varied so that many tasks do not return at once; default 0. */
  readonly jitter?: number;
  /**
   * What is tried again: reasons (`error`, `exit`, `timeout`, `oom`, `crash`, `infra`, `unclonable`), exit codes (`"exit:75"`),
   * names of error classes; default all but `cancelled`, which somebody has wanted. An attempt that was `preempted`, or whose
   * machine failed it (`infra`), is always tried again, and does not count, ten times at most; but a command that fails before it
   * has started anything is `infra`, and counts.
   */
  readonly on?: readonly string[];
  /** What the next attempt is given more of, by the factor: memory after `oom`, time after `timeout`, all else after any failure. */
  readonly grow?: Readonly<Record<string, number>>;
  /** What nothing grows past: amounts as in `resources`. */
  readonly max?: ResourcesOption;
}

/** A policy, read and checked; times in milliseconds. */
export interface RetryRule {
  /** Retries after the first attempt. */
  readonly limit: number;
  /** The first pause, milliseconds. */
  readonly backoff: number;
  /** What each further pause is multiplied with. */
  readonly factor: number;
  /** The longest pause, milliseconds. */
  readonly maxBackoff: number;
  /** The share of the pause that is varied, 0 to 1. */
  readonly jitter: number;
  /** Reasons and error classes that are tried again; `undefined` is all. */
  readonly on: readonly string[] | undefined;
  /** Factors by resource; absent when nothing grows. */
  readonly grow?: Readonly<Record<string, number>>;
  /** What nothing grows past; absent without limits. */
  readonly max?: Resources;
}

const NEVER: RetryRule = { limit: 0, backoff: 0, factor: 2, maxBackoff: 300_000, jitter: 0, on: undefined };

/**
 * Reads a policy.
 *
 * @throws {RangeError} when a number is out of its range.
 */
export function retryRule(policy: number | RetryPolicy | undefined): RetryRule {
  if (policy === undefined) return NEVER;
  if (typeof policy === "number") policy = { limit: policy };
  if (typeof policy !== "object" || policy === null) {
    throw new RangeError(`\`retry\` is a number, or a record, as in { limit: 3 }, not ${readable(policy)}`);
  }
  const unknown = unknownName("retry", policy, POLICY);
  if (unknown !== undefined) throw new RangeError(unknown);
  const { limit = 3, backoff = 0, factor = 2, maxBackoff = "5m", jitter = 0, on } = policy;
  if (!Number.isInteger(limit) || limit < 0) {
    throw new RangeError(`\`retry.limit\` is a whole number from 0 up, not ${limit}`);
  }
  if (!(factor >= 1)) throw new RangeError(`\`retry.factor\` is a number from 1 up, not ${factor}`);
  if (!(jitter >= 0 && jitter <= 1)) {
    throw new RangeError(`\`retry.jitter\` is a number from 0 to 1, not ${jitter}`);
  }
  if (on !== undefined && !Array.isArray(on)) {
    throw new RangeError('`retry.on` is a list, as in ["oom", "exit:75"]');
  }
  for (const one of on ?? []) {
    const problem = matchProblem(one);
    if (problem !== undefined) throw new RangeError(problem);
  }
  for (const [name, by] of Object.entries(policy.grow ?? {})) {
    if (!(typeof by === "number" && by >= 1 && Number.isFinite(by))) {
      throw new RangeError(`\`retry.grow.${name}\` is a number from 1 up, not ${by}`);
    }
  }
  return {
    limit,
    backoff: milliseconds(backoff),
    factor,
    maxBackoff: milliseconds(maxBackoff),
    jitter,
    on,
    ...(policy.grow !== undefined && { grow: { ...policy.grow } }),
    ...(policy.max !== undefined && { max: readResources(policy.max) }),
  };
}

/** All that a policy may say. */
const POLICY = Object.keys(
  {
    limit: 0,
    backoff: 0,
    factor: 0,
    maxBackoff: 0,
    jitter: 0,
    on: 0,
    grow: 0,
    max: 0,
  } satisfies Record<keyof RetryPolicy, 0>,
);

/** What is wrong with a word of `on`; an error class is whatever begins with a capital letter. */
function matchProblem(word: unknown): string | undefined {
  if (typeof word !== "string") return "`retry.on` is a list of texts";
  if (REASONS.includes(word) || /^exit:\d+$/.test(word) || /^[A-Z_$]\w/.test(word)) return undefined;
  return `\`retry.on\` knows no reason "${word}"${
    didYouMean(word, REASONS) || `; there are ${REASONS.join(", ")}, exit:<code>, and names of error classes`
  }`;
}

const REASONS: readonly string[] = [
  "error",
  "exit",
  "timeout",
  "oom",
  "crash",
  "preempted",
  "infra",
  "cancelled",
  "unclonable",
] satisfies FailureReason[];

/** So often an attempt may fail through no fault of its task without its counting. */
export const MOST_EXCUSED = 10;

/** Whether a failure is not the task's. */
export function isExcused(reason: FailureReason): boolean {
  return reason === "preempted" || reason === "infra";
}

/** The pause after a failure that is not the task's, in milliseconds; `before` is how many of those there were. */
export function excusedPause(before: number): number {
  return Math.min(60_000, 1_000 * 2 ** before);
}

/**
 * The pause before the next attempt, or `undefined` when there is none.
 *
 * @param attempt the number of the attempt that failed, from 1.
 * @param vary a number from 0 up to 1 that stands for chance.
 * @returns milliseconds.
 */
export function retryPause(
  rule: RetryRule,
  attempt: number,
  failure: { readonly reason: string; readonly errorName: string; readonly exit?: number },
  vary: number,
): number | undefined {
  if (attempt > rule.limit) return undefined;
  const names = [failure.reason, failure.errorName, `exit:${failure.exit}`];
  const { on } = rule;
  // What somebody has cancelled is not to come back by itself.
  if (on === undefined ? failure.reason === "cancelled" : !names.some((name) => on.includes(name))) {
    return undefined;
  }
  const pause = rule.backoff === 0
    ? 0
    : Math.min(rule.backoff * rule.factor ** (attempt - 1), rule.maxBackoff);
  return Math.round(pause * (1 - rule.jitter * vary));
}

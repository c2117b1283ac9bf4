/** Retries as data: how often, after what pause, for which failures. */
import { type Duration, milliseconds } from "./duration.ts";

/**
 * How an attempt can fail: its task threw (`error`), ended its process (`exit`), ran out of time or memory (`timeout`, `oom`),
 * gave what cannot be stored (`unclonable`); its process died (`crash`), was stopped in favour of another (`preempted`), or the
 * machine or its scheduler did not do their part (`infra`).
 */
export type FailureReason =
  | "error"
  | "exit"
  | "timeout"
  | "oom"
  | "crash"
  | "preempted"
  | "infra"
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
  /** Reasons, or names of error classes, that are tried again; default all. */
  readonly on?: readonly string[];
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
  const { limit = 3, backoff = 0, factor = 2, maxBackoff = "5m", jitter = 0, on } = policy;
  if (!Number.isInteger(limit) || limit < 0) {
    throw new RangeError(`\`retry.limit\` is a whole number from 0 up, not ${limit}`);
  }
  if (!(factor >= 1)) throw new RangeError(`\`retry.factor\` is a number from 1 up, not ${factor}`);
  if (!(jitter >= 0 && jitter <= 1)) {
    throw new RangeError(`\`retry.jitter\` is a number from 0 to 1, not ${jitter}`);
  }
  return { limit, backoff: milliseconds(backoff), factor, maxBackoff: milliseconds(maxBackoff), jitter, on };
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
  failure: { readonly reason: string; readonly errorName: string },
  vary: number,
): number | undefined {
  if (attempt > rule.limit) return undefined;
  if (rule.on !== undefined && !rule.on.includes(failure.reason) && !rule.on.includes(failure.errorName)) {
    return undefined;
  }
  const pause = rule.backoff === 0
    ? 0
    : Math.min(rule.backoff * rule.factor ** (attempt - 1), rule.maxBackoff);
  return Math.round(pause * (1 - rule.jitter * vary));
}

/** Retry policies: read, checked, and turned into pauses. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { retryPause, type RetryPolicy, retryRule } from "../../src/model/retry.ts";

const failure = { reason: "error", errorName: "TypeError" };

Deno.test("policies and their defaults", () => {
  strictEqual(retryRule(undefined).limit, 0);
  const rule = { limit: 3, backoff: 0, factor: 2, maxBackoff: 300_000, jitter: 0, on: undefined };
  deepStrictEqual(retryRule({}), rule);
  deepStrictEqual(retryRule(3), rule);
  deepStrictEqual(
    retryRule({ limit: 1, backoff: "2s", factor: 1, maxBackoff: "1m", jitter: 1, on: ["exit"] }),
    {
      limit: 1,
      backoff: 2_000,
      factor: 1,
      maxBackoff: 60_000,
      jitter: 1,
      on: ["exit"],
    },
  );
});

Deno.test("policies that make no sense are refused", () => {
  const odd: readonly [number | RetryPolicy, RegExp][] = [
    [-1, /`retry\.limit` is a whole number from 0 up, not -1/],
    [1.5, /`retry\.limit`/],
    [NaN, /`retry\.limit`/],
    [{ factor: 0.5 }, /`retry\.factor` is a number from 1 up, not 0\.5/],
    [{ factor: NaN }, /`retry\.factor`/],
    [{ jitter: 2 }, /`retry\.jitter` is a number from 0 to 1, not 2/],
    [{ jitter: -0.1 }, /`retry\.jitter`/],
    [{ backoff: -1 }, /A duration cannot be -1/],
    [{ maxBackoff: "1y" as "1d" }, /"1y" is not a duration/],
  ];
  for (const [policy, message] of odd) throws(() => retryRule(policy), { name: "RangeError", message });
});

Deno.test("pauses stay within what the policy says", () => {
  const policy = fc.record({
    limit: fc.nat(50),
    backoff: fc.nat(10_000),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    maxBackoff: fc.nat(100_000),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(
      policy,
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (given, attempt, vary) => {
        const rule = retryRule(given);
        const pause = retryPause(rule, attempt, failure, vary);
        strictEqual(pause === undefined, attempt > given.limit);
        if (pause === undefined) return;
        ok(Number.isInteger(pause) && pause >= 0 && pause <= given.maxBackoff);
        const longest = retryPause(rule, attempt, failure, 0)!;
        ok(pause <= longest);
        ok(longest >= Math.round(Math.min(given.backoff, given.maxBackoff)));
        ok(pause >= Math.floor(longest * (1 - given.jitter)) - 1);
      },
    ),
  );
});

Deno.test("`on` names reasons or error classes", () => {
  const again = (on: readonly string[] | undefined) =>
    retryPause(retryRule({ ...(on && { on }) }), 1, failure, 0) !== undefined;
  deepStrictEqual([undefined, ["error"], ["TypeError"], ["exit", "RangeError"], []].map(again), [
    true,
    true,
    true,
    false,
    false,
  ]);
});

Deno.test("what somebody has cancelled is tried again only where that is said", () => {
  const failure = { reason: "cancelled", errorName: "JobError" };
  deepStrictEqual(retryPause(retryRule(3), 1, failure, 0), undefined);
  deepStrictEqual(retryPause(retryRule({ on: ["infra", "crash"] }), 1, failure, 0), undefined);
  deepStrictEqual(retryPause(retryRule({ on: ["cancelled"] }), 1, failure, 0), 0);
});

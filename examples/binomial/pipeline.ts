/**
 * Binomial coefficients by Pascal's rule: the smallest pipeline in which tasks depend on tasks.
 *
 * ```sh
 * runner run examples/binomial/pipeline.ts     # prints 184756, the number of ways to choose 10 things of 20
 * runner run examples/binomial/pipeline.ts     # again: everything is up to date, nothing is computed
 * ```
 *
 * @module
 */

import { type Task, task, value } from "runner";

/** What `choose` is asked: how many ways are there to choose `k` things out of `n`? */
interface Choice {
  readonly n: number;
  readonly k: number;
}

/**
 * A task has a name and a function. This one also has `deps`: the calls whose results it needs.
 *
 * `choose({ n: 20, k: 10 })` computes nothing. It is a *call*: a task and its input, which the runner plans, runs on
 * some worker, and keeps the result of. Calls with the same input are one node of the graph, so that the 184,755
 * additions of the naive recursion become about a hundred.
 *
 * The type is written out because the task refers to itself; elsewhere it is inferred.
 */
export const choose: Task<Choice, number> = task("choose", {
  description: "The number of ways to choose k things out of n.",

  // Either two more calls, or two constants: `value` makes a constant look like a call, so both branches fit.
  deps: ({ n, k }: Choice) =>
    0 < k && k < n
      ? { left: choose({ n: n - 1, k: k - 1 }), right: choose({ n: n - 1, k }) }
      : { left: value(0), right: value(1) },

  // By the time this runs, `deps.left` and `deps.right` are plain numbers.
  run: (_input, { deps }) => deps.left + deps.right,
});

/** What `runner run` computes when no other target is named. */
export const main = choose({ n: 20, k: 10 });

/**
 * Trains a small neural network on the Palmer penguins with several learning rates at once, and keeps the best.
 *
 * ```sh
 * runner run examples/model/pipeline.ts                   # eight networks in parallel, then the best on unseen birds
 * runner run examples/model/pipeline.ts --hidden 12       # another size: trained anew; the split stays up to date
 * ```
 *
 * The network itself is in `network.ts`, the data in `penguins.ts`. What is worth looking at here: a task that leaves a
 * file (its weights) in `ctx.directory`, a grid over a parameter, and a task that decides what runs next.
 *
 * @module
 */

import { all, task } from "runner";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Example, fromText, random, score, shuffle, toText, train } from "./network.ts";
import { penguins, SPECIES } from "./penguins.ts";

/** The learning rates that are tried. */
const RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];

/** The birds in three parts: to learn from, to choose a network by, and to judge the choice by. */
const split = task("split", ({ seed }: { seed: number }) => {
  const birds = penguins().map(({ measures, species }): Example => ({ input: measures, label: species }));
  const mixed = shuffle(birds, random(seed));
  return { learn: mixed.slice(0, 200), choose: mixed.slice(200, 270), judge: mixed.slice(270) };
});

/** Trains one network. The weights go into a file in the task's own folder, which is kept with the result. */
const fit = task(
  "fit",
  ({ examples, ...training }: { examples: Example[]; rate: number; hidden: number; seed: number }, ctx) => {
    const { network, losses } = train(examples, { epochs: 300, ...training });
    ctx.log(`rate ${training.rate}: loss ${losses[0]?.toFixed(4)} → ${losses.at(-1)?.toFixed(4)}`);
    const weights = join(ctx.directory, "weights.json");
    writeFileSync(weights, toText(network));
    return { weights, rate: training.rate, loss: losses.at(-1) ?? NaN };
  },
);

/** Reads the weights of a network back and tries it on birds it has not seen. */
const evaluate = task(
  "evaluate",
  ({ weights, examples }: { weights: string; examples: Example[] }) =>
    score(fromText(readFileSync(weights, "utf8")), examples),
);

/** Trains every network of the grid, takes the one with the smallest loss, and says how good it is. */
export const main = task("main", {
  description: "Trains networks with several learning rates, and judges the best of them on unseen birds.",
  deps: ({ hidden = 6, seed = 1 }: { readonly hidden?: number; readonly seed?: number } = {}) => {
    const birds = split({ seed });
    const candidates = RATES.map((rate) => {
      const fitted = fit({ examples: birds.pick("learn"), rate, hidden, seed });
      return {
        fitted,
        score: evaluate({ weights: fitted.pick("weights"), examples: birds.pick("choose") }),
      };
    });
    return { candidates, judge: birds.pick("judge") };
  },
  run: (_input, { deps: { candidates, judge } }) => {
    const [best] = candidates.toSorted((a, b) => a.score.loss - b.score.loss);
    // Which network this is, nobody knew before; so the last call is made here. The runner follows it.
    return all({
      species: [...SPECIES],
      rate: best!.fitted.rate,
      weights: best!.fitted.weights,
      tried: candidates.map(({ fitted, score }) => ({ rate: fitted.rate, loss: score.loss })),
      test: evaluate({ weights: best!.fitted.weights, examples: judge }),
    });
  },
});

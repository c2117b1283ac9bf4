/** The training example: its choice, its weights file, that it is deterministic, and what a new parameter makes stale. */

import { assert, assertEquals } from "@std/assert";
import { place } from "./run_example.ts";

/** What the example's `main` gives. */
interface Chosen {
  readonly species: readonly string[];
  readonly rate: number;
  readonly weights: string;
  readonly tried: readonly { readonly rate: number; readonly loss: number }[];
  readonly test: { readonly accuracy: number; readonly confusion: readonly (readonly number[])[] };
}

Deno.test("model: takes the best rate, keeps its weights, and does nothing the second time", async () => {
  await using here = await place();

  const { value, stats } = await here.run<Chosen>("model");
  assertEquals(stats.ranByTask, { split: 1, fit: 8, evaluate: 9, main: 1 });
  const [best] = value.tried.toSorted((a, b) => a.loss - b.loss);
  assertEquals(value.rate, best?.rate);
  assert(value.test.accuracy > 0.95, `accuracy ${value.test.accuracy}`);
  assertEquals(value.test.confusion.flat().reduce((a, b) => a + b), 72);

  const network = JSON.parse(await Deno.readTextFile(value.weights));
  assertEquals([network.first.length, network.second.length], [6 * (4 + 1), 3 * (6 + 1)]);

  const second = await here.run<Chosen>("model");
  assertEquals(second.stats.ran, 0);
  assertEquals(second.value, value);
});

Deno.test("model: the same numbers in another cache; a new size trains anew on the same split", async () => {
  await using here = await place();
  await using there = await place();
  const first = await here.run<Chosen>("model");
  const again = await there.run<Chosen>("model");
  assertEquals({ ...again.value, weights: "" }, { ...first.value, weights: "" });
  assertEquals(await Deno.readTextFile(again.value.weights), await Deno.readTextFile(first.value.weights));

  const larger = await here.run<Chosen>("model", "--hidden", "12");
  assertEquals(larger.stats.ranByTask, { fit: 8, evaluate: 9, main: 1 });
});

/** The first example a newcomer runs: its value, that equal calls are one node, and that a second run does nothing. */

import { assert, assertEquals } from "@std/assert";
import { place } from "./run_example.ts";

Deno.test("binomial: 184756, each call once, and nothing the second time", async () => {
  await using here = await place();

  const first = await here.run<number>("binomial");
  assertEquals(first.value, 184_756);
  assertEquals(first.stats.ran, first.stats.nodes);
  // Every (n, k) on the way down to the border, without the corner (0, 0): 11 × 11 − 1.
  assertEquals(first.stats.nodes, 120);

  const second = await here.run<number>("binomial");
  assertEquals(second.value, 184_756);
  assertEquals([second.stats.ran, second.stats.upToDate], [0, 120]);
});

Deno.test("binomial: another choice from the command line shares what is known", async () => {
  await using here = await place();
  await here.run("binomial");
  const { value, stats } = await here.run<number>("binomial", "choose", "--n", "21", "--k", "10");
  assertEquals(value, 352_716);
  assert(stats.ran > 0 && stats.ran < 20, `only the new diagonal is computed, not ${stats.ran} calls`);
});

/** Many independent trivial tasks through the whole engine: `independent.ts <tasks> <workers> <cache folder or none>`. */
import process from "node:process";
import { run, task } from "runner";
import { numberArgument, tell } from "./measure.ts";

/** The task. */
export const add = task("add", ({ a, b }: { a: number; b: number }) => a + b);

if (import.meta.main) {
  const cache = process.argv[4] ?? "none";
  const begun = performance.now();
  const calls = Array.from({ length: numberArgument(0) }, (_, b) => add({ a: 1, b }));
  const { value, stats } = await run(calls, {
    cache,
    workers: numberArgument(1),
    state: `${Deno.cwd()}/state`,
  });
  const seconds = (performance.now() - begun) / 1_000;
  if (value[7] !== 8 || stats.ran !== calls.length) throw new Error(`7 gave ${value[7]}, ${stats.ran} ran`);
  tell({ seconds });
}

/** Graphs of a difficult shape: `shapes.ts <chain|fan-in> <tasks> <workers>`. */
import process from "node:process";
import { type Call, run, task } from "runner";
import { numberArgument, tell } from "./measure.ts";

/** One more than before. */
export const next = task("next", ({ n }: { n: number }) => n + 1);
/** How many there were. */
export const count = task("count", ({ of }: { of: readonly number[] }) => of.length);

/** Each task takes the result of the one before. */
function chain(length: number): Call<number> {
  let call = next({ n: 0 });
  for (let index = 1; index < length; index++) call = next({ n: call });
  return call;
}

/** One task takes the results of all others. */
function fanIn(width: number): Call<number> {
  return count({ of: Array.from({ length: width }, (_, n) => next({ n })) });
}

if (import.meta.main) {
  const size = numberArgument(1);
  const begun = performance.now();
  const target = process.argv[2] === "chain" ? chain(size) : fanIn(size);
  const { value } = await run(target, {
    cache: "none",
    workers: numberArgument(2),
    state: `${Deno.cwd()}/state`,
  });
  if (value !== size) throw new Error(`${value} is not ${size}`);
  tell({ seconds: (performance.now() - begun) / 1_000 });
}

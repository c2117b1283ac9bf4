/** A watch over many tasks with a file in and a file out each: `watched.ts <tasks>`. */
import fs from "node:fs";
import { task, watch } from "runner";
import { numberArgument, tell } from "./measure.ts";

/** How long the watch rests after a change, in milliseconds: the default. */
const QUIET = 300;

/** Copies a file. */
export const copy = task("copy", {
  inputs: ({ i }: { i: number }) => `in/${i}`,
  outputs: ({ i }: { i: number }) => `out/${i}`,
  run: ({ i }: { i: number }) => fs.copyFileSync(`in/${i}`, `out/${i}`),
});
/** Tells when it began, Unix time in milliseconds. */
export const begun = task("begun", {
  inputs: "edited",
  run: () => performance.timeOrigin + performance.now(),
});
/** All of them. */
export const all = task("all", ({ at }: { of: readonly unknown[]; at: number }) => at);

if (import.meta.main) {
  const tasks = numberArgument(0);
  fs.mkdirSync("in", { recursive: true });
  for (let i = 0; i < tasks; i++) fs.writeFileSync(`in/${i}`, `${i}\n`);
  fs.writeFileSync("edited", "0\n");
  const target = () => all({ of: Array.from({ length: tasks }, (_, i) => copy({ i })), at: begun() });
  const watching = watch(target, { cache: "cache", state: "state" });
  const iterations = watching[Symbol.asyncIterator]();
  const next = async () => {
    const { value } = await iterations.next();
    if (value === undefined || value.error !== undefined) {
      throw value?.error ?? new Error("the watch has ended");
    }
    return value;
  };
  await next();
  // Digests of files that were written less than two seconds ago are not relied on: that is not what is measured.
  await new Promise((passed) => setTimeout(passed, 3_100));
  watching.again();
  await next();
  const idle: number[] = [];
  for (let time = 0; time < 5; time++) {
    watching.again();
    idle.push((await next()).stats!.seconds);
  }
  const late: number[] = [];
  for (let time = 1; time <= 5; time++) {
    const saved = performance.timeOrigin + performance.now();
    fs.writeFileSync("edited", `${time}\n`);
    late.push((await next()).value! - saved - QUIET);
  }
  await watching.close();
  tell({ seconds: median(idle), millisLate: median(late) });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/**
 * How many trivial tasks a second a thread pool of Node's does: `node pools.mjs <piscina|tinypool> <tasks> <threads>`.
 * Runs in a folder where both are installed; prints one line of JSON.
 */
import process from "node:process";
import { isMainThread } from "node:worker_threads";

/** The task: the same as ours. */
export default function add({ a, b }) {
  return a + b;
}

if (isMainThread) {
  const [name, tasks, threads] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
  const module = await import(name);
  const Pool = module[name === "piscina" ? "Piscina" : "Tinypool"] ?? module.default;
  // Of 1, 10, 100 and 1000 tasks a thread, and 200, 2000 and all tasks asked for at once, both do best with these.
  const pool = new Pool({
    filename: import.meta.url,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 10,
  });
  const runAll = async (count) => {
    const values = [];
    let next = 0;
    const lane = async () => {
      for (let b = next++; b < count; b = next++) values[b] = await pool.run({ a: 1, b });
    };
    await Promise.all(Array.from({ length: 200 }, lane));
    return values;
  };
  await runAll(1_000);
  const begun = performance.now();
  const values = await runAll(tasks);
  const seconds = (performance.now() - begun) / 1_000;
  if (values[7] !== 8) throw new Error(`7 gave ${values[7]}`);
  process.stdout.write(`${JSON.stringify({ seconds, kilobytes: process.resourceUsage().maxRSS })}\n`);
  process.exit(0);
}

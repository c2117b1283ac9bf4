import fs from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { DiskCache } from "../../src/store/disk_cache.ts";
import { unpackResult } from "../../src/store/result_format.ts";
import { COUNT } from "../fixtures/killed.ts";
import { filesEnding, until } from "../support/files.ts";
import { leftInCache, marked } from "../support/leaks.ts";
import { fixture } from "../support/paths.ts";
import { lastLine, start } from "../support/program.ts";
import { tempFolder } from "../support/temp.ts";

/** Caches, and how often a runner on each is killed. */
const CACHES = 6;
const KILLS = 5;

/** Numbers that look random and come again with the seed. */
function randomFrom(seed: number): () => number {
  return () => (seed = Math.imul(seed, 1_664_525) + 1_013_904_223 >>> 0) / 2 ** 32;
}

const EXPECTED = Array.from(
  { length: COUNT },
  (_, n) =>
    Array.from({ length: n % 5 === 0 ? 30_000 : 300 }, (_, index) => (index * n) % 256)
      .reduce((a, b) => a + b, 0),
).reduce((a, b) => a + b, 0);

Deno.test(`kill -9 of a runner at ${CACHES * KILLS} moments: nothing half-written is ever a hit`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const random = randomFrom(seed);
  const plans = Array.from(
    { length: CACHES },
    () => Array.from({ length: KILLS }, () => Math.floor(random() * COUNT / KILLS * 1.2)),
  );
  const one = async (moments: readonly number[]): Promise<void> => {
    using temp = tempFolder();
    const cache = `${temp.path}/cache`;
    const words = [cache, `${temp.path}/state`];
    for (const moment of moments) {
      const program = start(fixture("killed.ts"), words);
      await program.lines(moment);
      program.kill("SIGKILL");
      await program.ended;
      if (!fs.existsSync(cache)) continue;
      for (const file of filesEnding(cache, ".result.gz").filter((file) => !file.includes("/tmp/"))) {
        assert("bytes" in unpackResult(fs.readFileSync(file)), `${file} is half-written; seed ${seed}`);
        assert(fs.existsSync(file.replace(/result\.gz$/, "json")), `${file} stands alone; seed ${seed}`);
      }
      // Whoever opens the cache next sweeps.
      assertEquals(new DiskCache(cache).warnings(), []);
      assertEquals(leftInCache(cache), [], `seed ${seed}`);
    }
    const { value, ran, upToDate } = await lastLine<{ value: number; ran: number; upToDate: number }>(
      fixture("killed.ts"),
      words,
    );
    assertEquals(value, EXPECTED, `seed ${seed}`);
    assertEquals(ran + upToDate, COUNT + 1);
    assert(moments.reduce((a, b) => a + b) < 5 || upToDate > 0, `seed ${seed}: what was stored is used`);
    assertEquals([fs.existsSync(`${cache}/damaged`), leftInCache(cache)], [false, []]);
  };
  for (let index = 0; index < CACHES; index += 2) await Promise.all(plans.slice(index, index + 2).map(one));
});

Deno.test("kill -9 of a runner takes its child processes along, busy or not, and what they started", async () => {
  using temp = tempFolder();
  const mark = `RUNNER_TEST_MARK=${crypto.randomUUID()}`;
  const [name, value] = mark.split("=") as [string, string];
  const program = start(fixture("orphans.ts"), [temp.path], { env: { [name]: value } });
  assert(await program.lines(2), (await Promise.race([program.ended, undefined]))?.stderr);
  // The runner, two hosts, two times tail.
  await until("all five run", () => marked(mark).length === 5);
  program.kill("SIGKILL");
  await program.ended;
  await until("no process is left", () => marked(mark).length === 0);
});

Deno.test("two runners at once on one cache: both right, nothing damaged, nothing left", async () => {
  using temp = tempFolder();
  const cache = `${temp.path}/cache`;
  const both = await Promise.all(
    [1, 2].map((n) => start(fixture("killed.ts"), [cache, `${temp.path}/state${n}`]).ended),
  );
  for (const { code, stdout, stderr } of both) {
    assertEquals(code, 0, stderr);
    assert(!stdout.includes("warning"), stdout);
    assertEquals(JSON.parse(stdout.trimEnd().split("\n").at(-1)!).value, EXPECTED);
  }
  assertEquals([fs.existsSync(`${cache}/damaged`), leftInCache(cache)], [false, []]);
  const { ran, value } = await lastLine<{ ran: number; value: number }>(fixture("killed.ts"), [
    cache,
    `${temp.path}/state`,
  ]);
  assertEquals([ran, value], [0, EXPECTED]);
  assertEquals(filesEnding(cache, ".owner"), []);
});

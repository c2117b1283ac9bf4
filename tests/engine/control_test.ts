import fs from "node:fs";
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { run, RunCancelled, type RunOptions } from "../../mod.ts";
import {
  after,
  asked,
  deaf,
  failsAfter,
  flaky,
  gated,
  leaves,
  picky,
  tallied,
  together,
} from "../fixtures/control.ts";
import { appeared, filesEnding, until } from "../support/files.ts";
import { marked, nothingLeft } from "../support/leaks.ts";
import { errorOf, failuresOf } from "../support/outcome.ts";
import { Recorder } from "../support/recorder.ts";
import { tempFolder } from "../support/temp.ts";

const lines = (file: string): readonly string[] =>
  fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** A test with a folder, a recorder and the options that go with them. */
function test(
  what: string,
  body: (place: { folder: string; recorder: Recorder; options: RunOptions; cache: string }) => Promise<void>,
): void {
  Deno.test(what, async () => {
    using temp = tempFolder();
    const [folder, recorder, cache] = [temp.path, new Recorder(), `${temp.path}/cache`];
    const options = { cache, state: `${folder}/state`, workers: 2, reporter: recorder };
    await body({ folder, recorder, options, cache });
    await nothingLeft(cache);
  });
}

for (const kind of ["worker", "process", "inline"] as const) {
  test(`${kind}: a soft cancel asks; half a result is not stored`, async ({ folder, options, cache }) => {
    const cancelling = new AbortController();
    const error = errorOf(run(asked[kind](`${folder}/note`), { ...options, signal: cancelling.signal }));
    await appeared(`${folder}/note.began`);
    cancelling.abort();
    assertInstanceOf(await error, RunCancelled);
    assertEquals(lines(`${folder}/note`), ["true AbortError"]);
    assertEquals(filesEnding(cache, ".result.gz"), []);
    assertEquals(filesEnding(cache, ".data"), []);
  });
}

for (const kind of ["worker", "process"] as const) {
  test(`${kind}: a cancel at the very start is not lost`, async ({ folder, recorder, options }) => {
    const cancelling = new AbortController();
    const error = errorOf(run(asked[kind](`${folder}/note`), { ...options, signal: cancelling.signal }));
    await recorder.running(asked[kind].taskName);
    cancelling.abort();
    assertInstanceOf(await error, RunCancelled);
    assertEquals(fs.existsSync(`${folder}/note.began`), false);
  });
  test(`${kind}: a hard cancel ends what does not listen`, async ({ folder, recorder, options, cache }) => {
    const mark = crypto.randomUUID();
    Deno.env.set("RUNNER_TEST_MARK", mark);
    const [soft, hard] = [new AbortController(), new AbortController()];
    const both = { ...options, signal: soft.signal, kill: hard.signal };
    const error = errorOf(run([deaf[kind](`${folder}/a`), deaf[kind](`${folder}/b`)], both));
    await appeared(`${folder}/a.began`);
    await appeared(`${folder}/b.began`);
    soft.abort();
    await recorder.next((event) => event.kind === "transition");
    hard.abort();
    assertInstanceOf(await error, RunCancelled);
    Deno.env.delete("RUNNER_TEST_MARK");
    assertEquals(filesEnding(cache, ".result.gz"), []);
    // A thread's own children are out of reach; those of a process go with its group.
    if (kind === "process") await until("no process is left", () => marked(mark).length === 0);
    else marked(mark).forEach(endIfThere);
    const ended = recorder.events.at(-1);
    assert(ended?.kind === "run-ended" && ended.stats.abandoned === 0);
  });
}

test("what a task started in its process ends with the process, however that ends", async ({ folder, options }) => {
  const mark = crypto.randomUUID();
  Deno.env.set("RUNNER_TEST_MARK", mark);
  for (const [how, reason] of [["exit", "exit"], ["SIGKILL", "crash"]] as const) {
    const file = `${folder}/${how}`;
    const [failure] = await failuresOf(run(leaves({ file, how }), options));
    assertEquals([failure!.reason, lines(file).length], [reason, 1]);
    await until("no process is left", () => marked(mark).length === 0);
  }
  Deno.env.delete("RUNNER_TEST_MARK");
});

test("after a failure, stop: what runs may end, nothing else begins", async ({ folder, recorder, options }) => {
  const [gate, began, log] = ["gate", "began", "log"].map((name) => `${folder}/${name}`) as [
    string,
    string,
    string,
  ];
  const failures = failuresOf(
    run([failsAfter(began), gated({ gate, began }), ...range(20).map((n) => after({ n, log }))], options),
  );
  await recorder.next((event) => event.kind === "node-failed");
  fs.writeFileSync(gate, "");
  assertEquals((await failures).map(({ error }) => error.message), ["failed as told"]);
  assertEquals(lines(log), []);
  assert(
    recorder.events.some((event) =>
      event.kind === "transition" && event.task === "gated" && event.to === "succeeded"
    ),
  );
});

test("after a failure, keep going: only what needs it is left out", async ({ folder, recorder, options }) => {
  const [gate, log] = [`${folder}/gate`, `${folder}/log`];
  fs.writeFileSync(gate, "");
  const failing = failsAfter(gate);
  const failures = await failuresOf(
    run([
      after({ n: 100, of: after({ n: 101, of: failing, log }), log }),
      ...range(20).map((n) => after({ n, log })),
    ], {
      ...options,
      onFailure: "keep-going",
    }),
  );
  assertEquals(failures.length, 1);
  assertEquals(lines(log).map(Number).toSorted((a, b) => a - b), range(20));
  const ended = recorder.events.at(-1);
  if (ended?.kind !== "run-ended") throw new Error("the run did not tell its end");
  assertEquals([ended.stats.failed, ended.stats.ran, ended.stats.notRun], [1, 20, 2]);
});

test("after a failure, kill: what runs is ended", async ({ folder, recorder, options, cache }) => {
  const [never, began] = [`${folder}/never`, `${folder}/began`];
  const failures = await failuresOf(
    run([failsAfter(began), gated({ gate: never, began })], { ...options, onFailure: "kill" }),
  );
  assertEquals(failures.map(({ error }) => error.message), ["failed as told"]);
  assert(
    recorder.events.some((event) =>
      event.kind === "transition" && event.task === "gated" && event.to === "cancelled"
    ),
  );
  assertEquals(filesEnding(cache, ".result.gz"), []);
});

for (const kind of ["worker", "process", "inline"] as const) {
  for (const [workers, parallel] of [[1, 4], [3, 1], [2, 2]] as const) {
    test(`${kind}: ${parallel} at once on ${workers} workers: reached, never passed`, async ({ folder, options }) => {
      const [log, meeting] = [`${folder}/log`, `${folder}/meeting`];
      fs.mkdirSync(meeting);
      await run(range(30).map((n) => tallied[kind]({ n, log })), { ...options, workers, parallel });
      let [running, most] = [0, 0];
      for (const mark of fs.readFileSync(log, "utf8")) {
        most = Math.max(most, running += mark === "+" ? 1 : -1);
      }
      assert(most <= parallel, `${most} ran at once`);
      assertEquals(fs.readFileSync(log, "utf8").length, 60);
      await run(range(parallel).map((n) => together[kind]({ n, folder: meeting, count: parallel })), {
        ...options,
        workers,
        parallel,
      });
    });
  }
}

test("retries come after growing pauses, with the number of the attempt", async ({ folder, recorder, options }) => {
  const log = `${folder}/log`;
  const call = flaky(log);
  assertEquals((await run(call, options)).value, 3);
  assertEquals(lines(log), [1, 2, 3].map((attempt) => `${attempt} ${call.key.slice(0, 8)}`));
  assertEquals(
    recorder.events.flatMap((event) =>
      event.kind === "attempt-ended" ? [[event.attempt, event.outcome, event.error, event.retryInMillis]] : []
    ),
    [[1, "failed", "TypeError", 10], [2, "failed", "TypeError", 20]],
  );
  const [failure] = await failuresOf(run(picky(`${folder}/picky`), options));
  assertEquals([failure!.attempts, failure!.error.name, lines(`${folder}/picky`)], [2, "RangeError", [
    "1",
    "2",
  ]]);
});

test("a reporter that throws is heard of once and changes nothing", async ({ folder, options }) => {
  const said: string[] = [];
  const printing: { error: unknown } = console;
  const { error } = printing;
  printing.error = (text: string) => said.push(text);
  try {
    const reporter = {
      handle: () => {
        throw new Error("the reporter broke");
      },
    };
    const { value } = await run(range(5).map((n) => after({ n, log: `${folder}/log` })), {
      ...options,
      reporter: [reporter],
      onTransition: () => {
        throw new Error("the callback broke");
      },
    });
    assertEquals(value, [0, 1, 2, 3, 4]);
  } finally {
    printing.error = error;
  }
  assertEquals(said.length, 2);
  assertMatch(
    said[0]!,
    /^runner: a listener of the run threw, which changes nothing in the run: Error: the reporter broke/,
  );
});

test("equal calls run once", async ({ folder, options }) => {
  const log = `${folder}/log`;
  const call = () => after({ n: 1, log });
  const { value } = await run(
    [call(), { again: call() }, after({ n: 2, of: [call(), call()], log })],
    options,
  );
  assertEquals(value, [1, { again: 1 }, 2]);
  assertEquals(lines(log), ["1", "2"]);
});

/** Ends a process that may just have ended by itself. */
function endIfThere(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** What is told at the end of a run of the calls that it did not come to. */
import { assertEquals } from "@std/assert";
import { NO_FAILURES, type RunOptions, task } from "../../mod.ts";
import { Place } from "./place.ts";

const breaks = task("nr breaks", {
  isolation: "inline",
  run: (): number => {
    throw new Error("no");
  },
});
const between = task("nr between", { isolation: "inline", deps: ["nr breaks"], run: () => 1 });
const last = task("nr last", { isolation: "inline", deps: ["nr between"], run: () => 1 });
const clean = task("nr clean", { isolation: "inline", deps: [NO_FAILURES], run: () => 1 });
const later = task("nr later", { isolation: "inline", wave: 1, run: () => 1 });

/** What a run of these tells of calls that were not run. */
async function told(options: RunOptions, targets: unknown): Promise<unknown> {
  using place = new Place();
  await place.fails(targets, { ...options, history: false });
  const event = place.recorder.events.find(({ kind }) => kind === "calls-not-run");
  return event?.kind === "calls-not-run"
    ? [event.count, ...event.calls.map(({ call, why }) => `${call}: ${why}`)]
    : event;
}

Deno.test("what needs what failed, however far; what NO_FAILURES holds back; what the run did not come to", async () => {
  const targets = [last(), clean(), later()];
  assertEquals(await told({ onFailure: "keep-going" }, targets), [
    3,
    "nr last: it needs nr breaks, which failed",
    "nr clean: NO_FAILURES does not hold, since nr breaks failed",
    "nr between: it needs nr breaks, which failed",
  ]);
  const stopped = await told({}, targets) as string[];
  assertEquals([stopped[0], stopped.includes("nr later: the run stopped when nr breaks failed")], [4, true]);
  assertEquals(await told({}, [breaks()]), undefined);
});

const again = task("nr again", {
  isolation: "inline",
  retry: { limit: 1, backoff: "1h" },
  run: (): number => {
    throw new TypeError("why it failed\nand more");
  },
});
const behind = task("nr behind", {
  isolation: "inline",
  priority: -1,
  run: (): number => {
    throw new Error("no");
  },
});

Deno.test("what had failed once, and was to be tried again, says so first", async () => {
  const [count, first] = await told({ workers: 1 }, [later(), again(), behind()]) as string[];
  assertEquals([count, first], [
    2,
    "nr again: attempt 1 failed (TypeError: why it failed), and it was not tried again: the run stopped when nr behind failed",
  ]);
});

Deno.test("after so many failures the rest is not run, and told why; fewer stop nothing", async () => {
  const fails = task("nr fails", {
    isolation: "inline",
    run: ({ n }: { n: number }): number => {
      throw new Error(`no ${n}`);
    },
  });
  const needs = task("nr needs", { isolation: "inline", deps: () => [fails({ n: 2 })], run: () => 1 });
  const targets = [fails({ n: 1 }), fails({ n: 2 }), needs(), later()];
  assertEquals(await told({ maxFailures: 2, parallel: 1 }, targets), [
    2,
    "nr needs: it needs nr fails({ n: 2 }), which failed",
    "nr later: 2 tasks failed, as many as --max-failures allows",
  ]);
  assertEquals(await told({ maxFailures: 1, parallel: 1 }, [breaks(), later()]), [
    1,
    "nr later: 1 task failed, as many as --max-failures allows",
  ]);
  assertEquals(await told({ maxFailures: 3 }, targets), [
    1,
    "nr needs: it needs nr fails({ n: 2 }), which failed",
  ]);
});

Deno.test("a number of failures and a policy that acts on the first contradict each other", async () => {
  using place = new Place();
  assertEquals(
    await place.refused(later(), { onFailure: "stop", maxFailures: 3 }),
    'DefinitionError: `maxFailures` goes with onFailure: "keep-going"; "stop" acts on the first failure',
  );
  assertEquals(
    await place.refused(later(), { maxFailures: 0 }),
    "DefinitionError: `maxFailures` is a whole number from 1 up, not 0",
  );
});

Deno.test("of many the first are told, and how many there are", async () => {
  const many = task("nr many", {
    isolation: "inline",
    deps: ["nr breaks"],
    run: ({ n }: { n: number }) => n,
  });
  const calls = Array.from({ length: 30 }, (_, n) => many({ n }));
  const [count, ...some] = await told({}, calls) as unknown[];
  assertEquals([count, some.length], [30, 5]);
  assertEquals(between.taskName, "nr between");
});

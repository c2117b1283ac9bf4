/** What runs when: waves, locks, conditions, priorities, the critical path. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import fs from "node:fs";
import { run, value } from "../../mod.ts";
import { openHistory } from "../../src/history/sqlite_history.ts";
import { node as pastNode, run as pastRun } from "../history/support.ts";
import { appeared } from "../support/files.ts";
import * as o from "../fixtures/order.ts";
import { type Place, placeOf, test } from "./place.ts";

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
/** What the tasks noted, taken away. */
function logged(place: Place): readonly string[] {
  const lines = (place.read("log") ?? "").trim().split("\n");
  place.write({ log: undefined });
  return lines;
}

test("a wave begins when the lower ones are over", async (place) => {
  for (const workers of [1, 4]) {
    await place.run([o.high(1), ...range(4).map(o.middle), ...range(4).map(o.low)], {
      workers,
      cache: "none",
    });
    const waves = logged(place).map((line) =>
      ["low", "middle", "high"].indexOf(line.slice(1).split(" ")[0]!)
    );
    assertEquals(waves.length, 20);
    assertEquals(waves, waves.toSorted());
  }
});

test("a dependency on a higher wave is told before anything runs; so is every other", async (place) => {
  assertEquals(
    await place.refused(o.upside()),
    `DefinitionError: Task "o upside": o upside is in wave 0 and depends on o high(1) in wave 2, which starts only when wave 0 is over
    at ${placeOf(o.upside)}`,
  );
});

test("a failure in a lower wave stops the higher ones, unless the run keeps going", async (place) => {
  const stopped = await place.fails([o.failsLow(), o.middle(1)], { workers: 1 });
  assertEquals([stopped.states["o fails low"], stopped.ran, stopped.stats.notRun], [
    "failed",
    ["o fails low"],
    1,
  ]);
  const going = await place.fails([o.failsLow(), o.middle(1)], { onFailure: "keep-going" });
  assertEquals(going.states, { "o fails low": "failed", "o middle(1)": "succeeded" });
});

test("no two that share a lock run at the same time, not even while one waits for a call", async (place) => {
  const all = [...range(6).map(o.locked), ...range(6).map((n) => o.lockedToo(n)), o.holder(), o.low(1)];
  for (const workers of [4, 1]) {
    await place.run(all, { workers, cache: "none" });
    const lines = logged(place).filter((line) => !line.includes("low"));
    assertEquals(lines.length, 26);
    for (let at = 0; at < lines.length; at += 2) {
      assertEquals([lines[at]![0], lines[at + 1]], ["+", `-${lines[at]!.slice(1)}`]);
    }
  }
});

test("a call that needs the lock of the one that waits for it is told as such", async (place) => {
  const { error } = await place.fails(o.selfish(), { cache: "none" });
  assertEquals(
    `${error.name}: ${error.message}`,
    `DefinitionError: These calls wait for each other, so none can ever start:
    o locked too(1)
    → the lock "b", held by o selfish
    → o locked too(1)`,
  );
});

test("NO_FAILURES: last of all, and not when anything has failed", async (place) => {
  const options = place.options();
  const { recorder } = place;
  const running = run([o.publish(), o.gated("gate"), ...range(3).map(o.low)], options);
  await appeared("gate.began");
  // Nothing else is left: the gated one runs, and this one waits for it all the same.
  for (const n of range(3)) {
    await recorder.next((event) =>
      event.kind === "transition" && event.call === `o low(${n})` && event.to === "succeeded"
    );
  }
  assert(recorder.story.every((line) => line !== "o publish running"));
  fs.writeFileSync("gate", "");
  assertEquals((await running).value.slice(0, 2), ["publish", "gated"]);
  assertEquals(logged(place).slice(-4), ["+gated", "-gated", "+publish", "-publish"]);
  const { states } = await place.fails([o.publish(), o.failsLow(), ...range(3).map(o.quick)], {
    onFailure: "keep-going",
    force: true,
  });
  assertEquals(states["o publish"], "cancelled");
  assertEquals(states["o quick(2)"], "succeeded");
  // Nothing else is left to run, so it runs.
  assertEquals((await place.run(o.publish())).states["o publish"], "up-to-date");
});

test("priority decides where the critical path does not; order of definition after that", async (place) => {
  const all = [o.minor(1), o.quick(1), o.quick(2), o.major(1)];
  await place.run(all, { workers: 1, cache: "none" });
  assertEquals(logged(place).filter((line) => line.startsWith("+")), [
    "+major 1",
    "+quick 1",
    "+quick 2",
    "+minor 1",
  ]);
});

test("the longest chain begins first; fifo takes what was ready first", async (place) => {
  const chain = o.link({
    name: "c4",
    of: o.link({ name: "c3", of: o.link({ name: "c2", of: o.link({ name: "c1" }) }) }),
  });
  const all = [...range(3).map((n) => o.link({ name: `single ${n}` })), chain];
  await place.run(all, { workers: 1, cache: "none" });
  assertEquals(logged(place)[0], "+c1");
  await place.run(all, { workers: 1, cache: "none", schedule: "fifo" });
  assertEquals(logged(place)[0], "+single 0");
});

test("history: how long things took is recorded, and decides what begins first", async (place) => {
  const options = { workers: 1 };
  const all = [o.quick(1), o.quick(2), o.slow()];
  assertEquals((await place.run(all, options)).ran[0], "o quick(1)");
  const history = openHistory(`${place.state}/history.db`);
  const { task: millis, call } = history.durations();
  assertEquals([[...millis.keys()].toSorted(), [...call.keys()].toSorted()], [
    ["o quick", "o slow"],
    ["o quick(1)", "o quick(2)", "o slow"],
  ]);
  assert([...millis.values(), ...call.values()].every((one) => one >= 0 && one < 20_000));
  // As if it had taken its time.
  history.record(pastRun("made-up", [pastNode("o slow", { task: "o slow", millis: 60_000 })]));
  history.close();
  assertEquals((await place.run(all, { ...options, force: true })).ran[0], "o slow");
  assertEquals((await place.run(all, { ...options, force: true, history: false })).ran[0], "o quick(1)");
});

test("history: of a call that is new its task's other calls tell how long it will take", async (place) => {
  const history = openHistory(`${place.state}/history.db`);
  history.record(pastRun("made-up", [
    pastNode("o quick(99)", { task: "o quick", millis: 60_000 }),
    pastNode("o low(99)", { task: "o low", millis: 10 }),
  ]));
  history.close();
  assertEquals((await place.run([o.low(1), o.quick(1)], { workers: 1 })).ran, ["o quick(1)", "o low(1)"]);
});

test("a run that keeps no results keeps no history either, unless it is told to", async (place) => {
  for (const cache of ["none", "memory"] as const) {
    await place.run(value(1), { cache });
    await place.run(o.quick(9), { cache });
    assertEquals(fs.existsSync(`${place.state}/history.db`), false, cache);
  }
  fs.mkdirSync(place.cache);
  fs.writeFileSync(`${place.cache}/CACHEDIR.TAG`, "# runner cache, format 1\n");
  await place.run(o.quick(9), { cache: { path: place.cache, readOnly: true } });
  assertEquals(fs.existsSync(`${place.state}/history.db`), false);
  await place.run(o.quick(9), { cache: "none", history: `${place.folder}/mine.db` });
  assert(fs.existsSync("mine.db"));
  assertMatch(fs.readFileSync("mine.db", "latin1").slice(0, 15), /^SQLite format 3/);
});

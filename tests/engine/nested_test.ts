/** Work from inside tasks: values, places given away, failures, ends before the time. */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import fs from "node:fs";
import process from "node:process";
import { run, RunCancelled, RunFailed } from "../../mod.ts";
import { appeared, until } from "../support/files.ts";
import { errorOf } from "../support/outcome.ts";
import * as n from "../fixtures/nested.ts";
import { type Place, test } from "./place.ts";

/** What the tasks noted, taken away. */
function logged(place: Place): readonly string[] {
  const lines = (place.read("log") ?? "").split("\n").slice(0, -1).toSorted();
  place.write({ log: undefined });
  return lines;
}
/** The first line of what failed, without places. */
const first = (error: Error): string => error.message.split("\n")[1]!.replace(/ \([^(]*:\d+\)$/, "");

for (const kind of ["worker", "process", "inline"] as const) {
  test(`${kind}: a recursion of tasks that wait ends on one thread, and is all hits then`, async (place) => {
    const options = { workers: 1, parallel: 1 };
    const depth = kind === "process" ? 5 : 60;
    const wanted = [n.fib[kind](kind === "process" ? 5 : 12), n.depth[kind](depth)];
    const { value, stats } = await place.run(wanted, options);
    assertEquals(value, [kind === "process" ? 5 : 144, depth]);
    assertEquals(stats.nodes, (kind === "process" ? 6 : 13) + depth + 1);
    const again = await place.run(wanted, options);
    assertEquals([again.value, again.ran, again.stats.failed], [value, [], 0]);
  });
}

test("a thousand tasks wait for each other, and ten thousand are waited for, at one worker", async (place) => {
  const { value, stats } = await place.run([n.depth.worker(1_000), n.wide(10_000)], { workers: 1 });
  assertEquals([value, stats.nodes], [[1_000, 50_005_000], 11_002]);
  const again = await place.run([n.depth.worker(1_000), n.wide(10_000)], { workers: 1 });
  assertEquals([again.value, again.stats.ran], [value, 0]);
});

test("every way to ask: futures in any shape, names, globs, items", async (place) => {
  const { value, stats } = await place.run(n.asks());
  const three = { "n named::1": 10, "n named::2": 20, "n named::3": 30 };
  assertEquals(value, {
    together: { list: [2, { deep: 4 }], plain: 5, none: undefined },
    one: 4,
    byName: 10,
    byGlob: three,
    waited: three,
    created: Object.keys(three),
    mapped: [10, 12, 10],
    nothing: [[], [], { a: 1 }],
  });
  assertEquals(stats.nodes, 8);
  assertEquals(logged(place).length, 7);
  assertEquals([(await place.run(n.asks())).value, logged(place)], [value, []]);
});

test("large values, values that are calls themselves, the same thing asked twice", async (place) => {
  for (const cache of [place.cache, "none", "memory"]) {
    const told = await place.run([n.gathers(600_000), n.hands(40)], { cache });
    assertEquals(told.value, [[600_007, { deep: 62 }, 600_000, [62, 62]], 160]);
    if (cache === "none") continue;
    const again = await place.run([n.gathers(600_000), n.hands(40)], { cache });
    assertEquals([again.value, again.ran], [told.value, []]);
  }
  for (const one of [n.gathers, n.hands, n.big, n.returns, n.leaf]) await one.clearAll({ cache: "memory" });
});

test("what is wrong with what is asked is told to the task", async (place) => {
  const { value } = await place.run(n.wrong());
  assertEquals(value.map((text) => text.split("\n")[0]), [
    'Error: There is no task "n nobody"',
    'Error: "n named::9" is no call of "n named::[n]": the field "n" is 9: it takes 1, 2 or 3',
    'RangeError: ctx.map: `chunk` is a whole number from 1 up, or "auto", not 0',
    `CodecError: target.bad is a function "bad", which cannot be stored: define it inside the task's module instead`,
    'Error: There is no task "n nowhere"',
  ]);
});

test("a failed child rejects with its name; who catches that goes on", async (place) => {
  const lost = await place.fails(n.hopes(3), { onFailure: "keep-going" });
  assertInstanceOf(lost.error, RunFailed);
  assertEquals(lost.error.message.split("\n").map((line) => line.replace(/ \([^(]*:\d+\)$/, "")), [
    "2 tasks failed",
    "n picky(3): RangeError: no 3",
    "n hopes(3): CallFailed: n picky(3) failed, which n hopes(3) waits for: RangeError: no 3",
  ]);
  const caught = await place.fails(n.catches(3), { onFailure: "keep-going" });
  assertEquals(caught.states, { "n catches(3)": "succeeded", "n picky(3)": "failed" });
  // What rests on a failure is not kept.
  const again = await place.fails(n.catches(3), { onFailure: "keep-going" });
  assertEquals([again.states, again.ran], [caught.states, ["n catches(3)", "n picky(3)"]]);
  assertEquals((await place.run(n.catches(4))).value, "fine 4");
});

test("when the run stops, whoever waits for a call that will not come is told", async (place) => {
  const { error, states } = await place.fails([n.hopes(3), n.hopes(4)], { workers: 1, parallel: 1 });
  assertMatch(first(error), /^n picky\(3\): RangeError: no 3/);
  assertEquals(states["n hopes(3)"], "failed");
});

test("one item of a map fails alone: the others are stored", async (place) => {
  const items = [1, 2, 3, 4, 5];
  const { error } = await place.fails(n.maps({ items, chunk: 2 }), { onFailure: "keep-going" });
  assertEquals(first(error), "n picky(3): RangeError: no 3");
  assertEquals(logged(place), items.map((one) => `picky ${one}`));
  const { value } = await place.run(n.maps({ items: [1, 2, 4, 5], chunk: "auto" }));
  assertEquals([value, logged(place)], [[1, 2, 4, 5], []]);
});

test("chunks are handed out together, and changing their size invalidates nothing", async (place) => {
  const { ran } = await place.run(n.chunks({ count: 12, chunk: 4, run: 1 }), { workers: 3 });
  assertEquals(ran.length, 13);
  const seats = logged(place).map((line) => line.split(" ")).map(([, n, thread]) =>
    [Number(n), thread] as const
  );
  for (const [number, thread] of seats) {
    assertEquals(thread, seats.find(([other]) => other === number - number % 4)![1], `item ${number}`);
  }
  for (const chunk of [1, 5, "auto"] as const) {
    const told = await place.run(n.chunks({ count: 12, chunk, run: 2 }), { workers: 3 });
    assertEquals([told.value, told.ran.length, logged(place)], [12, 1, []]);
  }
});

test("a parent that is tried again does not run its children again", async (place) => {
  const { value } = await place.run(n.retries());
  assertEquals([value, logged(place)], ["14 at 2", ["attempt 1", "attempt 2", "leaf 7"]]);
});

for (const kind of ["worker", "process", "inline"] as const) {
  test(`${kind}: a cancel reaches those that wait`, async (place) => {
    const cancelling = new AbortController();
    const error = errorOf(run(n.waits[kind]("gate"), place.options({ signal: cancelling.signal })));
    await appeared("gate.began");
    cancelling.abort();
    fs.writeFileSync("gate", "");
    assertInstanceOf(await error, RunCancelled);
    assertEquals(logged(place), ["AbortError: the run was cancelled", "waits"]);
  });
}

test("a timeout reaches those that wait", async (place) => {
  const error = errorOf(run(n.hurries("gate"), place.options({ onFailure: "keep-going" })));
  await place.recorder.next((event) => event.kind === "node-failed");
  fs.writeFileSync("gate", "");
  assertEquals(
    first(await error),
    'n hurries("gate"): TimeoutError: the task has run past its timeout of 300 ms',
  );
  assertEquals(logged(place), ["TimeoutError: the task has run past its timeout"]);
});

test("a thread that ends takes those along that wait in it: they begin anew, and are no failures", async (place) => {
  const error = errorOf(
    run(
      [n.waits.worker("gate"), n.exits("gate")],
      place.options({ workers: 1, parallel: 3, onFailure: "keep-going" }),
    ),
  );
  await place.recorder.next((event) => event.kind === "node-failed");
  fs.writeFileSync("gate", "");
  assertEquals(first(await error), 'n exits("gate"): Error: the task ended its worker with exit code 3');
  const { states } = place.recorder.told();
  assertEquals([states['n waits (worker)("gate")'], states['n gate("gate")']], ["succeeded", "succeeded"]);
});

test("a process that is killed while its task waits: the task begins anew, and is no failure", async (place) => {
  const running = run(n.mortal("gate"), place.options({ onFailure: "keep-going" }));
  await appeared("gate.began");
  const [line] = logged(place);
  process.kill(Number(line!.split(" ")[1]), "SIGKILL");
  await until("it has begun anew", () => place.read("log") !== undefined);
  fs.writeFileSync("gate", "");
  assertEquals((await running).value, "open");
  assertEquals(place.recorder.told().stats.ranByTask, { "n gate": 1, "n mortal": 1 });
});

test("calls that were only started run before the run ends, and on a hit of who started them too", async (place) => {
  const { value } = await place.run(n.starts());
  assertEquals([value, logged(place)], ["started", ["leaf 11", "leaf 12", "leaf 13", "named 2"]]);
  const again = await place.run(n.starts());
  assertEquals([again.value, again.stats.upToDate, logged(place)], ["started", 5, []]);
  await n.leaf(12).clear({ cache: place.cache });
  assertEquals([(await place.run(n.starts())).value, logged(place)], ["started", ["leaf 12"]]);
});

test("a child that two parents share runs once", async (place) => {
  const { value } = await place.run([n.shares("a"), n.shares("b"), n.leaf(21)]);
  assertEquals([value, logged(place)], [[42, 42, 42], ["leaf 21"]]);
});

test("calls that wait for themselves are told as a path", async (place) => {
  const { error } = await place.fails(n.circle(0));
  assertEquals(
    `${error.name}: ${error.message.replaceAll(/ {2}at \S*nested\.ts:\d+:\d+/g, " at")}`,
    `DefinitionError: These calls wait for each other, so none can ever start:
    n circle(0) at
    → n circle(1) at
    → n circle(2) at
    → n circle(0) at`,
  );
  const other = await place.fails(n.tail());
  assertMatch(other.error.message, /^These calls wait for each other, so none can ever start:\n/);
  assert(other.error.message.includes("n snake") && other.error.message.includes("→ n tail"));
});

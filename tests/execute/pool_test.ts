import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { failedItem, PoolPlace } from "../support/members.ts";
import { tempFolder } from "../support/temp.ts";

Deno.test("a timeout asks first, and ends the member when the grace is over", () => {
  const { pool, clock, notes, members, ...place } = placeOf();
  const id = place.start(0, [7], 500);
  members[0]!.claim(id);
  clock.move(10_000);
  assertEquals(members[0]!.told, ["batch 0"], "the time before it begins does not count");
  members[0]!.begin(id);
  clock.move(499);
  assertEquals(members[0]!.told, ["batch 0"]);
  clock.move(1);
  assertEquals(members[0]!.told, ["batch 0", "cancel 0 timeout"]);
  assertEquals(notes.take(), []);
  clock.move(999);
  assertEquals(members[0]!.killed, false);
  clock.move(1);
  assertEquals(members[0]!.killed, true);
  assertEquals(notes.take(), ["failed 7 timeout: the task has run past its timeout of 500 ms"]);
  assertEquals(clock.pending, 0);
  assertEquals(pool.abandoned, 0);
});

Deno.test("an attempt that ends within the grace has timed out all the same, whatever it brings; its member stays", () => {
  for (const special of [[], [[0, { failed: failedItem() }]]] as const) {
    const { clock, notes, members, start } = placeOf();
    const id = start(0, [7], 500);
    members[0]!.begin(id);
    clock.move(600);
    members[0]!.end(id, [0], true, special);
    assertEquals(notes.take(), ["failed 7 timeout: the task has run past its timeout of 500 ms"]);
    clock.move(100_000);
    assertEquals(members[0]!.killed, false);
    assertEquals([clock.pending, notes.take()], [0, []]);
  }
});

Deno.test("who was asked to stop since the run is cancelled has not timed out, whenever the timeout comes", () => {
  const { pool, clock, notes, members, start } = placeOf();
  const id = start(0, [7], 500);
  members[0]!.begin(id);
  clock.move(300);
  pool.cancel(false);
  clock.move(300);
  assertEquals(members[0]!.told, ["batch 0", "cancel all cancelled"]);
  members[0]!.end(id, [0], true, [[0, { failed: failedItem(), cancelled: true }]]);
  assertEquals(notes.take(), ["ended 7"]);
  clock.move(100_000);
  assertEquals([members[0]!.killed, clock.pending], [false, 0]);
  // One that does not listen is ended at the end of the grace, and is cancelled too.
  const deaf = start(0, [8], 500);
  members[0]!.claim(deaf);
  members[0]!.begin(deaf);
  clock.move(1_499);
  assertEquals(members[0]!.killed, false);
  clock.move(1);
  assertEquals([members[0]!.killed, notes.take()], [true, ["cancelled 8"]]);
});

Deno.test("who has timed out before the run was cancelled has timed out", () => {
  const { pool, clock, notes, members, start } = placeOf();
  const id = start(0, [7], 500);
  members[0]!.claim(id);
  members[0]!.begin(id);
  clock.move(600);
  pool.cancel(false);
  pool.cancel(true);
  assertEquals([members[0]!.killed, notes.take()], [true, [
    "failed 7 timeout: the task has run past its timeout of 500 ms",
  ]]);
});

Deno.test("a result after the member was given up is not heard", () => {
  const { clock, notes, members, start } = placeOf({ dies: false });
  const id = start(0, [7], 500);
  members[0]!.begin(id);
  clock.move(5_000);
  notes.take();
  members[0]!.end(id, [0], true);
  members[0]!.listener.gone("late");
  assertEquals(notes.take(), []);
});

Deno.test("an end in time calls the timeout off", () => {
  const { clock, notes, members, start } = placeOf();
  const id = start(0, [7], 500);
  members[0]!.begin(id);
  members[0]!.end(id, [0], true);
  assertEquals([clock.pending, notes.take()], [0, ["ended 7"]]);
});

Deno.test("a timeout on one lane gives back what the member's other lanes were doing, and blames them for nothing", () => {
  const { clock, notes, members, start } = placeOf();
  const slow = start(0, [1], 500);
  const other = start(1, [2, 3]);
  for (const id of [slow, other]) members[0]!.claim(id);
  members[0]!.begin(slow);
  clock.move(2_000);
  assertEquals(notes.take(), [
    "failed 1 timeout: the task has run past its timeout of 500 ms",
    "returned 3 2",
  ]);
});

Deno.test("an attempt that prints nothing for as long as its idle timeout is asked, then ended; what it prints begins that anew", () => {
  using temp = tempFolder();
  const { clock, notes, members, start } = placeOf({ logs: temp.path });
  const id = start(0, [7], { idle: 1_000 });
  members[0]!.claim(id);
  clock.move(10_000);
  members[0]!.begin(id);
  const out = `${temp.path}/00-1.stdout.txt`;
  clock.move(900);
  fs.writeFileSync(out, "epoch 1\n");
  clock.move(950);
  fs.appendFileSync(out, "epoch 2\n\n");
  // It was last looked at 50 ms before: silence is counted in looks.
  clock.move(1_049);
  assertEquals(members[0]!.told, ["batch 0"]);
  clock.move(1);
  assertEquals(members[0]!.told, ["batch 0", "cancel 0 timeout"]);
  clock.move(1_000);
  assertEquals([members[0]!.killed, notes.take(), clock.pending], [true, [
    "failed 7 timeout: the task has printed nothing for as long as its idle timeout of 1.0 s; the last line that it printed: epoch 2",
  ], 0]);
});

Deno.test("who waits for an answer is not silent, whatever was asked", () => {
  const { pool, clock, notes, members, start } = placeOf();
  const id = start(0, [7], { idle: 1_000 });
  members[0]!.claim(id);
  members[0]!.begin(id);
  const asked = { kind: "person", message: "?", secret: false } as const;
  members[0]!.listener.message({
    kind: "ask",
    asks: [1, 2].map((ask) => ({ id: ask, batch: id, item: 0, asked })),
  });
  clock.move(50_000);
  pool.reply(id, [{ id: 1, batch: id, item: 0 }], false);
  clock.move(50_000);
  assertEquals(members[0]!.told, ["batch 0", "reply"]);
  pool.reply(id, [{ id: 2, batch: id, item: 0 }], true);
  clock.move(899);
  assertEquals(members[0]!.told, ["batch 0", "reply", "reply"]);
  clock.move(101);
  assertEquals(members[0]!.told, ["batch 0", "reply", "reply", "cancel 0 timeout"]);
  assertEquals(notes.take(), ["asked 7 person", "asked 7 person"]);
});

Deno.test("of several time limits the first that is reached is told, once; that of all attempts is what is left of it", () => {
  const first = (
    limits: Parameters<typeof PoolPlace.prototype.start>[2],
    left: number,
  ): readonly string[] => {
    const { clock, notes, members, start } = placeOf();
    const id = start(0, [7], limits, undefined, left);
    members[0]!.claim(id);
    members[0]!.begin(id);
    clock.move(10_000);
    assertEquals(members[0]!.told, ["batch 0", "cancel 0 timeout"]);
    assertEquals(clock.pending, 0);
    return notes.take();
  };
  assertEquals(first({ attempt: 500, idle: 600 }, 0), [
    "failed 7 timeout: the task has run past its timeout of 500 ms",
  ]);
  assertEquals(first({ attempt: 500, idle: 400 }, 0), [
    "failed 7 timeout: the task has printed nothing for as long as its idle timeout of 400 ms",
  ]);
  assertEquals(first({ attempt: 500, task: 5_000 }, 300), [
    "failed 7 timeout: the task has run past its timeout of 5.0 s for all attempts together",
  ]);
});

Deno.test("a busy member that cannot be ended is counted, and another takes its seat", async () => {
  const { pool, clock, members, start } = placeOf({ dies: false });
  const id = start(0, [1], 500);
  members[0]!.begin(id);
  clock.move(2_000);
  start(0, [2]);
  assertEquals(members.length, 2);
  await pool.close();
  assertEquals(pool.abandoned, 2);
});

Deno.test("a member that is gone: the item under way crashed, what came before and after goes back", () => {
  for (const shared of [true, false]) {
    const { notes, members, start } = placeOf({ shared });
    const id = start(0, [1, 2, 3, 4]);
    if (shared) { for (const _ of [1, 2]) members[0]!.claim(id); }
    members[0]!.end(id, [0], false);
    members[0]!.listener.gone("it fell over");
    const lines = notes.take();
    assertEquals(lines[0], "ended 1");
    assertEquals(lines[1], "failed 2 crash: it fell over");
    assertEquals(lines[2]?.split(" ").slice(1).sort(), ["3", "4"]);
    start(0, [3]);
    assertEquals([members.length, members[1]!.told], [2, ["batch 1"]]);
  }
});

Deno.test("a member that ran out of memory fails the item under way by that", () => {
  const { notes, members, start } = placeOf({ shared: false });
  start(0, [1]);
  members[0]!.listener.gone("it was full", "oom");
  assertEquals(notes.take(), ["failed 1 oom: it was full"]);
});

Deno.test("what asks for another heap gets a process of its own; the same heap is used again", () => {
  const { members, start } = placeOf({ shared: false });
  const over = (member: number, id: number) => members[member]!.end(id, [0], true);
  over(0, start(0, [1], 0, 512));
  over(0, start(0, [2], 0, 512));
  const busy = start(0, [3], 0, 1024);
  assertEquals(members.map(({ heap, killed }) => [heap, killed]), [[512, true], [1024, false]]);
  over(2, start(0, [4]));
  over(1, busy);
  assertEquals(members.map(({ heap }) => heap), [512, 1024, undefined]);
});

Deno.test("what ran to its end before the member went, but was not told, goes back", () => {
  const { notes, members, start } = placeOf();
  const id = start(0, [1, 2, 3]);
  for (const _ of [1, 2]) members[0]!.claim(id);
  members[0]!.listener.gone("it fell over");
  assertEquals(notes.take(), ["failed 2 crash: it fell over", "returned 3 1"]);
});

Deno.test("a task that exits fails alone; the rest goes back", () => {
  const { notes, members, start } = placeOf();
  const id = start(0, [1, 2]);
  const other = start(1, [3]);
  for (const one of [id, other]) members[0]!.claim(one);
  const { error } = failedItem();
  members[0]!.listener.message({ kind: "exiting", batch: id, item: 0, code: 3, error, output: {} });
  assertEquals(notes.take(), ["failed 1 exit: error", "returned 2 3"]);
  assertEquals(members[0]!.killed, true);
});

Deno.test("a member that never got ready is no task's fault", () => {
  const { pool, notes, members, start } = placeOf();
  start(0, [1]);
  // What a fake says by itself when it is opened is taken back here.
  (pool as unknown as { seats: { ready: boolean }[] }).seats[0]!.ready = false;
  members[0]!.listener.gone("there is no such program");
  assertEquals(notes.take()[0], "broken there is no such program");
});

Deno.test("items that were not begun can be taken back, the last ones first", () => {
  const { pool, members, start } = placeOf();
  const id = start(0, [1, 2, 3, 4]);
  members[0]!.claim(id);
  assertEquals(pool.recall(0, 2), [3, 4]);
  assertEquals(members[0]!.claim(id), 1);
  assertEquals(pool.recall(0, 2), []);
  assertEquals(members[0]!.claim(id), -1);
  assertEquals(placeOf({ shared: false }).pool.recall(0, 2), []);
});

Deno.test("a soft cancel asks, a hard one ends; what runs is cancelled, not failed", () => {
  const { pool, notes, members, start } = placeOf({ size: 2 });
  const id = start(0, [1]);
  start(1, [2]);
  members[0]!.claim(id);
  pool.cancel(false);
  assertEquals(members.map(({ told }) => told.at(-1)), ["cancel all cancelled", "cancel all cancelled"]);
  assertEquals(notes.take(), []);
  members[0]!.end(id, [0], true);
  assertEquals(notes.take(), ["ended 1"]);
  pool.cancel(true);
  assertEquals(members.map(({ killed }) => killed), [false, true]);
  // It had not begun: as good as never started.
  assertEquals(notes.take(), ["returned 2"]);
});

Deno.test("after the end nothing is heard and no timer is left, even while attempts run", async () => {
  const { pool, clock, notes, members, start } = placeOf();
  members.length = 0;
  const id = start(0, [1], 60_000);
  members[0]!.claim(id);
  members[0]!.begin(id);
  await pool.close();
  members[0]!.end(id, [0], true);
  members[0]!.listener.gone("closed");
  assertEquals([clock.pending, notes.take()], [0, []]);
});

/** A pool with its surroundings, to be taken apart. */
function placeOf(options: ConstructorParameters<typeof PoolPlace>[0] = {}) {
  const place = new PoolPlace(options);
  const { pool, clock, notes, members } = place;
  return { pool, clock, notes, members, start: place.start.bind(place) };
}

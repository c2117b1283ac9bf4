/** The quiet period, on a clock that is moved by hand. */
import { assertEquals } from "@std/assert";
import { MOST_PERIODS, Quiet } from "../../src/watch/quiet.ts";
import { HandClock } from "./support.ts";

Deno.test("it is over when nothing was told for as long as it lasts", () => {
  const clock = new HandClock();
  let over = 0;
  const quiet = new Quiet(clock, 300, () => over++);
  quiet.tell();
  clock.pass(299);
  quiet.tell();
  clock.pass(299);
  assertEquals(over, 0);
  clock.pass(1);
  assertEquals([over, clock.pending], [1, 0]);
});

Deno.test("a file that never rests holds nothing up for ever", () => {
  const clock = new HandClock();
  let over = 0;
  const quiet = new Quiet(clock, 300, () => over++);
  for (let time = 0; time < 300 * MOST_PERIODS; time += 100) {
    assertEquals(over, 0);
    quiet.tell();
    clock.pass(100);
  }
  assertEquals(over, 1);
});

Deno.test("0 is at once, and what is cancelled never comes", () => {
  const clock = new HandClock();
  let over = 0;
  new Quiet(clock, 0, () => over++).tell();
  assertEquals([over, clock.pending], [1, 0]);
  const quiet = new Quiet(clock, 300, () => over++);
  quiet.tell();
  quiet.cancel();
  clock.pass(10_000);
  assertEquals([over, clock.pending], [1, 0]);
});

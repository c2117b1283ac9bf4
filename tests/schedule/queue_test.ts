/** The queue of what is to be done. */
import { assert, assertEquals } from "@std/assert";
import { Queue } from "../../src/schedule/queue.ts";

Deno.test("a queue gives what it was given, in order, however many wait", () => {
  const queue = new Queue<number>();
  let [given, taken] = [0, 0];
  for (const [more, less] of [[5, 3], [3_000, 2_500], [1, 503], [3, 3], [200_000, 200_003]]) {
    for (let count = 0; count < more!; count++) queue.push(given++);
    for (let count = 0; count < less! && queue.length > 0; count++) {
      assertEquals(queue.first, taken);
      assertEquals(queue.shift(), taken++);
    }
    assertEquals(queue.length, given - taken);
  }
  assertEquals([given, taken], [203_009, 203_009]);
  queue.push(1);
  queue.clear();
  assert(queue.length === 0);
});

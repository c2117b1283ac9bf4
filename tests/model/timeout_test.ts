/** Time limits: read, and told. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  NO_TIMEOUT,
  readableTimeouts,
  readTimeouts,
  timeoutText,
  watchesAttempts,
} from "../../src/model/timeout.ts";

Deno.test("a duration is that of an attempt; a record says what it says", () => {
  deepStrictEqual(readTimeouts(undefined), {});
  deepStrictEqual(readTimeouts("5m"), { attempt: 300_000 });
  deepStrictEqual(readTimeouts(0), { attempt: 0 });
  deepStrictEqual(readTimeouts({ attempt: "1s", idle: 20, queue: "2h", task: "1d" }), {
    attempt: 1_000,
    idle: 20,
    queue: 7_200_000,
    task: 86_400_000,
  });
  deepStrictEqual(readTimeouts({ idle: undefined, queue: "1m" } as never), { queue: 60_000 });
});

Deno.test("only what waits for its beginning is no matter of where attempts run", () => {
  const watched = (kind: keyof typeof NO_TIMEOUT) => watchesAttempts({ ...NO_TIMEOUT, [kind]: 1 });
  deepStrictEqual((["attempt", "idle", "queue", "task"] as const).map(watched), [true, true, false, true]);
  strictEqual(watchesAttempts(NO_TIMEOUT), false);
});

Deno.test("each limit is told by its name, with the last line where there is one", () => {
  const rule = { attempt: 500, idle: 2_000, queue: 60_000, task: 7_200_000 };
  deepStrictEqual((["attempt", "idle", "queue", "task"] as const).map((kind) => timeoutText(kind, rule)), [
    "the task has run past its timeout of 500 ms",
    "the task has printed nothing for as long as its idle timeout of 2.0 s",
    "the task has not begun elsewhere within its queue timeout of 1 min 0 s",
    "the task has run past its timeout of 2 h 0 min for all attempts together",
  ]);
  strictEqual(
    timeoutText("idle", rule, "epoch 7"),
    "the task has printed nothing for as long as its idle timeout of 2.0 s; the last line that it printed: epoch 7",
  );
  strictEqual(readableTimeouts(rule), "500 ms, idle 2.0 s, queue 1 min 0 s, all attempts 2 h 0 min");
  strictEqual(readableTimeouts({ ...NO_TIMEOUT, idle: 2_000 }), "idle 2.0 s");
  strictEqual(readableTimeouts(NO_TIMEOUT), "");
});

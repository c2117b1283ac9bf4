/** Time limits of tasks, through the engine. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import fs from "node:fs";
import type { AttemptEnded, NodeFailure, RunFailed, Transition } from "../../mod.ts";
import { runIn } from "../../src/engine/run.ts";
import { clock, machine, openPorts } from "../../src/wire.ts";
import {
  again,
  bounded,
  printsElsewhere,
  printsInProcess,
  printsInWorker,
  quick,
  silent,
  silentProgram,
  slow,
  tooLate,
  unlucky,
  waiting,
} from "../fixtures/timeouts.ts";
import { appeared } from "../support/files.ts";
import { errorOf } from "../support/outcome.ts";
import { ENTRY, type Place, test } from "./place.ts";

/** The failure of the only call of a run that fails. */
async function failureOf(place: Place, target: unknown): Promise<NodeFailure> {
  const { error } = await place.fails(target);
  return (error as RunFailed).failures[0]!;
}

test("an attempt that prints nothing more is ended; its failure says which limit it was, and the last line", async (place) => {
  const { reason, timeout, error, attempts } = await failureOf(place, silent());
  assertEquals([reason, timeout, attempts], ["timeout", "idle", 1]);
  assertEquals(
    error.message,
    "the task has printed nothing for as long as its idle timeout of 200 ms; the last line that it printed: epoch 2",
  );
});

test("what a program prints that a task in a process has started counts, and the program is ended too", async (place) => {
  const { timeout, error } = await failureOf(place, silentProgram());
  assertEquals(timeout, "idle");
  assertMatch(error.message, /idle timeout of 300 ms; the last line that it printed: step 1$/);
});

test("silence is a reason to try again; what is asked for then is told which limit it was", async (place) => {
  const { value, states, warnings } = await place.run(again());
  assertEquals([value, states, warnings], ["done", { again: "succeeded" }, []]);
  const [ended] = place.recorder.events.filter((event): event is AttemptEnded =>
    event.kind === "attempt-ended"
  );
  assertEquals([ended!.outcome, ended!.timeout, ended!.attempt], ["timed-out", "idle", 1]);
});

test("when the time for all attempts is over, there is no other", async (place) => {
  const { reason, timeout, attempts, error } = await failureOf(place, bounded());
  assertEquals([reason, timeout, attempts], ["timeout", "task", 1]);
  assertEquals(error.message, "the task has run past its timeout of 300 ms for all attempts together");
});

test("when the time for all attempts is over, it is told by what they had failed", async (place) => {
  let started = 0;
  const moved = {
    after: (millis: number, callback: () => void) => {
      // The time of all attempts is over as soon as the second one is under way.
      const over = millis > 1_800_000 && ++started === 2;
      return clock.after(over ? 0 : millis, callback);
    },
  };
  const run = runIn(
    async (options, work) => ({ ...await openPorts(ENTRY, [], options, work), clock: moved }),
    machine,
  );
  const error = await errorOf(run(unlucky(), place.options())) as RunFailed;
  const [failure] = error.failures;
  assertEquals([failure!.timeout, failure!.attempts], ["task", 2]);
  const { before } = failure!;
  assertEquals([before!.error.name, before!.error.message], ["RangeError", "no luck"]);
  assertEquals(before!.files.map((file) => fs.readFileSync(file, "utf8")), ["it does not fit\n"]);
});

test("a pause that would take all the time that is left is not made, and that is told", async (place) => {
  const { reason, attempts, notAgain, error } = await failureOf(place, tooLate());
  assertEquals([reason, attempts, error.message], ["error", 1, "no luck"]);
  assertEquals(notAgain, "its timeout of 10 min 0 s for all attempts together leaves no time for another");
});

test("time limits are no part of what a result depends on", async (place) => {
  assertEquals((await place.run(quick())).ran, ["quick"]);
  const overrides = { quick: { timeout: { idle: "5m", task: 0 } } } as const;
  const { value, ran } = await place.run(quick(), { overrides });
  assertEquals([value, ran], [7, []]);
});

test("who waits for calls is not silent", async (place) => {
  const { value, ran } = await place.run(waiting(), { workers: 1 });
  assertEquals([value, ran], [2, ["waiting", "slow"]]);
  assertEquals(slow.taskName, "slow");
});

for (const [where, prints] of Object.entries({ printsInWorker, printsInProcess, printsElsewhere })) {
  test(`whoever looks on can ask when a running attempt has printed something: ${where}`, async (place) => {
    const { folder } = place;
    const seen: Transition[] = [];
    const running = place.run(prints({ folder }), {
      prefixes: { far: "env" },
      onTransition: (transition) => {
        if (transition.to === "running") seen.push(transition);
      },
    });
    await appeared(`${folder}/begun`);
    const last = seen[0]!.lastPrinted!();
    assert(last !== undefined && last > 0, `${last}`);
    place.write({ go: "" });
    await running;
    assertEquals(seen[0]!.lastPrinted!(), undefined, "nobody has it any more");
  });
}

test("an override that makes no sense is refused before anything runs", async (place) => {
  assertEquals(
    await place.refused(quick(), { overrides: { quick: { timeout: { idel: "1m" } as never } } }),
    'DefinitionError: the override of "quick": `timeout` knows no "idel"; did you mean "idle"?',
  );
});

import { assertEquals, assertMatch } from "@std/assert";
import { all, run, type RunFailed, value } from "../../mod.ts";
import { readableModule } from "../../src/model/source.ts";
import { double, echo, record, tell } from "../fixtures/control.ts";
import * as picks from "../fixtures/picks.ts";
import { lateTask } from "../fixtures/late_task.ts";
import { nothingLeft } from "../support/leaks.ts";
import { errorOf } from "../support/outcome.ts";
import { fixture } from "../support/paths.ts";
import { start } from "../support/program.ts";
import { tempFolder } from "../support/temp.ts";

/** Runs a target without a cache. */
async function valueOf(target: unknown): Promise<unknown> {
  using temp = tempFolder();
  try {
    return (await run(target, { cache: "none", state: temp.path, workers: 2 })).value;
  } finally {
    await nothingLeft();
  }
}

Deno.test("futures may stand anywhere in an input", async () => {
  const two = double(1);
  const shared = record();
  assertEquals(
    await valueOf(echo({
      plain: two,
      list: [1, two, [double(2)]],
      map: new Map<unknown, unknown>([["key", two], [two, "value"]]),
      set: new Set([two, double(5)]),
      nested: { deep: { deeper: [{ at: two }] } },
      constant: value(3),
      aggregate: all({ x: two, y: [value("z")] }),
      pick: shared.pick("list").pick(1),
      deepPick: shared.pick("a").pick("b"),
      nothing: undefined,
    })),
    {
      plain: 2,
      list: [1, 2, [4]],
      map: new Map<unknown, unknown>([["key", 2], [2, "value"]]),
      set: new Set([2, 10]),
      nested: { deep: { deeper: [{ at: 2 }] } },
      constant: 3,
      aggregate: { x: 2, y: ["z"] },
      pick: 2,
      deepPick: 7,
      nothing: undefined,
    },
  );
});

Deno.test("a run gives the shape it was asked for", async () => {
  assertEquals(await valueOf({ a: double(1), b: [double(2), value("x")] }), { a: 2, b: [4, "x"] });
  assertEquals(await valueOf([]), []);
  assertEquals(await valueOf(record().pick("a")), { b: 7 });
});

Deno.test("the context tells about the call", async () => {
  const call = tell({ who: "you", n: "4" });
  assertEquals(await valueOf(call), {
    who: "you",
    n: "4",
    attempt: 1,
    key: call.key,
    name: "tell::you::4",
    deps: { twice: 8, many: [2, { three: 6 }] },
    aborted: false,
  });
});

const PICKS = fixture("picks.ts");
const NOT_THERE =
  'pick("lefts") of source({ n: 1 }) reaches for a property that is not there: the value has left, right; ' +
  'did you mean "left"?';

const part = (name: "left" | "lefts") => picks.source({ n: 1 }).pick(name);
const WAYS: Readonly<Record<string, (name: "left" | "lefts") => unknown>> = {
  taken: (name) => picks.taken({ part: part(name) }),
  needed: (name) => picks.needed({ name }),
  asked: (name) => picks.asked({ part: part(name) }),
  filed: (name) => picks.filed({ part: part(name) }),
  returned: (name) => picks.returned({ name }),
  run: (name) => picks.run({ name }),
};

for (const [way, target] of Object.entries(WAYS)) {
  Deno.test(`a pick of what is not there fails who wants it, by call, property and place: ${way}`, async () => {
    assertEquals(await valueOf(target("left")), 1);
    const error = await errorOf(valueOf(target("lefts"))) as RunFailed;
    assertEquals(error.name, "RunFailed", error.message);
    const [failure] = error.failures;
    assertEquals([failure!.task, failure!.error.name], [way, "PickError"]);
    const place = way === "run" ? "" : `\n    source is defined at ${PICKS}:5:23`;
    assertEquals(failure!.error.message, NOT_THERE + place);
    assertEquals(readableModule(failure!.at!.module), PICKS);
  });
}

Deno.test("a pick of what is not there is no target", async () => {
  const error = await errorOf(valueOf([part("lefts")]));
  assertEquals(error.name, "DefinitionError");
  assertEquals(error.message, `The target: ${NOT_THERE}\n    source is defined at ${PICKS}:5:23`);
  assertMatch(
    (await errorOf(valueOf(record().pick("list").pick(5)))).message,
    /^The target: pick\("list"\)\.pick\(5\) of record reaches for .*: the value is \[1, 2\]\n/,
  );
});

Deno.test("a task that only the main program makes is refused", async () => {
  const error = await errorOf(valueOf(lateTask()(1)));
  assertEquals(
    error.message,
    'Task "late" cannot be found by a worker: loading ' + fixture("late_task.ts") +
      " does not define it. Tasks are found by name, so define it at the top level of its module, not inside a function that only the main program calls\n" +
      `    at ${fixture("late_task.ts")}:6:10`,
  );
  assertEquals(error.name, "DefinitionError");
});

Deno.test("a module that does not load in a worker is told with its error", async () => {
  // Here and not at the top: workers that look for the late task come to this very file.
  const { unloadable } = await import("../fixtures/unloadable.ts");
  const error = await errorOf(valueOf(unloadable(1)));
  assertEquals(
    error.message,
    `Task "unloadable" ${
      fixture("unloadable.ts")
    } does not load in a worker: Error: not in a worker\n    at ${fixture("unloadable.ts")}:5:49`,
  );
  assertEquals(error.name, "DefinitionError");
});

Deno.test("a module that runs its pipeline while it is loaded is refused by workers", async () => {
  using temp = tempFolder();
  const { code, stdout } = await start(fixture("runs_at_load.ts"), [temp.path]).ended;
  assertEquals(code, 0);
  assertMatch(
    stdout,
    /^DefinitionError: Task "eager" .*runs_at_load\.ts does not load in a worker: DefinitionError: run\(\) was called while a worker loaded the module: workers import the module of each task, so call run\(\) only when the module is the main program: if \(import\.meta\.main\) \{ await run\(…\); \}\n/,
  );
});

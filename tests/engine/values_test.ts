import { assertEquals, assertMatch } from "@std/assert";
import { all, DefinitionError, run, RunFailed, value } from "../../mod.ts";
import { double, echo, record, tell } from "../fixtures/control.ts";
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

Deno.test("a pick of what is not there says so", async () => {
  const pick = (record() as unknown as { pick(name: string): unknown }).pick("missing");
  const error = await errorOf(valueOf(echo({ pick })));
  assertMatch(
    error.message,
    /pick\("missing"\) reaches for a property that is not there: the value is \{ a: \{ b: 7 \}, list: \[1, 2\] \}/,
  );
  assertEquals(error instanceof DefinitionError || error instanceof RunFailed, true);
  assertMatch(
    (await errorOf(valueOf([pick]))).message,
    /pick\("missing"\) reaches for a property that is not there/,
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

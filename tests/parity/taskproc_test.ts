/** Rows of taskproc's inventory that no other test shows; docs/parity.md names them. */
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import fs from "node:fs";
import { all, DefinitionError, run, RunFailed, task, value } from "../../mod.ts";
import { filesEnding } from "../support/files.ts";
import { errorOf } from "../support/outcome.ts";
import { tempFolder } from "../support/temp.ts";

const INLINE = { isolation: "inline" } as const;
const double = task("parity double", { ...INLINE, run: ({ n }: { n: number }) => n * 2 });
const echo = task("parity echo", { ...INLINE, run: (input?: unknown) => input });
const fails = task("parity fails", {
  ...INLINE,
  run: ({ n }: { n: number }): number => {
    throw new RangeError(`no ${n}`);
  },
});

Deno.test("TP-03, TP-05, TP-06: calls need no surroundings, and runs may overlap", async () => {
  using folder = tempFolder();
  const cache = `${folder.path}/cache`;
  const call = double({ n: double({ n: 1 }) });
  const [one, other] = await Promise.all([
    run(call, { cache, state: folder.path }),
    run({ sum: call }, { cache: "none", state: folder.path }),
  ]);
  assertEquals([one.value, other.value], [4, { sum: 4 }]);
});

Deno.test("TP-04, TP-45, TP-46: clearing a call, and all calls of a task", async () => {
  using folder = tempFolder();
  const cache = `${folder.path}/cache`;
  const target = [double({ n: 1 }), double({ n: 2 }), echo({ n: 3 })] as const;
  const ran = async () => (await run(target, { cache, state: folder.path })).stats.ranByTask;
  assertEquals(await ran(), { "parity double": 2, "parity echo": 1 });
  assertEquals(await ran(), {});
  assertEquals(await double({ n: 1 }).clear({ cache }), 1);
  assertEquals(await ran(), { "parity double": 1 });
  assertEquals(await double.clearAll({ cache }), 2);
  assertEquals(await ran(), { "parity double": 2 });
});

Deno.test("TP-09: no input and an input that is undefined are one call", () => {
  assertEquals(echo().key, echo(undefined).key);
  assert(echo().key !== echo(null).key);
});

Deno.test("TP-12: constants of every kind, which need no worker", async () => {
  using folder = tempFolder();
  const constant = { nan: NaN, set: new Set([1]), when: new Date(0), big: 2n };
  const { value: result, stats } = await run(all({ a: value(constant), b: value(NaN) }), {
    cache: "none",
    state: folder.path,
  });
  assertEquals(result, { a: constant, b: NaN });
  assertEquals(stats.nodes, 0);
});

Deno.test("TP-13, TP-14, TP-15: lists and records of futures, any key, nested, and parts of them", async () => {
  using folder = tempFolder();
  const listed = echo({ list: [double({ n: 1 }), double({ n: 2 })], "a/b": { "..": double({ n: 3 }) } });
  const { value: result } = await run([listed, all([double({ n: 4 })])], {
    cache: `${folder.path}/c`,
    state: folder.path,
  });
  assertEquals(result, [{ list: [2, 4], "a/b": { "..": 6 } }, [8]]);
  const pair = task("parity pair", { ...INLINE, run: () => ({ left: { deep: [1, 2] } }) });
  const part = pair().pick("left").pick("deep").pick(1);
  assertEquals((await run(double({ n: part }), { cache: "none", state: folder.path })).value, 4);
});

Deno.test("TP-20: the gzip level of results is the task's choice", async () => {
  using folder = tempFolder();
  const text = (compression: number) =>
    task(`parity level ${compression}`, { ...INLINE, compression, run: () => "abc".repeat(100_000) });
  await run([text(0)(), text(9)()], { cache: folder.path, state: `${folder.path}.runs` });
  const [plain, packed] = filesEnding(folder.path, ".result.gz").map((file) => fs.statSync(file).size);
  fs.rmSync(`${folder.path}.runs`, { recursive: true, force: true });
  assert(plain! > 300_000 && packed! < 3_000, `${plain} and ${packed}`);
});

Deno.test("TP-23: the counts of a run", async () => {
  using folder = tempFolder();
  const { stats } = await run([double({ n: 1 }), double({ n: 2 }), echo(3)], {
    cache: "none",
    state: folder.path,
  });
  const { seconds, ...rest } = stats;
  assert(seconds >= 0);
  assertEquals(rest, {
    nodes: 3,
    ran: 3,
    upToDate: 0,
    failed: 0,
    skipped: 0,
    notRun: 0,
    ranByTask: { "parity double": 2, "parity echo": 1 },
    abandoned: 0,
  });
});

Deno.test("TP-38, TP-60: a policy or a number that makes no sense is refused, with what would", async () => {
  const error = await assertRejects(
    () => run(echo(1), { onFailure: "immediate" as never, workers: 0, paralel: 3 } as never),
    DefinitionError,
  );
  assertEquals(
    error.message,
    `run() has no option "paralel"; did you mean "parallel"?
\`workers\` is a whole number from 1 up, not 0
\`onFailure\` is "stop", "keep-going" or "kill", not "immediate"`,
  );
});

Deno.test("a cache or a state that is no place is refused", async () => {
  for (const cache of [5, "", null, { readOnly: true }] as never[]) {
    const { message } = await assertRejects(
      () => run(echo(1), { cache, state: 3 as never }),
      DefinitionError,
    );
    assertEquals(
      message.replace(/, not (\d|""|null|\{ readOnly: true \})$/gm, ""),
      '`cache` is a path, "memory", "none", or { path, readOnly }\n`state` is a path',
    );
  }
});

Deno.test("TP-31, TP-39: failures come as one group, on the main thread too, with the original errors", async () => {
  using folder = tempFolder();
  const error = await errorOf(run([fails({ n: 1 }), fails({ n: 2 })], {
    cache: "none",
    state: folder.path,
    onFailure: "keep-going",
  })) as RunFailed;
  assertInstanceOf(error, AggregateError);
  assertInstanceOf(error, RunFailed);
  assertEquals(error.errors.map((one) => `${one}`).sort(), ["RangeError: no 1", "RangeError: no 2"]);
  assertEquals(error.failures.map(({ task }) => task), ["parity fails", "parity fails"]);
  assertEquals(error.message.split("\n")[0], "2 tasks failed");
});

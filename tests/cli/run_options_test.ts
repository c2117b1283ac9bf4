/** Options of `run`, settings of pipelines, and what comes before what. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { treeOf } from "../support/files.ts";
import { Place, statsOf, valueOf } from "./support.ts";

const PIPELINE = `import { task } from "runner";
export const one = task("one", () => 1);
export const main = task("main", { deps: () => ({ one: one() }), run: (_, { deps }) => ({ got: deps.one }) });
`;
/** What a run counted: ran and up to date. */
const counts = (lines: Parameters<typeof statsOf>[0]) => [statsOf(lines)["ran"], statsOf(lines)["upToDate"]];

Deno.test("--cache: a folder, read-only, memory and none", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const run = async (...args: string[]) => counts((await place.json("run", "p.ts", ...args)).lines);
  assertEquals(await run("--cache", "none"), [2, 0]);
  assertEquals(await run("--cache", "memory"), [2, 0]);
  assert(!fs.existsSync(`${place.path}/.runner/cache`));
  assertEquals(await run("--cache", "kept"), [2, 0]);
  assertEquals(await run("--cache=kept"), [0, 2]);
  assert(!fs.existsSync(`${place.path}/.runner/cache`));

  await place.runner("cache", "clear", "one", "--cache", "kept");
  const before = treeOf(`${place.path}/kept`, true);
  assertEquals(await run("--cache", "kept", "--cache-read-only"), [1, 1]);
  assertEquals(treeOf(`${place.path}/kept`, true), before, "nothing was stored");
  const absent = await place.runner("run", "p.ts", "--cache", "absent", "--cache-read-only");
  assertEquals(
    [absent.code, place.plain(absent.stderr)],
    [3, "error: There is no cache at <here>/absent; a cache that may only be read must exist\n"],
  );
});

Deno.test("--force runs again what is up to date; --force=task only that task", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const run = async (...args: string[]) => statsOf((await place.json("run", "p.ts", ...args)).lines);
  await run();
  assertEquals((await run())["ranByTask"], {});
  assertEquals((await run("--force"))["ranByTask"], { one: 1, main: 1 });
  assertEquals((await run("--force=main"))["ranByTask"], { main: 1 });
  // The same result: main stays as it is.
  assertEquals((await run("--force=one"))["ranByTask"], { one: 1 });
  assertEquals((await run("--force=one", "--force=main"))["ranByTask"], { one: 1, main: 1 });
});

const SELECTED = `import { task } from "runner";
const env = ["dev", "prod"];
export const size = task("size", ({ n }: { n: number }) => n);
export const config = task("config", { labels: "fast", run: () => 1 });
export const bundled = task("bundle::[env]", { choices: { env }, deps: ["config"], labels: "slow", run: ({ env }) => env });
export const unused = task("other::[env]", { choices: { env }, labels: "unused", run: ({ env }) => env });
export const main = task("main", { deps: ["bundle::*"], run: (_: undefined, ctx) => ctx.run(size({ n: 1 })) });
`;

Deno.test("--force=… takes what selectors take: globs, labels, what stands before and after, several", async () => {
  using place = new Place({ "p.ts": SELECTED });
  const run = async (...args: string[]) =>
    statsOf((await place.json("run", "p.ts", ...args)).lines)["ranByTask"];
  await run();
  assertEquals(await run(), {});
  const found: unknown[] = [];
  for (
    const names of [
      "bundle::p*",
      "bundle",
      "bundled",
      "tag:fast,tag:slow",
      "...bundle::dev",
      "bundle::dev...",
      "...bundled...",
      "main,s?ze",
      "other::*",
      "tag:unused",
    ]
  ) found.push(await run(`--force=${names}`));
  assertEquals(found, [
    { "bundle::[env]": 1 },
    { "bundle::[env]": 2 },
    { "bundle::[env]": 2 },
    { config: 1, "bundle::[env]": 2 },
    { config: 1, "bundle::[env]": 1 },
    { "bundle::[env]": 1, main: 1 },
    { config: 1, "bundle::[env]": 2, main: 1 },
    { main: 1, size: 1 },
    {},
    {},
  ]);
  const dry = await place.runner("run", "p.ts", "--dry", "--force=bundle::*");
  assertStringIncludes(dry.stdout, "run bundle::dev (forced)\nrun bundle::prod (forced)\n");
});

Deno.test("--force=… of what nothing is called, from the command line, settings and programs", async () => {
  const settings = 'export const settings = { force: ["bundel::*", "mian"] };\n';
  using place = new Place({ "p.ts": SELECTED, "q.ts": SELECTED + settings });
  const wrong: readonly (readonly [names: string, problem: string])[] = [
    ["mian", '--force mian: no call of this run, and no task, is called so; did you mean "main"?'],
    ["bundle::porod", '"bundle::porod" is no call of "bundle::[env]"'],
    ["bundel::*", "--force bundel::*: "],
    ["tag:solw", '--force tag:solw: no task has that label; did you mean "slow"?'],
    ["other...", "--force other: no call of this run is called so"],
    ["main,,config", "--force= needs the name of a task; --force alone is everything"],
  ];
  for (const [names, problem] of wrong) {
    for (const words of [["run", "p.ts"], ["run", "p.ts", "--dry"], ["plan", "p.ts"]]) {
      const { code, stderr } = await place.runner(...words, `--force=${names}`);
      assertStringIncludes(stderr, problem);
      assertEquals(code, 2, names);
    }
  }
  // All at once, and before anything is written.
  const { code, stderr } = await place.runner("run", "q.ts");
  assertEquals(code, 2);
  for (const name of ["bundel::*", "mian"]) assertStringIncludes(stderr, `--force ${name}: `);
  assertEquals(fs.existsSync(`${place.path}/.runner`), false);
});

Deno.test("settings of a pipeline hold where the command line says nothing", async () => {
  const settings = `export const settings = { cache: "mine", workers: 1, onFailure: "keep-going" };\n`;
  using place = new Place({ "p.ts": PIPELINE + settings });
  const workers = async (...args: string[]) =>
    (await place.json("run", "p.ts", ...args)).lines[0]!["workers"];
  assertEquals(await workers(), 1);
  assert(fs.existsSync(`${place.path}/mine/one`) && !fs.existsSync(`${place.path}/.runner/cache`));
  assertEquals(await workers("--workers", "3", "--cache", "other"), 3);
  assert(fs.existsSync(`${place.path}/other/one`));
  assertEquals((await place.runner("graph", "p.ts")).stdout, "main  ✓ up to date\n└─ one  ✓ up to date\n");
  const clear = await place.runner("cache", "clear", "p.ts", "one");
  assertEquals(clear.stdout, "cleared 1 result\n");
  assertEquals((await place.runner("graph", "p.ts", "one")).stdout, "one  · would run\n");
  assertEquals(counts((await place.json("run", "p.ts", "--cache-read-only")).lines), [1, 1]);
  assertEquals((await place.runner("graph", "p.ts", "one")).stdout, "one  · would run\n");
});

Deno.test("settings that are wrong", async () => {
  using place = new Place({
    "p.ts":
      `${PIPELINE}export const settings = { wrokers: 3, colour: 1, workers: "3", onFailure: "go", cache: 7 };`,
    "q.ts": `${PIPELINE}export const settings = 3;`,
  });
  const { code, stderr } = await place.runner("run", "p.ts");
  assertEquals([code, place.plain(stderr)], [
    2,
    `error: settings of <here>/p.ts: there is no setting "wrokers"; did you mean "workers"?
settings of <here>/p.ts: there is no setting "colour"; there are cache, workers, parallel, separator, params, allowMissingDeps, inputsIgnore, schedule, timeout, watchDebounce, history, state, force, limits, sharedLimits, prefixes, dispatch, pools, capacity, overrides, maxFailures, keepFailed, onFailure
settings of <here>/p.ts: "workers" is a whole number from 1 up, not "3"
settings of <here>/p.ts: "onFailure" is "stop", "keep-going" or "kill", not "go"
settings of <here>/p.ts: "cache" is a folder, "memory" or "none", not 7
`,
  ]);
  const other = await place.runner("run", "q.ts");
  assertEquals(
    place.plain(other.stderr),
    "error: settings of <here>/q.ts: they are an object, as in { workers: 4 }\n",
  );
});

const FAILING = `import { all, task } from "runner";
export const bad = task("bad", { isolation: "inline", run: (): number => { throw new Error("no"); } });
export const good = task("good", { isolation: "inline", run: ({ n }: { n: number }) => n });
export const main = all([bad(), good({ n: 1 }), good({ n: 2 })]);
`;

Deno.test("--stop, --keep-going: what still runs after a failure", async () => {
  using place = new Place({ "p.ts": FAILING });
  const run = async (...args: string[]) => {
    const { code, lines } = await place.json("run", "p.ts", "--cache", "none", "--parallel", "1", ...args);
    const { ran, failed, notRun } = statsOf(lines);
    return { code, ran, failed, notRun };
  };
  assertEquals(await run(), { code: 1, ran: 0, failed: 1, notRun: 2 });
  assertEquals(await run("--stop"), { code: 1, ran: 0, failed: 1, notRun: 2 });
  assertEquals(await run("--keep-going"), { code: 1, ran: 2, failed: 1, notRun: 0 });
});

Deno.test("--max-failures: so many may fail; the policy that is told last in the order of precedence holds", async () => {
  const many = `import { all, task } from "runner";
export const bad = task("bad", { isolation: "inline", run: ({ n }: { n: number }): number => { throw new Error("no " + n); } });
export const good = task("good", { isolation: "inline", wave: 1, run: () => 1 });
export const main = all([bad({ n: 1 }), bad({ n: 2 }), bad({ n: 3 }), good()]);
`;
  using place = new Place({ "p.ts": many, "q.ts": `${many}export const settings = { maxFailures: 3 };` });
  place.write("s.ts", `${many}export const settings = { onFailure: "stop" };`);
  const run = async (...args: string[]) => {
    const { code, lines } = await place.json("run", ...args, "--cache", "none", "--parallel", "1");
    const { ran, failed, notRun } = statsOf(lines);
    assertEquals(code, 1);
    return [ran, failed, notRun];
  };
  assertEquals(await run("p.ts", "--max-failures", "2"), [0, 2, 2]);
  assertEquals(await run("p.ts", "--max-failures", "4", "--keep-going"), [1, 3, 0]);
  assertEquals(await run("q.ts"), [0, 3, 1]);
  assertEquals(await run("q.ts", "--stop"), [0, 1, 3]);
  assertEquals(await run("q.ts", "--max-failures=1"), [0, 1, 3]);
  assertEquals(await run("s.ts", "--max-failures", "2"), [0, 2, 2]);
  const { stderr } = await place.runner("run", "p.ts", "--max-failures", "2", "--parallel", "1");
  assertStringIncludes(stderr, "not run good: 2 tasks failed, as many as --max-failures allows\n");
  const wrong = async (...args: string[]) => {
    const { code, stderr } = await place.runner("run", "p.ts", ...args);
    return [code, stderr];
  };
  assertEquals(await wrong("--max-failures", "0"), [
    2,
    'error: --max-failures takes a whole number from 1 up, not "0"\n',
  ]);
  assertEquals(await wrong("--max-failures", "2", "--stop"), [
    2,
    "error: --max-failures goes with --keep-going; --stop acts on the first failure\n",
  ]);
});

Deno.test("--keep-failed keeps what a failed attempt had, as many as settings say", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
import fs from "node:fs";
export const settings = { keepFailed: 1 };
export const bad = task("bad", ({ n }: { n: number }, ctx): number => {
  fs.writeFileSync(ctx.directory + "/note", String(n));
  throw new Error("no");
});
`,
  });
  place.write("q.ts", place.read("p.ts").replace("keepFailed: 1", "keepFailed: false"));
  const kept = async (...args: string[]) => {
    const { stderr } = await place.runner("run", ...args);
    return /\n {2}kept: (\S+)/.exec(stderr)?.[1];
  };
  const first = await kept("p.ts", "bad", "--n", "1");
  assertEquals(fs.readFileSync(`${first}/note`, "utf8"), "1");
  const second = await kept("p.ts", "bad", "--n", "2", "--keep-failed");
  assertEquals([fs.existsSync(first!), fs.existsSync(second!)], [false, true]);
  assertEquals(await kept("q.ts", "bad", "--n", "3"), undefined);
  const third = await kept("q.ts", "bad", "--n", "3", "--keep-failed");
  assertEquals([fs.existsSync(second!), fs.existsSync(third!)], [true, true]);
});

Deno.test("--kill ends what runs when a task fails", async () => {
  using place = new Place({
    "p.ts": `import { all, task } from "runner";
import fs from "node:fs";
export const endless = task("endless", { isolation: "process", run: () => { fs.writeFileSync("begun", ""); while (true); } });
export const bad = task("bad", async () => {
  while (!fs.existsSync("begun")) await new Promise((turned) => setImmediate(turned));
  throw new Error("no");
});
export const main = all([endless(), bad()]);
`,
  });
  const { code, lines } = await place.json("run", "p.ts", "--kill", "--parallel", "2");
  const { failed, notRun } = statsOf(lines);
  assertEquals([code, failed, notRun], [1, 1, 1]);
});

Deno.test("--json: every line is an event with a version, the last is the value", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
export const main = task("main", () => ({ map: new Map([["a", 1n]]), when: new Date(0), nan: NaN, none: undefined }));
export const quiet = task("quiet", () => {});
export const bad = task("bad", () => { throw new TypeError("no", { cause: new Error("why") }); });
`,
  });
  const { code, stderr, lines } = await place.json("run", "p.ts");
  assertEquals([code, stderr], [0, ""]);
  assert(lines.every((line) => line.v === 1 && typeof line.kind === "string"));
  assertEquals([...new Set(lines.map((line) => line.kind))], [
    "run-started",
    "transition",
    "run-ended",
    "value",
  ]);
  assertEquals(valueOf(lines), { map: [["a", "1"]], when: "1970-01-01T00:00:00.000Z", nan: "NaN" });
  assertEquals(valueOf((await place.json("run", "p.ts", "quiet")).lines), null);

  const failed = await place.json("run", "p.ts", "bad");
  assertEquals([failed.code, failed.stderr], [1, ""]);
  const { failure } = failed.lines.find((line) => line.kind === "node-failed") as unknown as {
    failure: { call: string; error: { name: string; message: string; cause: { message: string } } };
  };
  assertEquals([failure.call, failure.error.name, failure.error.message, failure.error.cause.message], [
    "bad",
    "TypeError",
    "no",
    "why",
  ]);
  assertEquals(failed.lines.at(-1)!.kind, "error");
  assertEquals(
    place.plain((failed.lines.at(-1)!["error"] as { message: string }).message),
    "1 task failed\nbad: TypeError: no (<here>/p.ts:4:46)",
  );
  for (const args of [["run", "p.ts", "mian"], ["run", "p.ts", "--cache"], ["run"], ["run", "absent.ts"]]) {
    const wrong = await place.json(...args);
    assertEquals([wrong.code, wrong.stderr, wrong.lines.length], [2, "", 1]);
    assertEquals((wrong.lines[0]!["error"] as { name: string }).name, "DefinitionError");
  }
});

Deno.test("the value goes to standard output, everything else to standard error; --quiet leaves out the rest", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
export const main = task("main", () => { console.log("said"); return Array.from({ length: 200 }, (_, n) => n); });
export const text = task("text", () => "x".repeat(3_000_000) + "end");
export const nothing = task("nothing", () => undefined);
`,
  });
  const loud = await place.runner("run", "p.ts");
  assertEquals(
    place.plain(loud.stderr),
    "ran main <time>\n✓ ran 1 · up to date 0 · failed 0 · skipped 0 · <time>\n",
  );
  assert(loud.stdout.includes("199") && !loud.stdout.includes("more items"), "all of the value");
  const quiet = await place.runner("run", "p.ts", "text", "--quiet");
  assertEquals([quiet.stderr, quiet.stdout.length, quiet.stdout.slice(-4)], ["", 3_000_004, "end\n"]);
  assertEquals((await place.runner("run", "p.ts", "nothing", "--quiet")).stdout, "");
});

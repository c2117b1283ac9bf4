/** The commands besides `run`: what they print, and that they leave everything as it is. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { treeOf } from "../support/files.ts";
import { Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
export const add = task("add", {
  description: "Adds two numbers",
  labels: ["cpu"],
  run: ({ a, b }: { a: number; b?: number }) => a + (b ?? 0),
});
export const build = task("build::[env]", ({ env }) => \`built \${env}\`);
export const sum = add({ a: 1, b: add({ a: 2, b: 3 }) });
export const broken = task("broken", { deps: () => ({ one: sum }), run: (): number => { throw new Error("no"); } });
export const main = task("main", { deps: () => ({ s: sum, b: build({ env: "dev" }) }), run: () => "done" });
`;

Deno.test("--version, --help and no arguments", async () => {
  using place = new Place();
  const [version, help, none, short] = await Promise.all([
    place.runner("--version"),
    place.runner("--help"),
    place.runner(),
    place.runner("run", "-h"),
  ]);
  assertEquals(version, { code: 0, stdout: "runner 0.1.0\n", stderr: "" });
  assertEquals([help.code, help.stderr], [0, ""]);
  for (
    const word of ["runner run <pipeline.ts>", "runner list", "runner graph", "runner cache clear <task>"]
  ) {
    assertStringIncludes(help.stdout, word);
  }
  assertEquals(none, { code: 2, stdout: "", stderr: help.stdout });
  assert(short.code === 0 && short.stdout.startsWith("Usage: runner run <pipeline.ts>"));
  assertEquals(treeOf(place.path), { "/": "dir" });
});

Deno.test("wrong commands and wrong words say what would be right", async () => {
  using place = new Place({ "p.ts": PIPELINE, "data.json": "{}", "folder/x.ts": "" });
  const cases: readonly (readonly [string, string])[] = [
    ["rnu p.ts", 'There is no command "rnu"; did you mean "run"?'],
    [
      "frobnicate",
      'There is no command "frobnicate"; there are run, list, explain, plan, graph, ps, cancel, resume, history, cache, doctor, exec',
    ],
    ["p.ts", 'There is no command "p.ts"; to run a pipeline, say: runner run p.ts'],
    ["run", "Name a pipeline: runner run <pipeline.ts> [target …]"],
    ["run q.ts", 'There is no file q.ts; did you mean "p.ts"?'],
    ["run folder", "folder is a folder; name the pipeline's file in it"],
    ["run absent/p.ts", "There is no file absent/p.ts; there is no folder <here>/absent either"],
    ["run data.json", "data.json is no TypeScript or JavaScript file, so it cannot be a pipeline"],
    ["list", "Name one pipeline: runner list <pipeline.ts>"],
    ["list p.ts p.ts", "Name one pipeline: runner list <pipeline.ts>"],
    ["list p.ts --jsn", "There is no option --jsn; did you mean --json?"],
    ["graph", "Name a pipeline: runner graph <pipeline.ts> [target …]"],
    [
      "graph p.ts mian",
      'There is no task or exported call "mian"; did you mean "main"?\n    there are: sum, add, broken, build::[env], main',
    ],
    ["cache", "Say what to do with the cache: runner cache clear <task>"],
    ["cache claer add", 'There is no command "cache claer"; there is: runner cache clear'],
    [
      "cache clear",
      "Say what to clear: runner cache clear <task>, or runner cache clear <pipeline.ts> <target …>",
    ],
    ["cache clear add", "There is no cache at .runner/cache"],
    ["cache clear add --cache nowhere", "There is no cache at nowhere"],
    ["cache clear add --cache none", "Only a cache in a folder has something to clear"],
    [
      "cache clear p.ts",
      "Say what to clear of p.ts: runner cache clear p.ts <target …>\n    there are: sum, add, broken, build::[env], main",
    ],
  ];
  for (const [words, error] of cases) {
    const { code, stdout, stderr } = await place.runner(...words.split(" "));
    assertEquals([words, code, stdout, place.plain(stderr)], [words, 2, "", `error: ${error}\n`]);
  }
  assertEquals(Object.keys(treeOf(place.path)).length, 5, "nothing was written");
});

const LISTING = `Calls
  sum

Tasks
  add  Adds two numbers  [cpu]
      --a <number>
      --b <number>  (optional)
  broken
  build::[env]
      --env <string>
  main
`;

Deno.test("list, and --help of a pipeline", async () => {
  using place = new Place({ "p.ts": PIPELINE, "empty.ts": "export const x = 1;" });
  const [list, json, help, empty] = await Promise.all([
    place.runner("list", "p.ts"),
    place.runner("list", "p.ts", "--json"),
    place.runner("run", "p.ts", "--help"),
    place.runner("list", "empty.ts"),
  ]);
  assertEquals(list, { code: 0, stdout: LISTING, stderr: "" });
  assert(
    help.code === 0 && help.stdout.startsWith("Usage: runner run") && help.stdout.endsWith(`\n${LISTING}`),
  );
  assertEquals(empty.stdout, "The pipeline defines no tasks\n");
  const { tasks, calls } = JSON.parse(place.plain(json.stdout));
  assertEquals(calls, ["sum"]);
  assertEquals(tasks.map((task: { name: string }) => task.name), ["add", "broken", "build::[env]", "main"]);
  assertEquals(tasks[0], {
    name: "add",
    description: "Adds two numbers",
    labels: ["cpu"],
    fields: [{ name: "a", type: "number", optional: false }, { name: "b", type: "number", optional: true }],
    at: "<here>/p.ts:2:20",
  });
});

Deno.test("graph shows what is up to date and writes nothing", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const before = treeOf(place.path, true);
  const cold = await place.runner("graph", "p.ts");
  const name = /add\({ a: 1, b: (add‹[0-9a-f]{8}›) }\)/.exec(cold.stdout)![1]!;
  const tree = (mark: string, ran = mark) =>
    `main  ${mark}
├─ add({ a: 1, b: ${name} })  ${ran}
│  └─ add({ a: 2, b: 3 })  ${ran}
└─ build::dev  ${mark}
`;
  assertEquals(cold, { code: 0, stdout: tree("· would run"), stderr: "" });
  assertEquals(treeOf(place.path, true), before);

  assertEquals((await place.runner("run", "p.ts", "sum")).code, 0);
  const after = treeOf(place.path, true);
  assertEquals((await place.runner("graph", "p.ts")).stdout, tree("· would run", "✓ up to date"));
  assertEquals(
    (await place.runner("graph", "p.ts", "add", "--a", "2", "--b", "3")).stdout,
    "add({ a: 2, b: 3 })  ✓ up to date\n",
  );
  const { roots, nodes } = JSON.parse((await place.runner("graph", "p.ts", "sum", "--json")).stdout);
  assertEquals(treeOf(place.path, true), after, "looking changes nothing");
  assertEquals(roots, [0]);
  assertEquals(nodes.map((node: { key: string }) => /^[0-9a-f]{40}$/.test(node.key)), [true, true]);
  assertEquals(nodes.map(({ key: _, ...rest }: { key: string }) => rest), [
    { call: `add({ a: 1, b: ${name} })`, task: "add", state: "up-to-date", upstreams: [1] },
    { call: "add({ a: 2, b: 3 })", task: "add", state: "up-to-date", upstreams: [] },
  ]);
});

Deno.test("cache clear of tasks and of calls: only what changes is run again", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const run = async (...args: string[]) => (await place.runner("run", "p.ts", ...args)).stderr;
  const summary = (text: string) => text.trimEnd().split("\n").at(-1)!.replace(/ · [^·]*$/, "");
  const clear = (...args: string[]) => place.runner("cache", "clear", ...args);
  assertEquals(summary(await run()), "✓ ran 4 · up to date 0 · failed 0 · skipped 0");

  assertEquals(await clear("p.ts", "add", "--a", "2", "--b", "3"), {
    code: 0,
    stdout: "cleared 1 result\n",
    stderr: "",
  });
  // The same result again: nothing that depends on it runs.
  assertEquals(summary(await run()), "✓ ran 1 · up to date 3 · failed 0 · skipped 0");

  assertEquals((await clear("add", "build::[env]")).stdout, "cleared 3 results\n");
  assertEquals(summary(await run()), "✓ ran 3 · up to date 1 · failed 0 · skipped 0");
  assertEquals((await clear("p.ts", "build::dev", "--json")).stdout, '{"cleared":1}\n');
  assertEquals((await clear("p.ts", "build::dev")).stdout, "cleared 0 results\n");

  assertEquals(
    (await clear("ad")).stderr,
    'error: The cache .runner/cache has no results of a task "ad"; did you mean "add"?\n',
  );
  assertEquals(
    (await clear("zebra")).stderr,
    'error: The cache .runner/cache has no results of a task "zebra"\n    it has: add, build::[env], main\n',
  );
  assertEquals(
    (await clear("build::dev")).stderr,
    'error: The cache .runner/cache has no results of a task "build::dev"; it is a call of "build::[env]": clear that, or name the pipeline too: runner cache clear <pipeline.ts> build::dev\n',
  );
  assertEquals(summary(await run()), "✓ ran 1 · up to date 3 · failed 0 · skipped 0");
});

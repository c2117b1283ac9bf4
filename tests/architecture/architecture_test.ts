/** Holds the project to its layers, and shows on a small tree that each rule sees what it is there to see. */
import { assertEquals } from "@std/assert";
import { LATE_LISTS } from "./layers.ts";
import { RULES, type Violation, violations } from "./rules.ts";
import { codeOf, type Edge, readTree, sourceFile, type Tree } from "./tree.ts";

const WORKERS = [...Deno.readDirSync(new URL("../../workers", import.meta.url))]
  .map(({ name }) => `workers/${name}`);

Deno.test("the project keeps to its layers and rules", async () => {
  const tree = await readTree(["mod.ts", "cli.ts", ...LATE_LISTS, ...WORKERS], ["src", "workers"]);
  const found = violations(tree);
  assertEquals(found.length, 0, `\n${report(found)}\n`);
});

/** All violations at once, by rule. */
function report(found: readonly Violation[]): string {
  return Object.entries(Object.groupBy(found, ({ rule }) => rule))
    .map(([rule, list]) =>
      `${rule}:\n${list!.map(({ path, problem }) => `  ${path}: ${problem}`).join("\n")}`
    )
    .join("\n");
}

/** A tree of made-up files. */
function madeUp(texts: Readonly<Record<string, string>>, edges: readonly Partial<Edge>[] = []): Tree {
  const files = Object.entries(texts).map(([path, text]) => sourceFile(path, text));
  return {
    files,
    reached: new Set(files.map(({ path }) => path)),
    edges: edges.map((edge) => ({ from: "", to: "", typeOnly: false, dynamic: false, ...edge })),
    missing: [],
  };
}

/** What a rule finds, as `path: problem`. */
function found(rule: string, tree: Tree): string[] {
  return RULES[rule]!(tree).map(({ path, problem }) => `${path}: ${problem}`);
}

Deno.test("imports go down, never up or sideways, types included", () => {
  const rule = "a file imports lower layers or its own room";
  const edges = [
    { from: "src/model/a.ts", to: "src/plan/b.ts", typeOnly: true },
    { from: "src/store/a.ts", to: "src/execute/b.ts", typeOnly: true },
    { from: "src/plan/a.ts", to: "src/runtime/runtime.ts" },
    { from: "src/runtime/runtime.ts", to: "src/model/a.ts" },
    { from: "src/engine/a.ts", to: "mod.ts" },
    { from: "src/cli/a.ts", to: "mod.ts", dynamic: true },
    { from: "workers/a.ts", to: "src/engine/a.ts" },
    { from: "src/engine/a.ts", to: "src/store/a.ts" },
    { from: "src/store/a.ts", to: "src/store/b.ts" },
    { from: "src/store/a.ts", to: "node:fs" },
  ];
  assertEquals(found(rule, madeUp({}, edges)), [
    "src/model/a.ts: imports upwards (0 to 1): src/plan/b.ts",
    "src/store/a.ts: rooms of layer 3 do not know each other, but it imports src/execute/b.ts",
    "src/plan/a.ts: runtime is for layer 3 and up, not plan",
    "src/runtime/runtime.ts: runtime stands beside model and imports nothing of ours, but: src/model/a.ts",
    "src/engine/a.ts: imports the entry point mod.ts",
    "workers/a.ts: workers may import mod.ts, model, runtime, store, execute, not src/engine/a.ts",
  ]);
});

Deno.test("adapters, and classes that implement a port, are known", () => {
  const tree = madeUp({ "src/report/loud.ts": "/** Loud. */\nexport class Loud implements Reporter {}" }, [
    { from: "src/engine/a.ts", to: "src/store/disk_cache.ts", typeOnly: true },
    { from: "src/wire.ts", to: "src/store/disk_cache.ts" },
  ]);
  assertEquals(found("adapters are imported by the wiring", tree), [
    "src/engine/a.ts: adapters are for src/wire.ts, workers and tests, not: src/store/disk_cache.ts",
    "src/report/loud.ts: implements a port, so it belongs in the list of adapters",
  ]);
});

Deno.test("pure rooms have no clock, chance, promise or I/O, wherever it hides", () => {
  const text = [
    "/** Nothing of `await`, Date.now() or console.log in a comment or a string counts. */",
    'const text = "await Date.now()" + `${Math.random()} await`;',
    "const later = async () => await 1;",
    "const then = new Date();",
  ].join("\n");
  const tree = madeUp({
    "src/plan/a.ts": text,
    "src/model/codec/b.ts": "const a = new Date(5), b = new Date();",
  }, [
    { from: "src/plan/a.ts", to: "node:fs" },
  ]);
  assertEquals(found("model, plan and schedule are pure", tree), [
    "src/plan/a.ts: src/plan/a.ts:4 has the clock: new Date(",
    "src/plan/a.ts: src/plan/a.ts:2 has chance: Math.random",
    "src/plan/a.ts: src/plan/a.ts:3 has a promise: async",
    "src/plan/a.ts: src/plan/a.ts imports node:fs",
    "src/model/codec/b.ts: src/model/codec/b.ts:1 has the clock: new Date(",
  ]);
});

Deno.test("a cycle is told as its path, once, types included", () => {
  const tree = madeUp({ "src/model/a.ts": "", "src/model/b.ts": "", "src/model/c.ts": "" }, [
    { from: "src/model/a.ts", to: "src/model/b.ts" },
    { from: "src/model/b.ts", to: "src/model/c.ts", typeOnly: true },
    { from: "src/model/c.ts", to: "src/model/a.ts", typeOnly: true },
  ]);
  assertEquals(found("no cycles, types included", tree), [
    "src/model/a.ts: a cycle: src/model/a.ts → src/model/b.ts → src/model/c.ts → src/model/a.ts",
  ]);
});

Deno.test("a file is short, in snake_case, explained, and no barrel", () => {
  const tree = madeUp({
    "src/plan/Loud.ts": "export default 1;",
    "src/plan/all.ts": '/** All. */\nexport { a } from "./a.ts";\nexport type * from "./b.ts";',
    "src/plan/long.ts": `/** Long. */\n${"x;\n".repeat(400)}`,
  });
  assertEquals(found("files are small, named and explained", tree), [
    "src/plan/Loud.ts: is not named in snake_case",
    "src/plan/Loud.ts: does not begin with a doc comment that says what it is for",
    "src/plan/Loud.ts: has a default export",
    "src/plan/all.ts: only hands on exports of others",
    "src/plan/long.ts: has 401 lines, more than 320",
  ]);
  const exported = madeUp({
    "src/plan/a.ts": "/** A file. */\nexport const a = 1;\n/** B. */\nexport type B = 1;",
  });
  assertEquals(found("exports are explained", exported), [
    "src/plan/a.ts: line 2 exports a without a comment over it",
  ]);
});

Deno.test("states are set and runtimes named in one place", () => {
  const tree = madeUp({
    "src/schedule/set.ts": "state.states.set(1, 2); state.counts[1]!--;",
    "src/schedule/step.ts": "state.states.set(1, 2);\nif (state.counts[1] === 2) f(state.states.at(1));",
    "src/store/a.ts": 'const text = "Deno.exit";\nDeno.exit();',
  });
  assertEquals(found("one file sets the state of nodes", tree), [
    "src/schedule/step.ts: line 1 changes a node's state, which only src/schedule/set.ts does",
  ]);
  assertEquals(found("runtimes are named in src/runtime", tree), [
    "src/store/a.ts: line 2 names a runtime: Deno.exit();",
  ]);
  assertEquals(codeOf("a /* b\nc */ d"), "a \n d");
});

Deno.test("what is loaded late is written down, and starts load none of node's modules", () => {
  const tree = madeUp({}, [
    { from: "cli.ts", to: "src/cli/main.ts" },
    { from: "src/cli/main.ts", to: "node:fs" },
    { from: "src/cli/main.ts", to: "src/cli/run.ts", dynamic: true, late: true },
    { from: "src/cli/main.ts", to: "src/cli/list.ts", dynamic: true, late: true },
    { from: "src/cli/later.ts", to: "src/cli/list.ts", dynamic: true },
    { from: "src/cli/run.ts", to: "node:process" },
  ]);
  assertEquals(found("what is loaded late is written down", tree), [
    "src/cli/main.ts: loads src/cli/run.ts late, which none of src/later.ts,src/cli/later.ts names",
  ]);
  assertEquals(found("starts wait for none of node's modules", tree), [
    "src/cli/main.ts: imports node:fs, which cli.ts would wait for",
  ]);
});

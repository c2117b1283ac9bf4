import { assertEquals, assertNotEquals } from "@std/assert";
import { CodeIndex } from "../../../src/plan/code/code_index.ts";
import { changed, digests, type Files, frameAt, reader, tasksOf } from "./support.ts";

const PIPELINE = `
import { task } from "runner";
import { load, save as store } from "./io.ts";
import fallback from "./fallback.ts";
import * as maths from "./maths.ts";
import config from "./config.json" with { type: "json" };
import type { Row } from "./types.ts";
import { z } from "npm:zod@3.1.0";

const LIMIT = 5, { depth, width: [wide] } = { depth: 1, width: [2] };
type Input = { n: number };

function clamp(n: number): number {
  return Math.min(n, LIMIT);
}

function scale(n: number) { return clamp(n) * 2 }

const unrelated = (n: number) => n + 1;

class Model {
  static #count = 0;
  @logged() rate = 1;
  fit(rows: Row[]) { return rows.length * this.rate }
}

function logged() { return (_: unknown, _c: unknown) => {}; }

export const train = task("train", {
  deps: ({ n }: Input) => ({ data: prepare({ n }) }),
  run: ({ n }, { deps }) => scale(n) + new Model().fit(deps.data) + config.x,
});

export const prepare = task("prepare", ({ n }: Input) => load(n) + unrelated(n));

export const tasks = {
  report: task("report", (x: Input) => maths.mean([x.n]) + \`\${depth} // \${wide}\`.length),
  publish: task("publish", (x: Input) => store(x.n) + fallback()),
};

export default task("last", (s: string) => z.string().parse(s).replace(/[/*"'\`//]+/g, "/*"));

if (import.meta.main) console.log("main");
`;

const PROJECT: Files = {
  "pipeline.ts": PIPELINE,
  "io.ts": `
import { open } from "./disk.ts";
export const load = (n: number) => open(n);
export function save(n: number) { return n; }
export { close } from "./disk.ts";
`,
  "disk.ts": `
export function open(n: number) { return n; }
export function close(n: number) { return -n; }
`,
  "fallback.ts": `export default () => helper();\nfunction helper() { return 1 }\nconst other = 2;`,
  "maths.ts": `export * from "./more.ts"; export const mean = (xs: number[]) => sum(xs) / xs.length;
const sum = (xs: number[]) => xs.reduce((a, b) => a + b, 0);`,
  "more.ts": `export const max = Math.max;\n`,
  "types.ts": `export interface Row { a: number }\n`,
  "config.json": `{ "x": 1 }`,
};

const ALL = ["last", "prepare", "publish", "report", "train"];

function edit(path: string, from: string | RegExp, to: string): Files {
  const text = PROJECT[path] ?? "";
  const next = text.replace(from, () => to);
  if (next === text) throw new Error(`${from} not found in ${path}`);
  return { ...PROJECT, [path]: next };
}

const EDITS: readonly [string, Files, readonly string[]][] = [
  ["nothing", PROJECT, []],
  [
    "comment above",
    edit("pipeline.ts", "export const train", "// hello\n/* there\n */ export const train"),
    [],
  ],
  [
    "an option that changes no result",
    edit("pipeline.ts", `task("train", {`, `task("train", { timeout: "5m", `),
    [],
  ],
  [
    "an option that says which calls there are, and one of how they are run",
    edit("pipeline.ts", `task("train", {`, `task("train", { choices: { n: [1, scale(2)] }, locks: "x", `),
    [],
  ],
  ["an option that changes results", edit("pipeline.ts", `task("train", {`, `task("train", { env: ["X"], `), [
    "train",
  ]],
  ["comment inside", edit("pipeline.ts", "=> scale(n)", "=> /* x */ scale(n) // y\n"), []],
  ["lines moved", { ...PROJECT, "pipeline.ts": `\n\n\n${PIPELINE}` }, []],
  ["CRLF", { ...PROJECT, "pipeline.ts": PIPELINE.replaceAll("\n", "\r\n") }, []],
  ["trailing comma dropped", edit("pipeline.ts", "config.x,\n", "config.x\n"), []],
  ["quotes", edit("pipeline.ts", `"train"`, `'train'`), []],
  ["semicolon added", edit("pipeline.ts", "clamp(n) * 2 }", "clamp(n) * 2; }"), []],
  ["semicolon dropped", edit("pipeline.ts", "LIMIT);\n", "LIMIT)\n"), []],
  ["line broken", edit("pipeline.ts", "{ return clamp(n) * 2 }", "{\n  return clamp(n) *\n    2;\n}\n"), []],
  ["call broken", edit("pipeline.ts", "Math.min(n, LIMIT)", "Math\n  .min(\n    n,\n    LIMIT,\n  )"), []],
  [
    "function moved",
    edit("pipeline.ts", /function logged.*\n/, "") && {
      ...PROJECT,
      "pipeline.ts": PIPELINE.replace(/function logged.*\n/, "") +
        "function logged() { return (_: unknown, _c: unknown) => {}; }\n",
    },
    [],
  ],
  ["tasks swapped", {
    ...PROJECT,
    "pipeline.ts": PIPELINE.replace(/export const prepare.*\n/, "") +
      PIPELINE.match(/export const prepare.*\n/)?.[0],
  }, []],
  ["type edited", edit("pipeline.ts", "{ n: number };", "{ n: number; m?: string };"), []],
  ["types file edited", edit("types.ts", "a: number", "b: string"), []],
  ["unrelated statement added", edit("pipeline.ts", "class Model", "const fresh = 1;\nclass Model"), []],
  [
    "main block edited",
    edit("pipeline.ts", /if \(import.*/, `if (import.meta.main) { await run(train({ n: 9 })); }`),
    [],
  ],
  ["helper renamed", edit("pipeline.ts", "unrelated = ", "renamed = "), ["prepare"]],
  ["helper edited", edit("pipeline.ts", "n + 1", "n + 2"), ["prepare"]],
  ["direct helper", edit("pipeline.ts", "* 2", "* 3"), ["train"]],
  ["transitive helper", edit("pipeline.ts", "Math.min", "Math.max"), ["train"]],
  ["constant", edit("pipeline.ts", "LIMIT = 5", "LIMIT = 6"), ["report", "train"]],
  ["constant by destructuring", edit("pipeline.ts", "width: [2]", "width: [3]"), ["report", "train"]],
  ["class", edit("pipeline.ts", "rate = 1", "rate = 2"), ["train"]],
  ["decorator", edit("pipeline.ts", "=> {};", "=> { 1; };"), ["train"]],
  ["own body", edit("pipeline.ts", "config.x,", "config.y,"), ["train"]],
  ["own deps", edit("pipeline.ts", "prepare({ n })", "prepare({ n: 1 })"), ["train"]],
  ["dependency's body", edit("pipeline.ts", "load(n) + ", "load(n) - "), ["prepare"]],
  ["one of an object literal", edit("pipeline.ts", "[x.n])", "[x.n, 1])"), ["report"]],
  ["template text", edit("pipeline.ts", " // $", " ## $"), ["report"]],
  ["template hole", edit("pipeline.ts", "${wide}", "${wide + 1}"), ["report"]],
  ["regular expression with slashes", edit("pipeline.ts", "//]+/g", "//x]+/g"), ["last"]],
  ["behind a string with a comment", edit("pipeline.ts", `"/*")`, `"/*").trim()`), ["last"]],
  ["named import, direct", edit("io.ts", "=> open(n)", "=> open(n + 1)"), ["prepare"]],
  ["named import, transitive", edit("disk.ts", "return n;", "return n + 1;"), ["prepare"]],
  ["named import, other name", edit("io.ts", "{ return n; }", "{ return n + 1; }"), ["publish"]],
  ["named import, unused", edit("disk.ts", "return -n", "return n"), []],
  ["default import", edit("fallback.ts", "return 1", "return 2"), ["publish"]],
  ["default import, unused", edit("fallback.ts", "other = 2", "other = 3"), []],
  ["namespace import", edit("maths.ts", "a + b", "a - b"), ["report"]],
  ["star export", edit("more.ts", "Math.max", "Math.min"), ["report"]],
  ["JSON", edit("config.json", "1", "2"), ["train"]],
  ["package", edit("pipeline.ts", "zod@3.1.0", "zod@3.2.0"), ["last"]],
  ["import list extended", edit("pipeline.ts", "{ load, ", "{ close, load, "), []],
  [
    "import list exchanged",
    edit("pipeline.ts", "{ load, save as store }", "{ load as store, save as load }"),
    [
      "prepare",
      "publish",
    ],
  ],
  ["side effect", edit("pipeline.ts", "class Model", "globalThis.x = 1;\nclass Model"), ALL],
  [
    "side effect through an import",
    edit("disk.ts", "export function open", "setup();\nexport function open"),
    ALL,
  ],
  [
    "side effect behind a function",
    edit("pipeline.ts", "\nconst unrelated", "\n(function () {})()\nconst unrelated"),
    ALL,
  ],
  ["side effect behind a type", edit("pipeline.ts", "n: number };\n", "n: number }\n[1].map(logged)\n"), ALL],
  ["side effect on the line of a function", edit("pipeline.ts", "* 2 }", "* 2 } setup()"), ALL],
];

for (const [name, after, expected] of EDITS) {
  Deno.test(`an edit changes the digests of the tasks it concerns: ${name}`, () => {
    assertEquals(changed(PROJECT, after), [...expected]);
  });
}

Deno.test("the main block does not count", () => {
  const files = { "p.ts": `task("a", run);\nif (import.meta.main) {\n  go(1);\n}\n` };
  assertEquals(changed(files, { "p.ts": files["p.ts"].replace("go(1)", "go(2)") }), []);
});

Deno.test("moving the folder keeps digests", () => {
  assertEquals(digests(PROJECT), digests(PROJECT, { root: "file:///C:/other/place/" }));
});

Deno.test("digests do not depend on the order of questions", () => {
  const tasks = Object.values(tasksOf(PROJECT));
  const forth = new CodeIndex(reader(PROJECT), tasks),
    back = new CodeIndex(reader(PROJECT), tasks.toReversed());
  const a = tasks.map((task) => forth.digest(task));
  const b = tasks.toReversed().map((task) => back.digest(task)).reverse();
  assertEquals(a, b);
});

Deno.test("parts are labelled by statement and file", () => {
  const tasks = tasksOf(PROJECT);
  const index = new CodeIndex(reader(PROJECT), Object.values(tasks));
  const { train, publish } = tasks;
  if (!train || !publish) throw new Error("tasks");
  assertEquals([...index.parts(train).keys()].sort(), [
    "config.json",
    "pipeline.ts#LIMIT",
    "pipeline.ts#Model",
    "pipeline.ts#clamp",
    "pipeline.ts#config",
    "pipeline.ts#logged",
    "pipeline.ts#prepare",
    "pipeline.ts#scale",
    "pipeline.ts#task",
    "pipeline.ts#train",
  ]);
  assertEquals([...index.parts(publish).keys()].sort(), [
    "fallback.ts",
    "io.ts",
    "pipeline.ts#fallback",
    "pipeline.ts#store",
    "pipeline.ts#task",
    "pipeline.ts#tasks",
  ]);
  assertEquals([...index.files()].map((url) => url.split("/").at(-1)).sort(), [
    "config.json",
    "disk.ts",
    "fallback.ts",
    "io.ts",
    "maths.ts",
    "more.ts",
    "pipeline.ts",
  ]);
});

Deno.test("modules that import each other are handled", () => {
  const files = {
    "a.ts":
      `import { g } from "./b.ts";\nexport const f = () => g();\nexport const a = task("a", () => f());`,
    "b.ts":
      `import { f } from "./a.ts";\nexport * from "./a.ts";\nexport const g = () => f() + h();\nconst h = () => 1;`,
  };
  assertEquals(changed(files, { ...files, "b.ts": files["b.ts"].replace("=> 1", "=> 2") }), ["a"]);
});

Deno.test("exported names swapped between equal statements count", () => {
  const files = {
    "p.ts": `import { b, d } from "./lib.ts";\ntask("t", () => b() - d());`,
    "lib.ts": `const x = () => 1; const y = () => 2;\nexport { x as b, y as d };`,
  };
  assertEquals(
    changed(files, { ...files, "lib.ts": files["lib.ts"].replace("x as b, y as d", "y as b, x as d") }),
    ["t"],
  );
});

Deno.test("the order of statements that run counts", () => {
  const files = {
    "p.ts":
      `let n = 0;\nconst next = () => n++;\nconst a = next();\nconst b = next();\ntask("t", () => a - b);`,
  };
  const swapped =
    `let n = 0;\nconst next = () => n++;\nconst b = next();\nconst a = next();\ntask("t", () => a - b);`;
  assertEquals(changed(files, { "p.ts": swapped }), ["t"]);
});

Deno.test("files beside the module count: dynamic imports, workers, URLs", () => {
  const files = {
    "p.ts":
      `task("t", async () => { await import("./lazy.ts"); new Worker(new URL('./w.ts', import.meta.url)); });
task("u", () => Deno.readTextFile(import.meta.resolve("./words.txt")));
task("v", () => path.resolve("./words.txt"));`,
    "lazy.ts": `import "./deep.ts";`,
    "deep.ts": `const x = 1;`,
    "w.ts": `const y = 1;`,
    "words.txt": "one",
  };
  assertEquals(changed(files, { ...files, "deep.ts": "const x = 2;" }), ["t"]);
  assertEquals(changed(files, { ...files, "w.ts": "const y = 2;" }), ["t"]);
  assertEquals(changed(files, { ...files, "words.txt": "two" }), ["u"]);
});

const FACTORY: Files = {
  "lib.ts": `import { task } from "runner";
export function makeTask(name: string, rate: number) {
  return task(name, { run: () => rate * twice(2) });
}
function twice(n: number) { return n + n; }
function unused() { return 1; }`,
  "p.ts": `import { makeTask } from "./lib.ts";
const RATE = 1;
export const a = makeTask("a", RATE);
export const b = makeTask("b", 2);
export const all = { c: makeTask("c", 3), d: makeTask("d", 4) };`,
};

function factoryDigests(files: Files) {
  const names = ["a", "b", "c", "d"];
  const tasks = Object.fromEntries(names.map((name) => [name, {
    name,
    frames: [frameAt(files, "lib.ts", "task(name"), frameAt(files, "p.ts", `makeTask("${name}"`)],
    fallback: "",
  }]));
  return digests(files, { tasks });
}

function factoryChanged(path: string, from: string, to: string) {
  const old = factoryDigests(FACTORY);
  const now = factoryDigests({ ...FACTORY, [path]: (FACTORY[path] ?? "").replace(from, to) });
  return Object.keys(old).filter((name) => old[name] !== now[name]);
}

Deno.test("tasks made by a function depend on it and on their own arguments", () => {
  assertEquals(factoryChanged("lib.ts", "rate *", "rate +"), ["a", "b", "c", "d"]);
  assertEquals(factoryChanged("lib.ts", "n + n", "n * n"), ["a", "b", "c", "d"]);
  assertEquals(factoryChanged("lib.ts", "return 1", "return 2"), []);
  assertEquals(factoryChanged("p.ts", "RATE = 1", "RATE = 5"), ["a"]);
  assertEquals(factoryChanged("p.ts", `"b", 2`, `"b", 5`), ["b"]);
  assertEquals(factoryChanged("p.ts", `"c", 3`, `"c", 5`), ["c"]);
});

Deno.test("arguments of a function that does more than make a task count for all", () => {
  const files = (n: number): Files => ({
    "p.ts": `function make(n: number) { const t = task("a", run); return { t, n }; }
const made = make(${n});
task("b", () => made.n);`,
  });
  const digestsOf = (all: Files) =>
    digests(all, {
      tasks: {
        a: {
          name: "a",
          frames: [
            frameAt(all, "p.ts", "task("),
            frameAt(
              all,
              "p.ts",
              "make(",
              'make(n: number) { const t = task("a", run); return { t, n }; }\nconst made = '.length,
            ),
          ],
          fallback: "",
        },
        b: { name: "b", frames: [frameAt(all, "p.ts", `task("b"`)], fallback: "" },
      },
    });
  assertNotEquals(digestsOf(files(1))["b"], digestsOf(files(2))["b"]);
});

Deno.test("a source that cannot be read gives way to the function's own text", () => {
  const task = (fallback: string) => ({
    name: "x",
    frames: [{ module: "https://example.com/p.ts", line: 1, column: 1 }],
    fallback,
  });
  const of = (fallback: string) => new CodeIndex(reader({}), []).digest(task(fallback));
  assertEquals(of("(n) => n + 1"), of("(n) =>\n  n + 1 // plus one"));
  assertNotEquals(of("(n) => n + 1"), of("(n) => n + 2"));
});

Deno.test("a text that is not understood counts as a whole, with all it imports", () => {
  const files = { "p.ts": `import "./x.ts";\ntask("a", () => {);\ntask("b", 1);`, "x.ts": "1;" };
  assertEquals(changed(files, { ...files, "p.ts": files["p.ts"].replace("1)", "2)") }), ["a", "b"]);
  assertEquals(changed(files, { ...files, "x.ts": "2;" }), ["a", "b"]);
});

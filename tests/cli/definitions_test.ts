/** Pipelines that are not right: one clear message with the user's file and line, exit code 2, nothing run. */
import { assertEquals } from "@std/assert";
import { treeOf } from "../support/files.ts";
import { Place } from "./support.ts";

/** The files, and the whole text on standard error. */
const CASES: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, error: string]>> = {
  "a module that throws": [
    {
      "p.ts": `import { task } from "runner";
export const main = task("main", () => 1);
function check(): void {
  throw new RangeError("the configuration is wrong\\nin two lines", { cause: new Error("why") });
}
check();
`,
    },
    `p.ts does not load: RangeError: the configuration is wrong
  in two lines
    at check (<here>/p.ts:4:9)
    at <here>/p.ts:6:1
  caused by Error: why
    at check (<here>/p.ts:4:77)`,
  ],
  "a module that throws no error": [
    { "p.ts": "throw undefined;" },
    "p.ts does not load: it throws undefined, which is no error",
  ],
  "a promise that is left to reject": [
    { "p.ts": 'export const x = 1;\nPromise.reject(new Error("left alone"));\n' },
    "p.ts does not load: Error: left alone\n    at <here>/p.ts:2:16",
  ],
  "a syntax error": [
    { "p.ts": "export const x = 1;\nconst y = ;\n" },
    `p.ts does not load: SyntaxError: Expression expected
  |
2 | const y = ;
  |           ~
    at <here>/p.ts:2:11`,
  ],
  "a syntax error in an imported module": [
    { "p.ts": 'import "./lib.ts";\n', "lib.ts": "const y = ;\n" },
    `p.ts does not load: SyntaxError: Expression expected
  |
1 | const y = ;
  |           ~
    at <here>/lib.ts:1:11`,
  ],
  "a module that is not there": [
    { "p.ts": 'import { task } from "runner";\nimport { x } from "./absent.ts";\ntask("x", () => x);\n' },
    'p.ts does not load: Module not found "<here>/absent.ts".\n    at <here>/p.ts:2:19',
  ],
  "a bare name that means nothing": [
    { "p.ts": 'import { x } from "lodahs";\nexport { x };\n' },
    `p.ts does not load: Import "lodahs" not a dependency and not in import map from "<here>/p.ts"
    if it is an npm package, name it with its version: "npm:lodahs@1.0.0"
    at <here>/p.ts:1:19`,
  ],
  "an export that is not there": [
    { "p.ts": 'import { tsk } from "runner";\nexport const main = tsk("main", () => 1);\n' },
    "p.ts does not load: SyntaxError: The requested module 'runner' does not provide an export named 'tsk'\n    at <here>/p.ts:1:10",
  ],
  "a task that is no task": [
    {
      "p.ts":
        'import { task } from "runner";\nexport const main = task("main", { runn: () => 1 } as never);\n',
    },
    `p.ts does not load: Task "main": it needs a function: task(name, (input, ctx) => …) or task(name, { run: (input, ctx) => …, … })
    at <here>/p.ts:2:21`,
  ],
  "no main": [
    { "p.ts": 'import { task } from "runner";\nexport const one = task("one", () => 1);\n' },
    'There is no export or task "main" to run by default; name a target: one',
  ],
  "no tasks": [
    { "p.ts": "export const x = 1;\n" },
    '<here>/p.ts defines no task: export one with task("main", …), for instance',
  ],
  "a cycle, as its path": [
    {
      "p.ts": `import { task, type Task } from "runner";
const a: Task<undefined, number> = task("a", { deps: () => ({ b: b() }), run: () => 1 });
const b: Task<undefined, number> = task("b", { deps: () => ({ c: c({ n: 1 }) }), run: () => 1 });
const c: Task<{ n: number }, number> = task("c", { deps: () => ({ a: a() }), run: () => 1 });
export const main = task("main", { deps: () => ({ a: a() }), run: () => 1 });
`,
    },
    `These calls wait for each other, so none can ever start:
    a
    → b
    → c({ n: 1 })
    → a`,
  ],
  "two tasks of one name, with both places": [
    {
      "p.ts": `import { task } from "runner";
const a = task("same", ({ n }: { n: number }) => n);
const b = task("same", ({ n }: { n: number }) => -n);
export const main = task("main", { deps: () => ({ a: a({ n: 1 }), b: b({ n: 2 }) }), run: () => 3 });
`,
    },
    `Two tasks are called "same"; rename one of them
    at <here>/p.ts:2:11
    at <here>/p.ts:3:11`,
  ],
  "deps that throw": [
    {
      "p.ts": `import { task } from "runner";
export const main = task("main", { deps: () => { throw new Error("no deps today"); }, run: () => 1 });
`,
    },
    'Task "main": `deps` threw for main: Error: no deps today\n    at <here>/p.ts:2:56',
  ],
};

for (const [name, [files, error]] of Object.entries(CASES)) {
  Deno.test(`definitions: ${name}`, async () => {
    using place = new Place(files);
    const before = Object.keys(treeOf(place.path));
    const { code, stdout, stderr } = await place.runner("run", "p.ts");
    assertEquals([code, stdout, place.plain(stderr)], [2, "", `error: ${error}\n`]);
    assertEquals(Object.keys(treeOf(place.path)), before, "nothing was made");
  });
}

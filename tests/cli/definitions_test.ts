/** Pipelines that are not right: one clear message with the user's file and line, exit code 2, nothing run. */
import { assertEquals, assertStringIncludes } from "@std/assert";
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
    a  at <here>/p.ts:2:36
    → b  at <here>/p.ts:3:36
    → c({ n: 1 })  at <here>/p.ts:4:40
    → a  at <here>/p.ts:2:36`,
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
  "deps that want an input, of a call without one": [
    {
      "p.ts": `import { task } from "runner";
export const b = task("b", { deps: [({ env }: { env: string }) => env], run: () => 1 });
export const main = task("main", { deps: ["b"], run: () => 1 });
`,
    },
    `Task "b": \`deps\` threw for b: TypeError: Cannot destructure property 'env' of 'undefined' as it is undefined.; the call has no input, and \`deps\` takes one: give it that where it is called
    at <here>/p.ts:2:40`,
  ],
  "two tasks of one name, whichever is wanted": [
    {
      "p.ts": `import { task } from "runner";
export const main = task("same", () => 1);
export const b = task("same", () => 2);
`,
    },
    `Two tasks are called "same"; rename one of them
    at <here>/p.ts:2:21
    at <here>/p.ts:3:18`,
  ],
  "a misspelt reverse dependency": [
    {
      "p.ts": `import { task } from "runner";
export const deploy = task("deploy::[env]", { choices: { env: ["dev"] }, run: () => 1 });
export const lint = task("lint", { rdeps: "deploi::*", run: () => 1 });
export const test = task("test", { rdeps: "nope", run: () => 1 });
export const fine = task("fine", { rdeps: ["deploy::*", "dep?oy::dev", "main", "l*"], run: () => 1 });
export const wrong = task("wrong", { rdeps: "deploy::dve", run: () => 1 });
export const main = task("main", () => 1);
`,
    },
    `Task "lint": \`rdeps\` names "deploi::*", and no task is called so; did you mean "deploy::[env]"?
    at <here>/p.ts:3:21
Task "test": \`rdeps\` names "nope", and no task is called so
    there are: deploy::[env], lint, test, fine, wrong, main
    at <here>/p.ts:4:21
Task "wrong": \`rdeps\`: "deploy::dve" is no call of "deploy::[env]": the field "env" is "dve": it takes "dev"
    the task is defined at <here>/p.ts:2:23
    at <here>/p.ts:6:22`,
  ],
  "a star too few": [
    {
      "p.ts": `import { task } from "runner";
export const build = task("build::[env]::[os]", { choices: { env: ["dev"], os: ["mac"] }, run: () => 1 });
export const settings = { separator: "::" };
export const main = task("main", { deps: ["build::*"], run: () => 1 });
`,
    },
    `Task "main": \`deps\` of main: "build::*" matches no task: "build::[env]::[os]" has 2 fields, and a star stands for one of them; write "build::*::*"
    at <here>/p.ts:4:21`,
  ],
  "a name that fits two templates": [
    {
      "p.ts": `import { task } from "runner";
export const a = task("sort::[a]", () => 1);
export const b = task("sort::x[b]", () => 1);
export const main = task("main", { deps: ["sort::xy"], run: () => 1 });
`,
    },
    `Task "main": \`deps\` of main: "sort::xy" fits several templates: "sort::[a]", "sort::x[b]"; rename one of them, or call the one that is meant
    at <here>/p.ts:2:18
    at <here>/p.ts:3:18
    at <here>/p.ts:4:21`,
  ],
  "a template that is almost named": [
    {
      "p.ts": `import { task } from "runner";
export const build = task("build::[env]::[os]", () => 1);
export const main = task("main", { deps: ["biuld::dev::web"], run: () => 1 });
`,
    },
    `Task "main": \`deps\` of main: There is no task "biuld::dev::web"; did you mean "build::dev::web"?
    there are: build::[env]::[os], main
    at <here>/p.ts:3:21`,
  ],
  "names that rules of dispatch do not know": [
    {
      "p.ts": `import { slurm, task } from "runner";
export const settings = { dispatch: { a: slurm({ partion: "x" } as object), b: slurm({ pack: { cuont: 2 } } as object) } };
export const main = task("main", () => 1);
`,
    },
    `the rule of label "a": slurm has no option "partion"; did you mean "partition"?
the rule of label "b": slurm \`pack\` is a number of attempts, or { count, seconds }, not { cuont: 2 }`,
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

Deno.test("a task in the place of a call: in a structure, an input, dependencies, a target's structure, what a task asks for", async () => {
  using place = new Place({
    "p.ts": `import { all, task } from "runner";
const square = task("square", ({ x }: { x: number }) => x * x);
export const plain = { a: { b: square }, c: [square({ x: 1 })] };
export const whole = all({ a: { b: square }, c: [square({ x: 1 })] });
export const deps = task("deps", { deps: () => ({ a: { b: square } }) as never, run: () => 1 });
export const asks = task("asks", (_: undefined, ctx) => ctx.run({ a: { b: square } } as never));
`,
    "q.ts": `import { task } from "runner";
const square = task("square", ({ x }: { x: number }) => x * x);
const sum = task("sum", (input: unknown) => input);
export const main = sum({ a: [square] });
`,
  });
  const problem = 'is the task "square", not a call of it: call it, with its input if it takes one';
  const [plain, whole, deps, asks, input] = await Promise.all([
    ...["plain", "whole", "deps", "asks"].map((target) => place.runner("run", "p.ts", target)),
    place.runner("run", "q.ts"),
  ]);
  assertEquals([plain, whole, deps, asks, input].map((ended) => ended!.code), [2, 2, 2, 1, 2]);
  assertEquals(
    plain!.stderr,
    `error: The export "plain" is neither a task nor a call, so it cannot be run; export all(…) of it, which is one call of all calls in it\n    plain.a.b ${problem}\n`,
  );
  assertEquals(whole!.stderr, `error: target.a.b ${problem}\n`);
  assertStringIncludes(deps!.stderr, `deps.a.b ${problem}\n    at ${place.path}/p.ts:5:21\n`);
  assertStringIncludes(asks!.stderr, `target.a.b ${problem}\n`);
  assertEquals(
    input!.stderr,
    `error: q.ts does not load: CodecError: input.a[0] ${problem}\n    at ${place.path}/q.ts:4:21\n`,
  );
});

/** Programs that must not compile, each with the error that TypeScript must give, and for which line. */

/** A program that must not compile: the line before which `// TS…` stands is the one that is wrong. */
export interface Refused {
  /** What a user tried. */
  readonly name: string;
  /** The program, after the import of everything from `runner`. */
  readonly code: string;
}

/** Definitions that the programs share. */
export const PRELUDE = `
const add = task("add", ({ a, b }: { a: number; b: number }) => a + b);
const names = task("names", (_: { from: string }) => ["a", "b"]);
const stats = task("stats", (_: { of: readonly number[] }) => ({ mean: 1, label: "x", nested: { deep: true } }));
const build = task("build::[env]", { run: ({ env }) => env.length });
const tick = task("tick", () => 1);
`;

/** Programs that must not compile. */
export const REFUSED: readonly Refused[] = [
  {
    name: "an input of the wrong type",
    code: `
// TS2322
add({ a: 1, b: "2" });`,
  },
  {
    name: "an input without a field",
    code: `
// TS2345
add({ a: 1 });`,
  },
  {
    name: "an input with a field too many",
    code: `
// TS2353
add({ a: 1, b: 2, c: 3 });`,
  },
  {
    name: "no input where one is needed",
    code: `
// TS2554
add();`,
  },
  {
    name: "two inputs",
    code: `
// TS2554
add({ a: 1, b: 2 }, { a: 1, b: 2 });`,
  },
  {
    name: "a call of the wrong type in an input",
    code: `
// TS2322
add({ a: 1, b: names({ from: "x" }) });`,
  },
  {
    name: "a call of the wrong type deep in an input",
    code: `
const deep = task("deep", (_: { rows: readonly { cell: { n: number } }[] }) => 1);
// TS2322
deep({ rows: [{ cell: { n: add({ a: 1, b: 2 }) } }, { cell: { n: names({ from: "x" }) } }] });`,
  },
  {
    name: "a future of the wrong type as the whole input",
    code: `
// TS2345
add(value({ a: 1, b: "2" }));`,
  },
  {
    name: "a call where its value is wanted",
    code: `
// TS2322
const three: number = add({ a: 1, b: 2 });
console.log(three);`,
  },
  {
    name: "await on a call, as if that ran it",
    code: `
// TS2322
const three: number = await add({ a: 1, b: 2 });
console.log(three);`,
  },
  {
    name: "then on a call",
    code: `
// TS2339
add({ a: 1, b: 2 }).then(() => {});`,
  },
  {
    name: "arithmetic on a call",
    code: `
// TS2365
add({ a: 1, b: 2 }) + 1;`,
  },
  {
    name: "a property of a call without pick",
    code: `
// TS2339
stats({ of: [1] }).mean;`,
  },
  {
    name: "pick of a property that is not there",
    code: `
// TS2345
stats({ of: [1] }).pick("median");`,
  },
  {
    name: "pick of a pick's property that is not there",
    code: `
// TS2345
stats({ of: [1] }).pick("nested").pick("shallow");`,
  },
  {
    name: "a pick where another type is wanted",
    code: `
// TS2322
add({ a: 1, b: stats({ of: [1] }).pick("label") });`,
  },
  {
    name: "a template without its placeholder",
    code: `
// TS2345
build({});`,
  },
  {
    name: "a template's placeholder misspelt",
    code: `
// TS2353
build({ evn: "dev" });`,
  },
  {
    name: "a template's placeholder of the wrong type",
    code: `
// TS2322
build({ env: 1 });`,
  },
  {
    name: "a template's run that reads what its name does not have",
    code: `
// TS2339
task("deploy::[env]::[region]", { run: ({ env, zone }) => env + zone });`,
  },
  {
    name: "a template's short form that reads what its name does not have",
    code: `
// TS2339
task("deploy::[env]", ({ zone }) => zone);`,
  },
  {
    name: "deps that run does not have",
    code: `
task("late", {
  deps: ({ n }: { n: number }) => ({ left: add({ a: n, b: 1 }) }),
// TS2339
  run: (_, { deps }) => deps.right,
});`,
  },
  {
    name: "a dep used as another type than it has",
    code: `
task("late", {
  deps: ({ n }: { n: number }) => ({ left: add({ a: n, b: 1 }) }),
// TS2339
  run: (_, { deps }) => deps.left.toUpperCase(),
});`,
  },
  {
    name: "deps that call a task with the wrong input",
    code: `
task("late", {
// TS2322
  deps: ({ n }: { n: string }) => ({ left: add({ a: n, b: 1 }) }),
  run: (_, { deps }) => deps.left,
});`,
  },
  {
    name: "deps used as calls inside run",
    code: `
task("late", {
  deps: (_: { n: number }) => ({ left: stats({ of: [] }) }),
// TS2339
  run: (_, { deps }) => deps.left.pick("mean"),
});`,
  },
  {
    name: "an option misspelt",
    code: `
task("slow", {
// TS2769
  timout: "5m",
  run: () => 1,
});`,
  },
  {
    name: "a template's option misspelt",
    code: `
task("slow::[env]", {
// TS2769
  lables: ["cpu"],
  run: () => 1,
});`,
  },
  {
    name: "an isolation there is not",
    code: `
task("slow", {
// TS2769
  isolation: "thread",
  run: () => 1,
});`,
  },
  {
    name: "a permission there is not",
    code: `
task("slow", {
// TS2769
  permissions: { reads: ["data"] },
  run: () => 1,
});`,
  },
  {
    name: "resources that depend on what the input has not",
    code: `
task("slow", {
// TS2339
  resources: ({ input }) => ({ mem: input.bytes }),
  run: ({ size }: { size: number }) => size,
});`,
  },
  {
    name: "options without run",
    code: `
// TS2769
task("slow", { timeout: "5m" });`,
  },
  {
    name: "a task without a name",
    code: `
// TS2554
task(() => 1);`,
  },
  {
    name: "an unlawful duration",
    code: `
task("slow", {
// TS2769
  timeout: "five minutes",
  run: () => 1,
});`,
  },
  {
    name: "a failure policy there is not",
    code: `
// TS2322
run(tick(), { onFailure: "continue" });`,
  },
  {
    name: "an option of run misspelt",
    code: `
// TS2561
run(tick(), { worker: 2 });`,
  },
  {
    name: "a run's value of another type than the task's",
    code: `
const { value: three } = await run(add({ a: 1, b: 2 }));
// TS2322
const text: string = three;
console.log(text);`,
  },
  {
    name: "a run's record without the key that is read",
    code: `
const { value: both } = await run({ one: tick(), two: names({ from: "x" }) });
// TS2339
both.three;`,
  },
  {
    name: "a run's tuple read past its end",
    code: `
const { value: both } = await run([tick(), names({ from: "x" })]);
// TS2493
both[2];`,
  },
  {
    name: "the input of a task that takes none",
    code: `
// TS2345
tick(1);`,
  },
  {
    name: "a task's stated type that its run does not have",
    code: `
// TS2322
const wrong: Task<{ n: number }, string> = task("wrong", ({ n }: { n: number }) => n + 1);
console.log(wrong);`,
  },
  {
    name: "changing what a call holds",
    code: `
// TS2540
tick().key = "0" as never;`,
  },
  {
    name: "a context's field that is not there",
    code: `
task("odd", {
// TS2551
  run: (_: undefined, ctx) => ctx.signals,
});`,
  },
];

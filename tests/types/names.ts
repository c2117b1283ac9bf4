/** Programs with declared fields, dependencies in every form, and file rules: those that compile, and those that do not. */
import type { Accepted } from "./accepted.ts";
import type { Refused } from "./refused.ts";

/** Programs that must compile. */
export const ACCEPTED_NAMES: readonly Accepted[] = [
  {
    name: "the example of the design: a template with everything",
    code: `
const compiled = task("compile::[env]", {
  choices: { env: ["dev", "prod"] },
  deps: ["generate-config", ({ env }) => \`provision::\${env}\`, NO_FAILURES],
  inputs: ({ env }) => [\`src/\${env}/**/*.ts\`],
  outputs: ({ env }) => [\`dist/\${env}/bundle.js\`],
  labels: ["cpu"], locks: ["disk"], wave: 1, timeout: "5m", retry: { limit: 3 },
  run: async ({ env }, ctx) => {
    sure<Same<typeof env, string>>();
    sure<Same<typeof ctx.deps, [unknown, unknown, undefined]>>();
    return await Promise.resolve(env.length);
  },
});
sure<Same<typeof compiled, Task<{ env: string }, number>>>();`,
  },
  {
    name: "a list of dependencies arrives as a list: futures as their values, the rest unknown",
    code: `
const late = task("late::[env]", {
  deps: [add({ a: 1, b: 2 }), "x", "build::*", ({ env }) => build({ env }), NO_FAILURES, () => "named"],
  run: (_, { deps }) => {
    sure<Same<typeof deps, [number, unknown, unknown, number, undefined, unknown]>>();
    return deps[0];
  },
});
sure<Same<typeof late, Task<{ env: string }, number>>>();
const plain = task("plain", { deps: ["x", tick()], run: (_, { deps: [x, one] }) => [x, one] as const });
sure<Same<typeof plain, Task<undefined, readonly [unknown, number]>>>();
const wanted: readonly string[] = ["a", "b"];
task("many", { deps: wanted, run: (_, { deps }) => { sure<Same<typeof deps, unknown[]>>(); } });`,
  },
  {
    name: "a list of functions whose input is annotated",
    code: `
const one = task("one", {
  deps: [({ n }: { n: number }) => add({ a: n, b: 2 })],
  run: ({ n }: { n: number }, { deps }) => {
    sure<Same<typeof deps, [number]>>();
    return deps[0] + n;
  },
});
sure<Same<typeof one, Task<{ n: number }, number>>>();`,
  },
  {
    name: "a function gives a record, a list or one of them",
    code: `
const list = task("list", {
  deps: ({ n }: { n: number }) => [add({ a: n, b: 1 }), add({ a: n, b: 2 })],
  run: (_, { deps }) => { sure<Same<typeof deps, number[]>>(); return deps.length; },
});
const tuple = task("tuple", {
  deps: ({ n }: { n: number }) => ["config", add({ a: n, b: 1 })] as const,
  run: (_, { deps }) => { sure<Same<typeof deps, [unknown, number]>>(); return deps[1]; },
});
const single = task("single", {
  deps: ({ n }: { n: number }) => add({ a: n, b: 1 }),
  run: (_, { deps }) => { sure<Same<typeof deps, number>>(); return deps; },
});
const name = task("name", {
  deps: ({ n }: { n: number }) => \`config::\${n}\`,
  run: (_, { deps }) => { sure<Same<typeof deps, unknown>>(); return deps; },
});
list({ n: 1 }); tuple({ n: 1 }); single({ n: 1 }); name({ n: 1 });`,
  },
  {
    name: "declared fields type a template's input",
    code: `
const one = task("f::[n]::[i]::[big]::[flag]::[s]", {
  fields: { n: "number", i: "integer", big: "bigint", flag: "boolean" },
  choices: { n: [1, 2], flag: ({ n }) => [n === 1] },
  deps: ({ n, i }) => ({ sum: add({ a: n, b: i }) }),
  inputs: ({ n }) => n.toFixed(),
  run: ({ n, i, big, flag, s }, { deps }) => {
    sure<Same<[typeof n, typeof i, typeof big, typeof flag, typeof s], [number, number, bigint, boolean, string]>>();
    return deps.sum;
  },
});
sure<Same<typeof one, Task<{ n: number; i: number; big: bigint; flag: boolean; s: string }, number>>>();
one({ n: add({ a: 1, b: 2 }), i: 1, big: 1n, flag: true, s: "x" });`,
  },
  {
    name: "declared fields type the input of a task whose name is no template",
    code: `
const one = task("one", {
  fields: { n: "number", s: "string" },
  choices: { s: ["a"] },
  run: ({ n, s }) => { sure<Same<[typeof n, typeof s], [number, string]>>(); return n; },
});
one({ n: 1, s: "a" });
const two = task("two", { fields: { n: "integer" }, run: ({ n, when }: { n: number; when: Date }) => [n, when] });
two({ n: 1, when: new Date(0) });`,
  },
  {
    name: "a schema types a call by what it takes, and run by what it gives",
    code: `
const one = task("one::[n]::[s]", {
  fields: { n: z.string().transform((text) => text.length), s: v.pipe(v.string(), v.transform(Number)) },
  deps: ({ n, s }) => [add({ a: n, b: s })],
  outputs: ({ n }) => n.toFixed(),
  run: ({ n, s }, { deps }) => {
    sure<Same<[typeof n, typeof s, typeof deps], [number, number, number[]]>>();
    return n;
  },
});
sure<Same<typeof one, Task<{ n: string; s: string }, number>>>();
const two = task("two", {
  fields: { n: z.number().default(3), m: v.optional(v.string(), "x"), k: ark("string.numeric.parse") },
  run: ({ n, m, k }) => { sure<Same<[typeof n, typeof m, typeof k], [number, string, number]>>(); return n; },
});
two({ k: "1" });
two({ n: 1, m: "y", k: "1" });`,
  },
  {
    name: "a schema of the whole input",
    code: `
const one = task("one", {
  fields: z.object({ n: z.number().default(3), s: z.coerce.number<string>() }),
  run: ({ n, s }) => { sure<Same<[typeof n, typeof s], [number, number]>>(); return n + s; },
});
one({ s: "4" });
const two = task("two::[k]", { fields: ark({ k: "string.numeric.parse" }), run: ({ k }) => k + 1 });
sure<Same<typeof two, Task<{ k: string }, number>>>();
const three = task("three", { fields: v.object({ n: v.number() }), run: ({ n }) => n });
three({ n: 1 });`,
  },
  {
    name: "rules for files, reverse dependencies and everything else",
    code: `
task("site::[page]", {
  inputs: ["src/**", "!src/x", optional("y"), regexFiles("lib", /x/), ({ page }) => page, ({ page }) => [page, optional(page)]],
  outputs: [output("a", { maxAge: "1d" }), ({ page }) => page],
  inputsIgnore: "**/*.log",
  trigger: "mtime",
  trackImports: true,
  rdeps: ["publish", whenScheduled("deploy::[page]"), tick()],
  locks: "disk",
  priority: 2,
  noSkip: true,
  logIgnore: [/warning/],
  choices: () => ({ page: ["a"] }),
  run: ({ page }) => page,
});`,
  },
];

/** Programs that must not compile. */
export const REFUSED_NAMES: readonly Refused[] = [
  {
    name: "a declared field of the wrong type",
    code: `
const one = task("f::[n]", { fields: { n: "number" }, run: ({ n }) => n });
// TS2322
one({ n: "1" });`,
  },
  {
    name: "a declared field that is missing",
    code: `
const one = task("one", { fields: { n: "number", s: "string" }, run: ({ n }) => n });
// TS2345
one({ n: 1 });`,
  },
  {
    name: "what a schema does not take",
    code: `
const one = task("f::[n]", { fields: { n: z.string().transform(Number) }, run: ({ n }) => n });
// TS2322
one({ n: 1 });`,
  },
  {
    name: "what a schema of the whole does not take",
    code: `
const one = task("one", { fields: z.object({ n: z.number() }), run: ({ n }) => n });
// TS2322
one({ n: "1" });`,
  },
  {
    name: "what a schema gives, used as what it takes",
    code: `
task("f::[n]", {
  fields: { n: z.string().transform(Number) },
// TS2339
  run: ({ n }) => n.toUpperCase(),
});`,
  },
  {
    name: "a field type that there is not",
    code: `
// TS2769
task("one", { fields: { n: "float" }, run: () => 1 });`,
  },
  {
    name: "choices of a placeholder that there is not",
    code: `
task("f::[env]", {
// TS2769
  choices: { evn: ["dev"] },
  run: () => 1,
});`,
  },
  {
    name: "choices of the wrong type",
    code: `
task("f::[n]", {
  fields: { n: "number" },
// TS2769
  choices: { n: ["1"] },
  run: () => 1,
});`,
  },
  {
    name: "a listed dependency used as another type than it has",
    code: `
task("late", {
  deps: ["x", add({ a: 1, b: 2 })],
// TS2339
  run: (_, { deps }) => deps[1].toUpperCase(),
});`,
  },
  {
    name: "a listed name used as if its type were known",
    code: `
task("late", {
  deps: ["x", add({ a: 1, b: 2 })],
// TS2571
  run: (_, { deps }) => deps[0].length,
});`,
  },
  {
    name: "a list of dependencies read past its end",
    code: `
task("late", {
  deps: ["x", add({ a: 1, b: 2 })],
// TS2493
  run: (_, { deps }) => deps[2],
});`,
  },
  {
    name: "a listed dependency that is none",
    code: `
task("late", {
// TS2769
  deps: ["x", 5],
  run: () => 1,
});`,
  },
  {
    name: "a trigger that there is not",
    code: `
task("late", {
  inputs: "src",
// TS2769
  trigger: "stat",
  run: () => 1,
});`,
  },
  {
    name: "a rule's function that reads what the name does not have",
    code: `
task("late::[env]", {
// TS2339
  inputs: ({ evn }) => evn,
  run: () => 1,
});`,
  },
];

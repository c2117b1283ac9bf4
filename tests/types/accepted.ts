/** Programs that must compile: what users write, and the types that must come out of it. */

/** A program that must compile. */
export interface Accepted {
  /** What it shows. */
  readonly name: string;
  /** The program, after the import of everything from `runner`, the prelude and `Same`. */
  readonly code: string;
}

/** `Same<A, B>` is `true` for the same type alone, not for one that fits; `sure` takes nothing else. */
export const HELPERS = `
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
function sure<_ extends true>(): void {}
type ValueOf<F> = F extends Future<infer V> ? V : never;
`;

/** Programs that must compile. */
export const ACCEPTED: readonly Accepted[] = [
  {
    name: "the short form infers input and output",
    code: `sure<Same<typeof add, Task<{ a: number; b: number }, number>>>();`,
  },
  {
    name: "the options form infers input and output",
    code: `
const one = task("one", { timeout: "5m", run: ({ n }: { n: number }) => String(n) });
sure<Same<typeof one, Task<{ n: number }, string>>>();`,
  },
  {
    name: "a promise's value is the output",
    code: `
const one = task("one", async ({ n }: { n: number }) => await Promise.resolve([n]));
sure<Same<typeof one, Task<{ n: number }, number[]>>>();
const two = task("two", { run: async ({ n }: { n: number }) => await Promise.resolve([n]) });
sure<Same<typeof two, Task<{ n: number }, number[]>>>();`,
  },
  {
    name: "futures stand anywhere in an input",
    code: `
interface Deep {
  readonly rows: readonly { readonly cell: { readonly n: number } }[];
  readonly byName: ReadonlyMap<string, number>;
  readonly names: ReadonlySet<string>;
  readonly pair: readonly [number, string];
  readonly when?: Date;
}
const deep = task("deep", (input: Deep) => input.rows.length);
const n = add({ a: 1, b: 2 });
deep({
  rows: [{ cell: { n } }, { cell: value({ n: 1 }) }, value({ cell: { n: 2 } })],
  byName: new Map([["a", n]]),
  names: new Set([stats({ of: [] }).pick("label")]),
  pair: [n, "x"],
  when: new Date(0),
});
deep(value({ rows: [], byName: new Map(), names: new Set<string>(), pair: [1, "x"] }));`,
  },
  {
    name: "a list made by map stands in an input",
    code: `
const sum = task("sum", ({ of }: { of: number[] }) => of.reduce((a, b) => a + b, 0));
sum({ of: [1, 2, 3].map((n) => add({ a: n, b: 1 })) });
sum({ of: all([1, 2, 3].map((n) => add({ a: n, b: 1 }))) });`,
  },
  {
    name: "deps arrive computed, in the type of their values",
    code: `
const late = task("late", {
  deps: ({ n }: { n: number }) => ({ left: add({ a: n, b: 1 }), list: [names({ from: "x" })], plain: 5 }),
  run: ({ n }, { deps }) => {
    sure<Same<typeof n, number>>();
    sure<Same<typeof deps.left, number>>();
    sure<Same<typeof deps.list, string[][]>>();
    sure<Same<typeof deps.plain, number>>();
    return deps.left + n;
  },
});
sure<Same<typeof late, Task<{ n: number }, number>>>();`,
  },
  {
    name: "deps of two shapes, by value()",
    code: `
const choose: Task<{ n: number; k: number }, number> = task("choose", {
  deps: ({ n, k }: { n: number; k: number }) =>
    0 < k && k < n
      ? { left: choose({ n: n - 1, k: k - 1 }), right: choose({ n: n - 1, k }) }
      : { left: value(0), right: value(1) },
  run: (_input, { deps }) => deps.left + deps.right,
});
choose({ n: 6, k: 3 });`,
  },
  {
    name: "a template's name is its input",
    code: `
sure<Same<typeof build, Task<{ env: string }, number>>>();
const two = task("ship::[env]::[region]", ({ env, region }) => [env, region] as const);
two({ env: "dev", region: names({ from: "x" }).pick(0) });`,
  },
  {
    name: "a template's deps are typed from its name",
    code: `
const late = task("late::[env]", {
  deps: ({ env }) => ({ size: build({ env }) }),
  run: ({ env }, { deps }) => env.repeat(deps.size),
});
sure<Same<typeof late, Task<{ env: string }, string>>>();`,
  },
  {
    name: "a returned call is followed",
    code: `
const one = task("one", ({ n }: { n: number }) => add({ a: n, b: 1 }));
sure<Same<typeof one, Task<{ n: number }, number>>>();
const two = task("two", async ({ n }: { n: number }) => await Promise.resolve(add({ a: n, b: 1 }).pick("toFixed")));
two({ n: 1 });
const three = task("three", ({ n }: { n: number }) => n > 0 ? add({ a: n, b: 1 }) : "none");
sure<Same<typeof three, Task<{ n: number }, number | "none">>>();`,
  },
  {
    name: "an aggregate of returned calls is followed",
    code: `
const one = task("one", ({ n }: { n: number }) => all({ a: add({ a: n, b: 1 }), b: [names({ from: "x" })] as const }));
const made: Future<{ a: number; b: [string[]] }> = one({ n: 1 });
made.pick("b").pick(0);`,
  },
  {
    name: "a task of no input is called without one",
    code: `
sure<Same<ValueOf<ReturnType<typeof tick>>, number>>();
tick();
tick(undefined);
const maybe = task("maybe", (input?: { n: number }) => input?.n ?? 0);
maybe();
maybe({ n: 1 });
maybe({ n: add({ a: 1, b: 2 }) });
const options = task("options", { run: () => "x" });
options();
const withContext = task("context", (_: void, ctx) => ctx.attempt);
withContext();`,
  },
  {
    name: "a pick has the type of its property",
    code: `
const part = stats({ of: [1] }).pick("nested").pick("deep");
sure<Same<typeof part, Future<boolean>>>();
const first = names({ from: "x" }).pick(0);
sure<Same<ValueOf<typeof first>, string>>();`,
  },
  {
    name: "run gives the shape it was asked for",
    code: `
const { value: one, stats: counts, run: id } = await run(add({ a: 1, b: 2 }), { cache: "none", workers: 2 });
sure<Same<typeof one, number>>();
sure<Same<typeof counts, RunStats>>();
sure<Same<typeof id, string>>();
const { value: [number, list] } = await run([tick(), names({ from: "x" })]);
sure<Same<typeof number, number>>();
sure<Same<typeof list, string[]>>();
const { value: record } = await run({ one: tick(), many: [names({ from: "x" })] });
const text: string | undefined = record.many[0][0];
console.log(text, record.one.toFixed());
const calls = [1, 2].map((n) => add({ a: n, b: n }));
const { value: numbers } = await run(calls);
const sum: number = numbers.reduce((a, b) => a + b, 0);
console.log(sum);`,
  },
  {
    name: "the context is typed",
    code: `
task("context", (_: { n: number }, ctx) => {
  const given: Context = ctx;
  const signal: AbortSignal = ctx.signal;
  sure<Same<typeof ctx.directory, string>>();
  ctx.log("x", 1, given, signal);
  return ctx.attempt;
});`,
  },
  {
    name: "every option",
    code: `
const options: TaskOptions<{ n: number }, Record<never, never>, number> = {
  description: "All of them.",
  run: ({ n }) => n,
  version: 3,
  env: ["HOME"],
  labels: "cpu",
  timeout: 500,
  retry: { limit: 3 },
  isolation: "process",
  compression: 1,
  cache: false,
};
sure<Same<ReturnType<typeof one>, Call<number>>>();
const one = task("one", options);
task("three", {
  resources: ({ input, attempt, previous }) => ({ cpu: input.n, mem: \`\${attempt * 2}g\`, time: previous ? "2h" : "1h" }),
  retry: { limit: 2, on: ["oom", "timeout", "exit:75", "TypeError"] },
  permissions: { read: ["data"], net: true, run: false },
  run: ({ n }: { n: number }) => n,
});
task("four", { hermetic: true, inputs: "a", outputs: "b", run: () => {} });
task("two", { ...options, labels: ["cpu", "gpu"], timeout: "1h", retry: 2, isolation: "inline" });`,
  },
  {
    name: "a call is a future of its value and of what is wider",
    code: `
const future: Future<number> = add({ a: 1, b: 2 });
const wider: Future<number | string> = future;
const call: Call<number> = add({ a: 1, b: 2 });
console.log(wider, call);`,
  },
  {
    name: "a generic function makes tasks and calls",
    code: `
function twice<T>(call: Future<T>): Future<{ readonly first: T; readonly second: T }> {
  return all({ first: call, second: call }) as Future<{ readonly first: T; readonly second: T }>;
}
const pair = twice(add({ a: 1, b: 2 }));
sure<Same<ValueOf<typeof pair>["first"], number>>();`,
  },
  {
    name: "inputs of unions, literals and recursive types",
    code: `
interface Leafy { readonly value: number; readonly children: readonly Leafy[] }
const walk = task("walk", (tree: Leafy) => tree.children.length);
walk({ value: add({ a: 1, b: 2 }), children: [{ value: 1, children: [] }] });
const mode = task("mode", ({ mode }: { mode: "fast" | "slow"; flag?: boolean }) => mode);
mode({ mode: "fast" });
mode({ mode: value("slow" as const), flag: true });
const any = task("any", (input: unknown) => input);
any({ deep: [add({ a: 1, b: 2 })] });
const bytes = task("bytes", ({ data }: { data: Uint8Array }) => data.byteLength);
bytes({ data: new Uint8Array(3) });`,
  },
  {
    name: "a failure's data is typed",
    code: `
try {
  await run(tick());
} catch (error) {
  if (error instanceof RunFailed) {
    const failures: readonly NodeFailure[] = error.failures;
    const [reason]: (FailureReason | undefined)[] = failures.map((failure) => failure.reason);
    console.log(reason);
  }
}`,
  },
];

import { assertEquals } from "@std/assert";
import { CodeIndex } from "../../../src/plan/code/code_index.ts";
import { reader, tasksOf } from "./support.ts";

function fields(source: string): string | undefined {
  const files = { "p.ts": source };
  const task = tasksOf(files)["t"];
  if (task === undefined) throw new Error("no task");
  const found = new CodeIndex(reader(files), [task]).fields(task);
  return found?.map(({ name, type, optional }) => `${name}${optional ? "?" : ""}: ${type}`).join("; ");
}

const CASES: readonly [string, string | undefined][] = [
  [`task("t", ({ a, b }: { a: number; b?: string }) => a)`, "a: number; b?: string"],
  [
    `task("t", async (x: {\n  a: number // one\n  b: "dev" | "prod",\n  readonly c: string[]\n}) => 1)`,
    `a: number; b: "dev" | "prod"; c: string[]`,
  ],
  [`task("t", { run: ({ a }: { a: boolean }) => a })`, "a: boolean"],
  [`task("t", (_: undefined, ctx) => ctx.name)`, ""],
  [
    `task("t", { labels: ["x"], async run({ a = 1 }: { a?: number } = {}, ctx) { return a; } })`,
    "a?: number",
  ],
  [`task("t", { deps: ({ n }: { n: number }) => [], run: (_input, { deps }) => deps })`, "n: number"],
  [
    `const x: Task<{ n: number; k: Map<string, number> }, number> = task("t", { run: (i) => i.n })`,
    "n: number; k: Map<string, number>",
  ],
  [`task<{ a: number }, string>("t", (i) => "")`, "a: number"],
  [
    `type In = { a: Env; "b-c": number };\ntype Env = "dev" | "prod";\ntask("t", (i: In) => 1)`,
    `a: "dev" | "prod"; b-c: number`,
  ],
  [`interface In { a: number }\ntask("t", (i: Readonly<In>) => 1)`, "a: number"],
  [`function impl({ a }: { a: number }) {}\ntask("t", impl)`, "a: number"],
  [`const impl = async ({ a }: { a: number }) => {};\ntask("t", { run: impl })`, "a: number"],
  [`task("t", () => 1)`, undefined],
  [`task("t", (n: number) => 1)`, undefined],
  [`import type { In } from "./x.ts";\ntask("t", (i: In) => 1)`, undefined],
  [`task("t", (i: { [key: string]: number }) => 1)`, undefined],
  [`task("t", (i: {}) => 1)`, ""],
];
for (const [source, expected] of CASES) {
  Deno.test(`reads the fields of an input: ${source}`, () => assertEquals(fields(source), expected));
}

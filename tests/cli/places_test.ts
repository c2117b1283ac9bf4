/** Where tasks run and how many at once: limits, shared limits, pools, resources, overrides, growth, `plan`. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { appeared } from "../support/files.ts";
import { Place } from "./support.ts";

const PIPELINE = `import { all, task } from "runner";
import fs from "node:fs";
const turn = () => new Promise((done) => setImmediate(done));
/** Notes how many run at once. */
async function together(kind: string, n: number): Promise<number> {
  fs.mkdirSync("now-" + kind, { recursive: true });
  fs.writeFileSync("now-" + kind + "/" + n, "");
  let most = 0;
  for (let round = 0; round < 20; round++) {
    most = Math.max(most, fs.readdirSync("now-" + kind).length);
    await turn();
  }
  fs.rmSync("now-" + kind + "/" + n);
  return most;
}
export const limited = task("limited", { labels: ["gpu", "any"], cache: false, run: ({ n }: { n: number }) => together("gpu", n) });
export const large = task("large", {
  cache: false,
  resources: ({ input }) => ({ cpu: input.cpu, licence: 1 }),
  run: ({ n }: { n: number; cpu: number }) => together("cpu", n),
});
/** Waits for all others of its kind. */
export const meets = task("meets", {
  labels: "io",
  cache: false,
  run: async ({ n, of }: { n: number; of: number }) => {
    fs.mkdirSync("met", { recursive: true });
    fs.writeFileSync("met/" + n, "");
    while (fs.readdirSync("met").length < of) await turn();
    return true;
  },
});
const list = (count: number, make: (n: number) => unknown) => all(Array.from({ length: count }, (_, n) => make(n)) as never[]);
export const gpus = list(12, (n) => limited({ n }));
export const cpus = list(6, (n) => large({ n, cpu: 2 }));
export const many = list(9, (n) => meets({ n, of: 9 }));
export const holds = task("holds", {
  labels: "licence",
  cache: false,
  run: async ({ name }: { name: string }) => {
    fs.writeFileSync("begun-" + name, "");
    while (!fs.existsSync("go")) await turn();
    return name;
  },
});
export const grows = task("grows", {
  cache: false,
  isolation: "process",
  resources: { mem: "64m", tokens: 3 },
  retry: { limit: 3, on: ["exit:7"], grow: { tokens: 2, mem: 2 }, max: { tokens: 10 } },
  run: () => { fs.appendFileSync("tries", "x"); process.exit(7); },
});
import process from "node:process";
export const asks = task("asks", {
  cache: false,
  retry: { limit: 2 },
  resources: ({ attempt, previous }) => {
    fs.appendFileSync("asked", attempt + " " + (previous?.reason ?? "-") + " " + (previous?.resources.cpu ?? "-") + "\\n");
    return { cpu: attempt === 1 ? 1 : 2 };
  },
  run: () => { throw new Error("again"); },
});
`;

const most = (stdout: string) => Math.max(...stdout.match(/\d+/g)!.map(Number));

Deno.test("a limit holds for each label that has one", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const run = async (...words: string[]) => {
    const { code, stdout, stderr } = await place.runner("run", "p.ts", "gpus", "--workers", "4", ...words);
    assertEquals(code, 0, stderr);
    return most(stdout);
  };
  assertEquals(await run("--limit", "gpu=1"), 1);
  assert(await run("--limit", "gpu=2") <= 2);
  assertEquals(await run("--limit", "gpu=3", "--limit", "limited=1"), 1, "the task's own name is a label");
  assertEquals(await run("--limit", "gpu=3,any=1"), 1);
});

Deno.test("amounts: as many as there is room for; more than there is, or of what nobody counts, is refused", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const run = (...words: string[]) => place.runner("run", "p.ts", "cpus", "--workers", "4", ...words);
  const fine = await run("--capacity", "cpu=3,licence=9");
  assertEquals([fine.code, most(fine.stdout)], [0, 1], fine.stderr);
  assert(most((await run("--capacity", "cpu=64,licence=2")).stdout) <= 2);
  const large = await run("--capacity", "cpu=1,licence=9");
  assertEquals(large.code, 2);
  assertStringIncludes(large.stderr, "large({ cpu: 2, n: 0 }) asks for cpu: 2, and there is 1 of it");
  const unknown = await run();
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.stderr, 'asks for "licence", and nobody says how much of it there is');
});

Deno.test("a pool of its own runs beside the others, as many at once as it says", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const { code, stderr } = await place.runner("run", "p.ts", "many", "--workers", "1", "--pool", "io=9");
  assertEquals(code, 0, stderr);
});

Deno.test("a shared limit holds over runs; what a killed one held is free at once; ps shows who holds it", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const start = (name: string) =>
    place.start(["run", "p.ts", "holds", "--name", name, "--shared-limit", "licence=1", "--json"]);
  const first = start("first");
  await appeared(`${place.path}/begun-first`);
  const second = start("second");
  await second.line((line) => line.includes('"to":"ready"'));
  const { stdout } = await place.runner("ps");
  assertStringIncludes(stdout, "limit licence, slot 0  held");
  assertStringIncludes(stdout, 'holds({ name: "first" })');
  assert(!fs.existsSync(`${place.path}/begun-second`));
  first.kill("SIGKILL");
  await first.ended;
  await appeared(`${place.path}/begun-second`);
  place.write("go", "");
  assertEquals((await second.ended).code, 0);
});

Deno.test("what was short grows with each try, up to what is said and what there is", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const { code, stderr } = await place.runner("run", "p.ts", "grows", "--capacity", "tokens=8");
  assertEquals([code, place.read("tries")], [1, "xxxx"], stderr);
  const json = await place.runner("plan", "p.ts", "grows", "--capacity", "tokens=8", "--json");
  const [plan] = JSON.parse(json.stdout) as [{ resources: Record<string, string>; retries: number }];
  assertEquals([plan.resources, plan.retries], [{ mem: "64 MiB", tokens: "3" }, 3]);
});

Deno.test("resources may depend on the attempt, and on how the one before failed", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  assertEquals((await place.runner("run", "p.ts", "asks", "--capacity", "cpu=4")).code, 1);
  assertEquals(place.read("asked"), "1 - -\n2 error 1\n3 error 2\n");
});

Deno.test("overrides say more of single calls: by name, tag and subtree, later ones over earlier ones", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const plan = async (...words: string[]) => {
    const { code, stdout, stderr } = await place.runner(
      "plan",
      "p.ts",
      "cpus",
      "--json",
      "--capacity",
      "licence=9",
      ...words,
    );
    assertEquals(code, 0, stderr);
    return JSON.parse(stdout) as {
      calls: number;
      resources: Record<string, string>;
      timeout?: string;
      labels: string[];
    }[];
  };
  const more = await plan(
    ...["--override", 'large={"timeout":"5m","labels":["x"]}'],
    ...["--override", 'large({ cpu: 2, n: 3 })={"resources":{"cpu":1},"timeout":"1h"}'],
  );
  assertEquals(
    more.map(({ calls, resources, timeout, labels }) => [calls, resources["cpu"], timeout, labels]),
    [
      [5, "2", "5 min 0 s", ["large", "x"]],
      [1, "1", "1 h 0 min", ["large", "x"]],
    ],
  );
  const wrong = await place.runner("plan", "p.ts", "cpus", "--override", 'lrage={"timeout":"5m"}');
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, 'did you mean "large"?');
  const worse = await place.runner("plan", "p.ts", "cpus", "--override", 'large={"timeuot":"5m"}');
  assertStringIncludes(
    worse.stderr,
    'the override of "large": cannot say "timeuot"; did you mean "timeout"?',
  );
});

Deno.test("plan says which numbers hold: the least of limits, shared limits and pools, and what all have together", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const plan = async (...words: string[]) => {
    const { code, stdout, stderr } = await place.runner("plan", "p.ts", "many", ...words);
    assertEquals(code, 0, stderr);
    return /at most at once {2}(.*)/.exec(stdout)?.[1];
  };
  assertEquals(await plan("--limit", "io=5", "--shared-limit", "io=3"), "io: 3");
  assertEquals(await plan("--limit", "io=2", "--shared-limit", "io=3"), "io: 2");
  assertEquals(await plan("--pool", "io=3", "--workers", "1"), "io: 3");
  assertEquals(await plan("--pool", "io=3", "--limit", "io=2"), "io: 2");
  assertEquals(await plan("--limit", "io=3", "--workers", "1"), "io: 3, all here: 1");
  assertEquals(await plan("--prefix", "io=env", "--workers", "2"), "io: 2");
  assertEquals(await plan(), undefined);
});

Deno.test("options that make no sense are told, all at once", async () => {
  using place = new Place({
    "p.ts": `import { run, task } from "runner";
const one = task("one", () => 1);
if (import.meta.main) {
  await run(one(), { limits: { gpu: 0 }, prefixes: { gpu: "a 'b" }, capacity: { mem: "lots" }, dispatch: { x: {} } } as never).catch(
    (error) => console.log(error.name + "\\n" + error.message),
  );
}
`,
  });
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", new URL("../../deno.json", import.meta.url).pathname, "p.ts"],
    cwd: place.path,
  }).output();
  const text = new TextDecoder().decode(stdout);
  for (
    const says of [
      "DefinitionError",
      "`limits` is",
      'the prefix of label "gpu": a quote is not closed',
      "`capacity.mem` is",
      "`dispatch` is",
    ]
  ) {
    assertStringIncludes(text, says);
  }
});

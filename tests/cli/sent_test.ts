/** Tasks that are sent elsewhere: the variables that they declare, and what is told when they fail there. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
export const settings = { prefixes: { bare: "env -u SAID", same: "env", other: "env SAID=other" } };
const say = () => String(process.env.SAID);
export const bare = task("bare", { env: ["SAID"], run: say });
export const same = task("same", { env: ["SAID", "NEVER_SET"], run: say });
export const other = task("other", { env: ["SAID"], run: say });
export const careless = task("careless", { labels: "bare", run: say });
`;

Deno.test("declared variables that are otherwise where a task is sent: it does not begin", async () => {
  using here = new Place({ "p.ts": PIPELINE });
  const run = (target: string, said: string) =>
    here.start(["run", "p.ts", target, "--quiet"], { env: { SAID: said } }).ended;
  for (const target of ["bare", "other"]) {
    const { code, stdout, stderr } = await run(target, "this");
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(
      stderr,
      `the environment variable SAID, which ${target} declares in \`env\`, is not on host`,
    );
  }
  assertEquals((await run("same", "this")).stdout, "this\n");
  assertEquals((await run("same", "that")).stdout, "that\n");
  assertEquals((await run("other", "other")).stdout, "other\n");
  // Who declares nothing finds what there is.
  assertEquals((await run("careless", "this")).stdout, "undefined\n");
});

Deno.test("a task that fails elsewhere says where that was, and how to see it there by hand", async () => {
  using here = new Place({
    "p.ts": `import { task } from "runner";
export const settings = { prefixes: { far: "env WHERE=there" } };
export const far = task("far", () => { throw new Error("no good " + process.env.WHERE); });
`,
  });
  const { code, stderr } = await here.start(["run", "p.ts", "far", "--quiet"]).ended;
  assertEquals(code, 1);
  const command = /^ {2}sent: by prefix, on host \S+; by hand: (cd .* --again)$/m.exec(stderr)?.[1];
  const again = await new Deno.Command("sh", { args: ["-c", command ?? "echo none"] }).output();
  assertEquals([again.code, command?.includes("env WHERE=there")], [1, true], stderr);
  assertStringIncludes(new TextDecoder().decode(again.stderr), "no good there");
});

Deno.test("so does one that ends its process there, alone and in a pack", async () => {
  using here = new Place({
    "p.ts": `import { prefix, task } from "runner";
export const settings = { dispatch: { far: prefix("env"), packed: prefix("env", { pack: 2 }) } };
export const far = task("far", () => process.exit(4));
export const packed = task("packed::[n]", { fields: { n: "integer" }, run: ({ n }) => n === 1 ? n : process.exit(4) });
`,
  });
  for (const targets of [["far"], ["packed::1", "packed::2"]]) {
    const { code, stderr } = await here.runner("run", "p.ts", ...targets, "--quiet");
    assertEquals(code, 1);
    assertStringIncludes(stderr, "the task ended its process with exit code 4");
    assertMatch(stderr, /^ {2}sent: by prefix, on host \S+; by hand: cd .* && env .* --again$/m);
  }
});

for (
  const [name, run, problem] of [
    [
      "throws",
      'async () => { await new Promise((done) => setTimeout(done, 20)); throw new Error("no good"); }',
      "no good",
    ],
    ["exits", "() => process.exit(0)", "the task ended its process with exit code 0"],
  ] as const
) {
  Deno.test(`a job tried by hand whose task ${name} says so once, with how many have succeeded, and ends with 1`, async () => {
    using here = new Place({
      "p.ts": `import { prefix, task } from "runner";
export const settings = { dispatch: { far: prefix("env") } };
export const far = task("far", ${run});
`,
    });
    await here.runner("run", "p.ts", "far", "--quiet");
    const jobs = `${here.path}/.runner/cache/~jobs`;
    const spec = `${jobs}/${fs.readdirSync(jobs)[0]}/0/job`;
    const { code, stderr } = await here.runner("exec", spec, "--again");
    const lines = stderr.split("\n").filter((line) => line.startsWith("runner: "));
    assertEquals([code, lines.length], [1, 2], stderr);
    assertStringIncludes(lines[0]!, problem);
    assertEquals(lines[1], "runner: 0 of 1 succeeded; nothing was stored, nobody was told");
  });
}

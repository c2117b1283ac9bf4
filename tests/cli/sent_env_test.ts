/** A task that is sent elsewhere finds the variables that it declares, or does not begin: its results are filed under them. */
import { assertEquals, assertStringIncludes } from "@std/assert";
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

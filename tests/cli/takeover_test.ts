/** Jobs of a run that was killed are taken over; what they rest on is looked at like what any stored result rests on. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { appeared, until } from "../support/files.ts";
import { Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
const gate = async () => {
  writeFileSync("begun", "");
  while (!existsSync("go")) await new Promise((passed) => setTimeout(passed, 20));
};
export const plain = task("plain", { labels: "far", run: async () => { await gate(); return "done"; } });
export const asks = task("asks", { labels: "far", run: async (_, ctx) => {
  const { p } = ctx.params;
  await gate();
  return p;
} });
export const child = task("child", { inputs: "in.txt", run: () => readFileSync("in.txt", "utf8").trim() });
export const calls = task("calls", { labels: "far", run: async (_, ctx) => {
  const text = await ctx.run(child());
  await gate();
  return text;
} });
`;

for (
  const [target, first, second, value, ran] of [
    ["plain", "1", "1", "done", 1],
    ["asks", "1", "2", "2", 1],
    ["calls", "1", "1", "two", 2],
  ] as const
) {
  Deno.test(`a job that is taken over does not bring what is not so any more: ${target}`, async () => {
    using here = new Place({ "p.ts": PIPELINE, "in.txt": "one\n" });
    const args = (p: string) => ["run", "p.ts", target, "--prefix", "far=env", "--param", `p=${p}`];
    const program = here.start(args(first));
    await appeared(`${here.path}/begun`);
    program.kill("SIGKILL");
    await program.ended;
    here.write("in.txt", "two\n");
    const again = here.start(args(second));
    // The job is told that it belongs to another run from now on.
    const letters = () =>
      fs.readdirSync(`${here.path}/.runner/cache/~jobs`, { recursive: true, encoding: "utf8" });
    await until("the job is taken over", () => letters().some((path) => /\/in(box)?\/./.test(path)));
    here.write("go", "");
    const { code, stdout, stderr } = await again.ended;
    assertEquals([code, stdout], [0, `${value}\n`], stderr);
    assertEquals(stderr.includes(`ran ${ran} `), true, stderr);
  });
}

/** Jobs of a run that was killed are taken over; what they rest on is looked at like what any stored result rests on. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { noSlurm, slurm } from "../services/slurm.ts";
import { appeared, filesEnding, until } from "../support/files.ts";
import { type JsonLine, Place, runs, valueOf } from "./support.ts";

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
/** Asks for a call when it may go on, so that another run answers it than the one that it was sent out by. */
export const both = task("both", { labels: "far", run: async (_, ctx) => {
  const { p } = ctx.params;
  await gate();
  return p + (p === 1 ? await ctx.run(child()) : ctx.params.other);
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

for (const target of ["plain", "asks", "calls"]) {
  Deno.test(`a job that is taken over has run, for the run that took it over and its history: ${target}`, async () => {
    using here = new Place({ "p.ts": PIPELINE, "in.txt": "one\n" });
    const args = ["run", "p.ts", target, "--prefix", "far=env", "--param", "p=1"];
    const program = here.start(args);
    await appeared(`${here.path}/begun`);
    program.kill("SIGKILL");
    await program.ended;
    const letters = () =>
      fs.readdirSync(`${here.path}/.runner/cache/~jobs`, { recursive: true, encoding: "utf8" });
    // The run that was killed may have written some.
    const before = letters().length;
    const again = here.start(args);
    await until("the job is taken over", () => letters().length > before);
    here.write("go", "");
    const { code, stderr } = await again.ended;
    assertEquals(code, 0, stderr);
    assertEquals(new RegExp(`^ran ${target} .*m?s`, "m").test(stderr), true, stderr);
    assertEquals(stderr.includes("ran 1 "), true, stderr);
    const { stdout } = await here.runner("history", target);
    assertEquals(/succeeded|ok/.test(stdout), true, stdout);
    assertEquals((await here.runner(...args)).stderr.includes("ran 0 "), true);
  });
}

/** Jobs of a run with one parameter, taken over by a run with another: on a queue they go on, done or not. */
for (
  const [where, when, target, values] of [
    ["prefix", "before", "asks", [1, 2]],
    ["slurm", "before", "asks", [1, 2]],
    ["slurm", "after", "asks", [1, 2]],
    ["slurm", "after", "both", ["1one", "2x"]],
  ] as const
) {
  const without = where === "slurm" ? noSlurm : "";
  Deno.test({
    name:
      `${where}: what a job has made that was done ${when} it was taken over is found again with the parameters it had: ${target}${without}`,
    ignore: without !== "",
    fn: async () => {
      using here = new Place({ "p.ts": PIPELINE, "in.txt": "one\n" });
      const queue = `slurm({ poll: { from: "200ms", to: "1s" }, gather: "100ms" })`;
      if (where === "slurm") {
        const settings = `export const settings = { dispatch: { far: ${queue} } };`;
        here.write("p.ts", PIPELINE.replace("{ task }", "{ slurm, task }") + settings);
      }
      const env = where === "slurm" ? slurm() : {};
      const more = where === "slurm" ? [] : ["--prefix", "far=env"];
      const start = (p: number) => {
        const params = ["--param", `p=${p}`, "--param", "other=x"];
        return here.start(["run", "p.ts", target, ...params, "--json", ...more], { env });
      };
      const first = start(1);
      await appeared(`${here.path}/begun`);
      first.kill("SIGKILL");
      await first.ended;
      const cache = `${here.path}/.runner/cache`;
      if (when === "before") {
        here.write("go", "");
        await until("the job is done", () => filesEnding(cache, ".result.gz").length >= 2);
      }
      const second = start(2);
      if (when === "after") {
        const files = () => fs.readdirSync(`${cache}/~jobs`, { recursive: true, encoding: "utf8" });
        await until("the job is taken over", () => files().some((path) => path.includes("/inbox/")));
        here.write("go", "");
      }
      const found: unknown[] = [];
      for (const run of [() => second, () => start(1), () => start(2)]) {
        const { code, stdout, stderr } = await run().ended;
        assertEquals(code, 0, stderr);
        const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as JsonLine);
        found.push([valueOf(lines), lines.filter((line) => runs(target)(JSON.stringify(line))).length > 0]);
      }
      assertEquals(found, [[values[1], true], [values[0], false], [values[1], false]]);
    },
  });
}

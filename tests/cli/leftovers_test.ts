/** What an attempt that comes to nothing has written is no beginning for the next one. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
const fails = () => existsSync("fail");
const may = () => { if (fails()) throw new Error("not now"); };
const append = (file) => { appendFileSync(file, "a\\n"); may(); appendFileSync(file, "b\\n"); };
export const twice = task("twice", { retry: 1, outputs: "twice.log", run: (_, ctx) => {
  appendFileSync("twice.log", "a\\n");
  if (ctx.attempt === 1) throw new Error("flaky");
} });
export const thread = task("thread", { outputs: "thread.log", run: () => append("thread.log") });
export const process = task("process", { isolation: "process", outputs: "process.log", run: () => append("process.log") });
export const lazy = task("lazy", { outputs: "lazy.txt", run: () => {
  if (!existsSync("lazy.txt")) writeFileSync("lazy.txt", fails() ? "half" : "whole");
  may();
} });
export const tree = task("tree", { outputs: "tree", run: () => {
  mkdirSync("tree", { recursive: true });
  writeFileSync(fails() ? "tree/tmp" : "tree/done", "");
  may();
} });
export const unkept = task("unkept", { inputs: "in.txt", outputs: "unkept.log", run: () => {
  const text = readFileSync("in.txt", "utf8");
  if (fails()) writeFileSync("in.txt", "9\\n");
  appendFileSync("unkept.log", text);
} });
export const precious = task("precious", { outputs: { path: "kept.log", precious: true }, run: () => append("kept.log") });
`;

Deno.test("what a failed attempt has left is looked at, and not built upon", async () => {
  using place = new Place({ "p.ts": PIPELINE, "in.txt": "3\n", fail: "" });
  const run = async (target: string) => (await place.start(["run", "p.ts", target, "--quiet"]).ended).code;
  assertEquals([await run("twice"), place.read("twice.log")], [0, "a\n"]);
  const cases = ["thread", "process", "lazy", "tree", "precious"];
  for (const target of cases) {
    assertEquals(await run(target), 1);
    assertEquals(await run(target), 1);
  }
  // It is still there: somebody may want to see how far it came.
  assertEquals([place.read("thread.log"), place.read("lazy.txt")], ["a\n", "half"]);
  assertEquals(fs.readdirSync(`${place.path}/tree`), ["tmp"]);
  assertEquals([await run("unkept"), place.read("unkept.log")], [0, "3\n"]);
  fs.rmSync(`${place.path}/fail`);
  for (const target of [...cases, "unkept"]) assertEquals(await run(target), 0);
  assertEquals([place.read("thread.log"), place.read("process.log")], ["a\nb\n", "a\nb\n"]);
  assertEquals([place.read("lazy.txt"), fs.readdirSync(`${place.path}/tree`)], ["whole", ["done"]]);
  assertEquals(place.read("unkept.log"), "9\n");
  // Who says so goes on from what is there.
  assertEquals(place.read("kept.log"), "a\na\na\nb\n");
});

Deno.test("a file that somebody has put there since, or changed, is not taken for what was left", async () => {
  using place = new Place({ "p.ts": PIPELINE, fail: "" });
  const run = async () => (await place.start(["run", "p.ts", "thread", "--quiet"]).ended).code;
  assertEquals(await run(), 1);
  place.write("thread.log", "mine\n");
  fs.rmSync(`${place.path}/fail`);
  assertEquals([await run(), place.read("thread.log")], [0, "mine\na\nb\n"]);
});

Deno.test("an empty folder in the place of an output gives way to it, anything else is told of", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
import { writeFileSync } from "node:fs";
export const one = task("one", { outputs: "one.txt", run: () => writeFileSync("one.txt", "1") });
`,
  });
  const run = async () => await place.start(["run", "p.ts", "one", "--quiet"]).ended;
  assertEquals((await run()).code, 0);
  fs.rmSync(`${place.path}/one.txt`);
  fs.mkdirSync(`${place.path}/one.txt`);
  assertEquals([(await run()).code, place.read("one.txt")], [0, "1"]);
  fs.rmSync(`${place.path}/one.txt`);
  place.write("one.txt/mine", "");
  const { code, stderr } = await run();
  const told =
    "warning: one.txt is an output, a file, and a folder that runner has not made lies there: remove it";
  assertEquals([code, stderr.includes(told)], [1, true], stderr);
});

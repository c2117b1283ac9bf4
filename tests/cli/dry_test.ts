/** `run --dry` says what the run then does, also where that fails. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
import fs from "node:fs";
export const read = task("read", { inputs: "in.txt", run: () => fs.readFileSync("in.txt", "utf8") });
export const more = task("more", { deps: ["read"], run: () => 1 });
export const aside = task("aside", { noSkip: true, run: () => 1 });
export const top = task("top", { deps: ["more", "aside"], run: () => 1 });
`;

Deno.test("an input that is missing: the calls that do not run, and why; the exit code of the run", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const dry = await place.runner("run", "p.ts", "top", "--dry");
  assertEquals(dry, {
    code: 1,
    stderr: "",
    stdout: `not run top (it needs more, which does not run)
not run more (it needs read, which cannot run)
not run aside (the run stops when read fails; --keep-going goes on elsewhere)
fails read (input file in.txt does not exist)
would run 0 · up to date 0 · not run 3 · cannot run 1
`,
  });
  const real = await place.runner("run", "p.ts", "top");
  assertEquals(real.code, 1);
  assertStringIncludes(real.stderr, "ran 0 · up to date 0 · failed 1 · skipped 0 · not run 3");
  // Now there is a folder of results; the same is said of it.
  assertEquals(await place.runner("run", "p.ts", "top", "--dry"), dry);
  const going = await place.runner("run", "p.ts", "top", "--dry", "--keep-going");
  assertEquals(going.code, 1);
  assertStringIncludes(going.stdout, "run aside (always runs)\n");
  assertStringIncludes(going.stdout, "would run 1 · up to date 0 · not run 2 · cannot run 1\n");
  assertStringIncludes((await place.runner("run", "p.ts", "top", "--keep-going")).stderr, "ran 1 ·");
});

Deno.test("a call that was selected and cannot run without what was left out: the error of the run", async () => {
  using place = new Place({ "p.ts": PIPELINE, "in.txt": "in" });
  const select = ["run", "p.ts", "top", "--only", "more"];
  const real = await place.runner(...select);
  const dry = await place.runner(...select, "--dry");
  const error = "error: more was selected, and needs read, which is not up to date and was left out";
  for (const { code, stderr } of [real, dry]) {
    assertEquals(code, 2);
    assertStringIncludes(stderr, error);
  }
  assertEquals(
    dry.stdout,
    `left out top
not run more (it needs read, which is left out)
left out aside
left out read
would run 0 · up to date 0 · left out 3 · not run 1
`,
  );
});

Deno.test("a selection of nothing is an error, not a run of nothing", async () => {
  using place = new Place({ "p.ts": PIPELINE, "in.txt": "in" });
  for (const dry of [[], ["--dry"]]) {
    const { code, stderr } = await place.runner(
      "run",
      "p.ts",
      "top",
      "--until",
      "read",
      "--from",
      "aside",
      ...dry,
    );
    assertEquals(code, 2);
    assertStringIncludes(stderr, "error: Nothing is selected");
  }
});

Deno.test("what runs whatever comes of the calls before it is no maybe: forced, by name too, or never looked up", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
import fs from "node:fs";
export const x = task("x", { inputs: "in.txt", run: () => fs.readFileSync("in.txt", "utf8").length });
export const y = task("y", { deps: ["x"], run: () => 1 });
export const z = task("z", { deps: ["y"], noSkip: true, run: () => 1 });
`,
    "in.txt": "1",
  });
  const dry = async (...args: string[]) => (await place.runner("run", "p.ts", ...args, "--dry")).stdout;
  assertEquals(await dry("y", "--force"), "run y (forced)\nrun x (forced)\nwould run 2 · up to date 0\n");
  assertEquals(
    await dry("z", "--force=y"),
    "run z (always runs)\nrun y (forced)\nrun x (no earlier result)\nwould run 3 · up to date 0\n",
  );
  await place.runner("run", "p.ts", "y");
  place.write("in.txt", "2");
  const real = await place.runner("run", "p.ts", "y", "--force=y");
  assertStringIncludes(real.stderr, "(forced)");
  place.write("in.txt", "3");
  assertEquals(
    await dry("y", "--force=y"),
    "run y (forced)\nrun x (in.txt changed)\nwould run 2 · up to date 0\n",
  );
  assertEquals(
    await dry("y"),
    "maybe y (x runs)\nrun x (in.txt changed)\nwould run 1 · perhaps 1 · up to date 0\n",
  );
});

Deno.test("a plan opens no limits that are shared, and so is not refused for them", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
export const one = task("one", () => 1);
export const settings = { sharedLimits: { one: 1 } };
`,
  });
  for (const args of [["run", "p.ts", "one", "--dry"], ["plan", "p.ts", "one"], ["graph", "p.ts", "one"]]) {
    const { code, stderr } = await place.runner(...args);
    assertEquals([code, stderr], [0, ""], args.join(" "));
  }
});

Deno.test("what is forced behind what is left out: only perhaps, as the run then finds out; the counts fit the run's", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
export const a = task("a", () => 1);
export const b = task("b", { deps: ["a"], run: () => 2 });
export const c = task("c", { deps: ["b"], run: () => 3 });
export const d = task("d", { deps: ["c"], run: () => 4 });
`,
  });
  const flags = ["run", "p.ts", "d", "--force", "--only", "a,c"];
  const dry = async () => (await place.runner(...flags, "--dry")).stdout;
  const real = async () => (await place.runner(...flags)).stderr;
  const plan = `left out, or up to date: d
maybe c (if b, which is left out, is still up to date then)
left out, or up to date: b
run a (forced)
would run 1 · perhaps 1 · up to date 0 · left out or up to date 2
`;
  assertEquals(await dry(), plan);
  const stopped = await real();
  assertStringIncludes(stopped, "ran 1 · up to date 0 ·");
  assertStringIncludes(
    stopped,
    "error: c was selected, and needs b, which is not up to date and was left out",
  );
  await place.runner("run", "p.ts", "d");
  assertEquals(await dry(), plan);
  assertStringIncludes(await real(), "ran 2 · up to date 2 ·");
  const explained = await place.runner("explain", ...flags.slice(1));
  assertEquals(
    explained.stdout,
    "d is left out, or up to date\n",
  );
  const { nodes } = JSON.parse((await place.runner(...flags, "--dry", "--json")).stdout);
  assertEquals(
    nodes.map(({ call, state, undecided }: Record<string, unknown>) => [call, state, undecided]),
    [["d", "left-out", true], ["c", "maybe", undefined], ["b", "left-out", true], ["a", "run", undefined]],
  );
});

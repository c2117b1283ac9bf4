/** Sources that are edited while a run is under way: what counts is what was loaded, whenever it was saved. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { appeared, filesEnding } from "../support/files.ts";
import { fromFileUrl } from "../support/paths.ts";
import { type Ended, Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
import { what } from "./lib.ts";
import fs from "node:fs";
const held = (name: string) => {
  fs.writeFileSync(name + ".began", "");
  return fs.promises.readFile(name + ".gate", "utf8");
};
export const first = task("first", { run: async () => [await held("first"), what()] });
export const long = task("long", { run: () => held("long") });
export const apart = task("apart", { isolation: "process", deps: ["first"], run: () => what() });
export const boxed = task("boxed", { isolation: "sandbox", deps: ["first"], run: () => what() });
export const sent = task("sent", { labels: "far", deps: ["first"], run: () => what() });
export const lost = task("lost", {
  deps: ["first"],
  retry: 1,
  run: (_, { attempt }) => attempt === 1 ? process.exit(1) : what(),
});
export const lazy = task("lazy", {
  deps: ["first"],
  run: async () => (await import("./more.ts")).more(),
});
export const both = task("both", { deps: ["apart", "long"], run: () => "both" });
`;
const FILES = {
  "p.ts": PIPELINE,
  "lib.ts": 'export const what = () => "v1";\n',
  "more.ts": 'export const more = () => "v1";\n',
};

/** Opens a gate that a task waits at. */
const open = (place: Place, name: string) => fs.writeFileSync(`${place.path}/${name}.gate`, "");

/** A folder in which tasks wait at gates. */
async function gated(...names: readonly string[]): Promise<Place> {
  const place = new Place(FILES);
  for (const name of names) {
    await new Deno.Command("mkfifo", { args: [`${place.path}/${name}.gate`] }).output();
  }
  return place;
}

/** Runs targets; while the first task waits, something is done to the sources. */
async function during(place: Place, args: readonly string[], edit: () => void): Promise<Ended> {
  fs.rmSync(`${place.path}/first.began`, { force: true });
  const program = place.start(["run", "p.ts", ...args]);
  await appeared(`${place.path}/first.began`);
  edit();
  open(place, "first");
  return await program.ended;
}

/** The results of a task that are in the cache. */
const stored = (place: Place, task: string): string[] =>
  filesEnding(`${place.path}/.runner/cache`, ".result.gz").filter((file) => file.includes(`/cache/${task}/`));

const EDITED = 'export const what = () => "v2";\n';

Deno.test("an edit after the modules were loaded does not harm what runs, and counts for the next run", async () => {
  using place = await gated("first");
  const { code, stdout } = await during(place, ["first"], () => {
    place.write("lib.ts", EDITED);
    fs.appendFileSync(`${place.path}/p.ts`, "export const more = 1;\n");
  });
  assertEquals([code, stdout], [0, "[ '', 'v1' ]\n"]);
  const next = await during(place, ["first"], () => {});
  assertEquals([next.code, next.stdout], [0, "[ '', 'v2' ]\n"]);
  place.write("lib.ts", FILES["lib.ts"]);
  const reverted = await place.runner("run", "p.ts", "first");
  assertEquals(reverted.stdout, "[ '', 'v1' ]\n");
  assertStringIncludes(reverted.stderr, "ran 0 · up to date 1");
});

for (const task of ["apart", "boxed", "sent", "lost"]) {
  const sent = task === "sent" ? ["--prefix", "far=env"] : [];
  Deno.test(`what is loaded after an edit is never taken for what was read before it: ${task}`, async () => {
    using place = await gated("first");
    const { code, stderr } = await during(place, [task, ...sent], () => place.write("lib.ts", EDITED));
    assertStringIncludes(
      stderr,
      `error: ${place.path}/lib.ts was changed after this run had read it, and before ${
        task === "sent" ? "the job" : "a worker or process"
      } of ${task} loaded it: ${task} was not run, since its code is not the one that this run knows. ` +
        "What had begun before is kept, as made by the code of then. Run it again: only what the change concerns runs",
    );
    assertEquals(code, 3);
    assertEquals(stored(place, task), []);
    // What had loaded its code before is.
    place.write("lib.ts", FILES["lib.ts"]);
    const next = await place.runner("run", "p.ts", task, ...sent);
    assertEquals(next.stdout, "v1\n");
    assertStringIncludes(next.stderr, "ran 1 · up to date 1");
  });

  Deno.test(`a touch is no edit: ${task}`, async () => {
    using place = await gated("first");
    const { code, stdout } = await during(place, [task, ...sent], () => {
      for (const name of ["lib.ts", "p.ts"]) fs.utimesSync(`${place.path}/${name}`, 1, 1);
    });
    assertEquals([code, stdout], [0, "v1\n"]);
  });
}

Deno.test("what runs already when changed code is met goes on, and its result is kept", async () => {
  using place = await gated("first", "long");
  fs.rmSync(`${place.path}/first.began`, { force: true });
  const program = place.start(["run", "p.ts", "both", "--workers", "2"]);
  await appeared(`${place.path}/first.began`);
  await appeared(`${place.path}/long.began`);
  place.write("lib.ts", EDITED);
  open(place, "first");
  await program.complaint("failed apart");
  open(place, "long");
  assertEquals((await program.ended).code, 3);
  const next = await place.runner("run", "p.ts", "long");
  assertStringIncludes(next.stderr, "ran 0 · up to date 1");
});

const TWO_MODULES = {
  "prog.ts": `import { run } from "runner";
import { a, first } from "./a.ts";
import { b } from "./b.ts";
if (import.meta.main) {
  const options = { workers: 1, onFailure: "keep-going" as const, history: false };
  await run([first(), a(), b()], options).then(({ value }) => console.log(value), (error) => console.log(error.name));
}
`,
  "a.ts": `import { task } from "runner";
import { what } from "./b.ts";
export { first } from "./b.ts";
export const a = task("a", { deps: ["first"], run: () => what() });
`,
  "b.ts": `import { task } from "runner";
import fs from "node:fs";
export const what = () => "v1";
export const first = task("first", {
  isolation: "inline",
  cache: false,
  run: async () => {
    fs.writeFileSync("first.began", "");
    await fs.promises.readFile("first.gate");
  },
});
export const b = task("b", { deps: ["first"], run: () => what() });
`,
};

Deno.test("a module that another one has loaded in a worker is as little taken for what was read before", async () => {
  using place = await gated("first");
  for (const [name, text] of Object.entries(TWO_MODULES)) place.write(name, text);
  const config = fromFileUrl("../../deno.json");
  const command = [Deno.execPath(), "run", "-A", "--quiet", "--no-lock", "--config", config] as const;
  const program = place.start(["prog.ts"], { command });
  await appeared(`${place.path}/first.began`);
  place.write("b.ts", TWO_MODULES["b.ts"].replace("v1", "v2"));
  open(place, "first");
  assertEquals((await program.ended).stdout, "EnvironmentError\n");
  assertEquals([...stored(place, "a"), ...stored(place, "b")], []);
});

const SLOW_TO_LOAD = `import { task } from "runner";
import fs from "node:fs";
import { needed, what } from "./lib.ts";
if (!fs.existsSync("first.began")) {
  fs.writeFileSync("first.began", "");
  await fs.promises.readFile("first.gate");
}
export const here = task("here", { isolation: "inline", run: () => what() });
export const part = task("part", () => 1);
export const there = task("there", { deps: () => needed(part()), run: (_, { deps }) => deps });
`;
const LIB = `export const what = () => "v1";
export const needed = <Call>(call: Call) => ({ v1: call });
`;

for (const [task, old] of [["here", "v1\n"], ["there", "{ v1: 1 }\n"]] as const) {
  Deno.test(`code that was changed while the program loaded it is not filed under what was read later: ${task}`, async () => {
    using place = await gated("first");
    place.write("p.ts", SLOW_TO_LOAD);
    place.write("lib.ts", LIB);
    const { code, stdout, stderr } = await during(
      place,
      [task],
      () => place.write("lib.ts", LIB.replaceAll("v1", "v2")),
    );
    assertEquals([code, stdout], [0, old]);
    assertStringIncludes(
      stderr,
      `lib.ts was changed after this program had begun to load it: what ${task} gives may be of two versions of its ` +
        "code, so it is given, but not kept; start again to be sure of it",
    );
    assertEquals(stored(place, task), []);
    const next = await place.runner("run", "p.ts", task);
    assertEquals([next.code, next.stdout], [0, old.replace("v1", "v2")]);
    assertEquals(stored(place, task).length, 1);
  });
}

Deno.test("what a task imports while it runs is right for nobody knows which text if that changes: given, not kept", async () => {
  using place = await gated("first");
  const { code, stderr } = await during(
    place,
    ["lazy"],
    () => place.write("more.ts", FILES["more.ts"].replace("1", "2")),
  );
  assertEquals(code, 0);
  assertStringIncludes(stderr, `more.ts changed while lazy was running: its result is given, but not kept`);
  assertEquals(stored(place, "lazy"), []);
  const next = await place.runner("run", "p.ts", "lazy");
  assertEquals([next.code, next.stdout], [0, "v2\n"]);
});

Deno.test("in a watch, an edit of the pipeline while a task runs loads it again when that has ended", async () => {
  using place = await gated("first");
  const program = place.start(["run", "p.ts", "apart", "--watch", "--debounce", "50ms"]);
  await appeared(`${place.path}/first.began`);
  fs.rmSync(`${place.path}/first.began`);
  place.write("lib.ts", EDITED);
  open(place, "first");
  await program.complaint("lib.ts changed: loading the pipeline again");
  await appeared(`${place.path}/first.began`);
  open(place, "first");
  assertEquals(await program.line(() => true), "v2");
  program.kill("SIGTERM");
  await program.ended;
});

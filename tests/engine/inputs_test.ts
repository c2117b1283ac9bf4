/** Input files: which they are, and what counts as a change of them. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { run } from "../../mod.ts";
import { until } from "../support/files.ts";
import * as f from "../fixtures/files.ts";
import { type Place, placeOf, test } from "./place.ts";

/** What the tasks noted, taken away. */
function logged(place: Place): readonly string[] {
  const lines = (place.read("log") ?? "").split("\n").slice(0, -1).toSorted();
  place.write({ log: undefined });
  return lines;
}

test("inputs in every form: the files, and who runs when one of them changes", async (place) => {
  place.write({ "src/a.txt": "a", "src/b.md": "b", "src/sub/c.txt": "c", "src/sub/left.txt": "l" });
  const all = Object.values(f.ways).map((one) => one());
  const { value } = await place.run(all);
  assertEquals(Object.fromEntries(Object.keys(f.ways).map((name, index) => [name, value[index]])), {
    path: ["src/a.txt"],
    glob: ["src/a.txt", "src/sub/c.txt"],
    function: ["src/a.txt"],
    list: ["src/a.txt", "src/b.md", "src/sub/c.txt", "src/sub/left.txt"],
    regex: ["src/sub/c.txt", "src/sub/left.txt"],
    optional: ["src/a.txt"],
    ignore: ["src/a.txt"],
  });
  const after = async (files: Readonly<Record<string, string | undefined>>) => {
    logged(place);
    place.write(files);
    await place.run(all);
    return logged(place);
  };
  assertEquals(await after({}), []);
  assertEquals(await after({ "src/a.txt": "A" }), ["function", "glob", "ignore", "list", "optional", "path"]);
  assertEquals(await after({ "src/sub/left.txt": "L" }), ["list", "regex"]);
  assertEquals(await after({ "src/maybe.txt": "m" }), ["glob", "ignore", "optional"]);
  assertEquals(await after({ "src/sub/new.txt": "n" }), ["glob", "list", "regex"]);
  // Reverted: all of that is still there.
  assertEquals(await after({ "src/sub/new.txt": undefined, "src/maybe.txt": undefined }), []);
  assertEquals(await after({ "src/b.md": "B" }), ["list"]);
  logged(place);
  place.write({ "src/sub/c.txt": "CC" });
  await place.run(all, { inputsIgnore: ["src/sub/**", "left.txt"] });
  assertEquals(logged(place), ["glob", "list", "regex"]);
  place.write({ "src/sub/c.txt": "CCC" });
  await place.run(all, { inputsIgnore: ["src/sub/**", "left.txt"] });
  assertEquals(logged(place), []);
});

test("triggers: a touch, an edit, an edit of the same size and time, a removal", async (place) => {
  place.write({ "a.txt": "one" });
  const all = Object.values(f.triggers).map((one) => one!());
  const at = async () => {
    await place.run(all);
    return logged(place);
  };
  assertEquals([await at(), await at()], [["both", "content", "exists", "mtime"], []]);
  const { atime, mtime } = fs.statSync("a.txt");
  fs.utimesSync("a.txt", atime, new Date(mtime.getTime() + 5_000));
  assertEquals([await at(), await at()], [["both", "mtime"], []]);
  fs.writeFileSync("a.txt", "two");
  fs.utimesSync("a.txt", atime, new Date(mtime.getTime() + 5_000));
  assertEquals([await at(), await at()], [["both", "content"], []]);
  const { error } = await place.fails((place.write({ "a.txt": undefined }), all), {
    onFailure: "keep-going",
  });
  assertEquals(
    error.message.split("\n").slice(0, 2).map((line) => line.split(" (")[0]),
    ["4 tasks failed", "f content: Error: input file a.txt does not exist"],
  );
});

test("an input that is edited while its task runs: the result is given, not kept, and the file is named", async (place) => {
  place.write({ "a.txt": "before" });
  const running = run(f.lingers(), place.options());
  await until("it has read", () => place.read("log") !== undefined);
  place.write({ "a.txt": "after!" });
  fs.writeFileSync("gate", "");
  assertEquals((await running).value, "before");
  assertEquals(place.recorder.warnings, [
    "a.txt changed while f lingers was running: its result is given, but not kept; run again to be sure of it",
  ]);
  const again = await place.run(f.lingers());
  assertEquals([again.value, again.warnings, (await place.run(f.lingers())).ran], ["after!", [], []]);
});

test("an input that was another one for a while, or was only touched: nobody knows which was read", async (place) => {
  place.write({ "a.txt": "same" });
  for (
    const [at, meddle] of [
      () => (place.write({ "a.txt": "else" }), place.write({ "a.txt": "same" })),
      () => (fs.rmSync("a.txt"), place.write({ "a.txt": "same" })),
      () => fs.utimesSync("a.txt", 1, 1),
    ].entries()
  ) {
    place.write({ log: undefined, gate: undefined });
    const running = run(f.lingers(), place.options());
    await until("it has read", () => place.read("log") !== undefined);
    meddle();
    fs.writeFileSync("gate", "");
    assertEquals([at, (await running).value], [at, "same"]);
    assertEquals(place.recorder.warnings, [
      "a.txt changed while f lingers was running: its result is given, but not kept; run again to be sure of it",
    ]);
  }
  assertEquals([(await place.run(f.lingers())).warnings, (await place.run(f.lingers())).ran], [[], []]);
});

test("a file that is noted after it was read must not have changed since the task began", async (place) => {
  place.write({ "a.txt": "old" });
  const running = run(f.notes(), place.options());
  await until("it has read", () => place.read("log") !== undefined);
  place.write({ "a.txt": "new" });
  fs.writeFileSync("gate", "");
  assertEquals((await running).value, "old");
  assertEquals(place.recorder.warnings, [
    "a.txt changed while f notes was running: its result is given, but not kept; run again to be sure of it",
  ]);
  const again = await place.run(f.notes());
  assertEquals([again.value, again.warnings, (await place.run(f.notes())).ran], ["new", [], []]);
});

test("imports of input modules are inputs, where that is wanted", async (place) => {
  place.write({
    "app/main.ts": 'import "./one.ts";',
    "app/one.ts": 'export * from "./two.ts";',
    "app/two.ts": "",
  });
  const at = async () => [(await place.run(f.bundle())).value, logged(place)];
  assertEquals([await at(), await at()], [[3, ["bundle"]], [3, []]]);
  place.write({ "app/two.ts": "export const a = 1;" });
  assertEquals(await at(), [3, ["bundle"]]);
  place.write({ "app/one.ts": "export {};" });
  assertEquals(await at(), [1 + 1, ["bundle"]]);
  place.write({ "app/two.ts": "export const a = 2;" });
  assertEquals(await at(), [2, []]);
});

test("what is wrong with rules of files is told before anything runs, all at once", async (place) => {
  assertEquals(
    await place.refused([f.broken({ n: 1 }), f.broken({ n: 2 })]),
    `DefinitionError: Task "f broken": f broken({ n: 1 }): a function of \`inputs\` threw RangeError: no such thing
    at ${placeOf(f.broken)}
Task "f broken": f broken({ n: 2 }): a function of \`inputs\` gave what is no rule: a path, a glob, optional(…) or regexFiles(…), not undefined
    at ${placeOf(f.broken)}`,
  );
});

test("rules that make no sense are refused, with what to do", async (place) => {
  const told = (await place.refused(f.senseless.map((one) => one()))).split("\n").filter((line) =>
    !line.startsWith("    at")
  );
  assertEquals(
    told.map((line) => line.replace(/^(?:DefinitionError: )?Task "f senseless \d": f senseless \d: /, "")),
    [
      "`inputs` only leave files out (!a.txt, !*.md), so there are none: say first which files are meant",
      "`outputs` only leave files out (!a.txt), so there are none: say first which files are meant",
      '`inputs` hold "src/[ab.txt", whose "[" is never closed; a file that is called so is named by regexFiles(folder, pattern)',
      '`outputs` hold "out/{a,b.txt", whose "{" is never closed; a file that is called so is named by regexFiles(folder, pattern)',
      '`inputsIgnore` hold "[!", whose "[" is never closed; a file that is called so is named by regexFiles(folder, pattern)',
      ...["io.txt", "*.out"].map((path) =>
        `${path} is among its \`inputs\` and its \`outputs\`: what it writes would change what it reads, so it would ` +
        "never be up to date; let it write another file, or take it out of `inputs`, with " +
        `output("${path}", { precious: true }) among its \`outputs\` if it goes on from what is there`
      ),
    ],
  );
});

test("a glob that no file fits is told of, once", async (place) => {
  const { value, warnings } = await place.run(f.empty());
  assertEquals([value, warnings], [[], [
    'no file fits none/*.txt, an input of f empty; optional("…") says that this may be',
  ]]);
});

test("who writes into the folder that it reads is up to date after it has run", async (place) => {
  place.write({ "d/a.txt": "a" });
  assertEquals([await place.run(f.lists()).then(({ ran }) => ran.length), logged(place)], [1, ["lists"]]);
  assertEquals([(await place.run(f.lists())).ran, logged(place)], [[], []]);
  place.write({ "d/b.txt": "b" });
  await place.run(f.lists());
  assertEquals(place.read("d/list.txt")?.split(" ")[0], "d/a.txt,d/b.txt");
  // It is no input, but it is an output: what a hand does to it is put right.
  place.write({ "d/list.txt": "edited" });
  assertEquals((await place.run(f.lists())).ran, []);
  assertEquals(place.read("d/list.txt")?.split(" ")[0], "d/a.txt,d/b.txt");
});

/** Output files: kept with results, brought back, made by one call each. */
import { assert, assertEquals } from "@std/assert";
import fs from "node:fs";
import { named, run } from "../../mod.ts";
import { treeOf } from "../support/files.ts";
import * as f from "../fixtures/files.ts";
import { type Place, placeOf, test } from "./place.ts";

/** What the tasks noted, taken away. */
function logged(place: Place): readonly string[] {
  const lines = (place.read("log") ?? "").split("\n").slice(0, -1).toSorted();
  place.write({ log: undefined });
  return lines;
}
/** What a run brought back. */
const restored = (place: Place): readonly string[] =>
  place.recorder.events.flatMap((event) => event.kind === "outputs-restored" ? event.paths : []);

test("outputs that are not written fail the task, with their paths; nothing is kept", async (place) => {
  for (let round = 0; round < 2; round++) {
    const { error } = await place.fails(f.liar());
    assertEquals(
      error.message.split("\n")[1]!.replace(/ \([^(]*:\d+\)$/, ""),
      "f liar: MissingOutput: the task has ended, and declared outputs are missing: out/never.txt, out/*.none. Write them, or take them out of `outputs`",
    );
  }
});

test("deleted, edited, of another mode: outputs come back, and what is as it was stays untouched", async (place) => {
  place.write({ "a.txt": "data" });
  await place.run(f.folder());
  const before = treeOf("made");
  const times = treeOf("made", true);
  assertEquals([(await place.run(f.folder())).value, restored(place), treeOf("made", true)], [
    "made",
    [],
    times,
  ]);
  const after = async (damage: () => void) => {
    logged(place);
    damage();
    const { ran } = await place.run(f.folder());
    assertEquals([ran, treeOf("made"), logged(place)], [[], before, []]);
    assertEquals(fs.statSync("made/run.sh").mode & 0o777, 0o755);
    return restored(place);
  };
  assertEquals(await after(() => fs.rmSync("made/data")), ["made/data"]);
  assertEquals(await after(() => fs.writeFileSync("made/data", "edited")), ["made/data"]);
  assertEquals(await after(() => fs.chmodSync("made/run.sh", 0o600)), ["made/run.sh"]);
  assertEquals(await after(() => fs.rmSync("made/link")), ["made/link"]);
  assertEquals(await after(() => fs.rmdirSync("made/empty")), ["made/empty"]);
  assertEquals((await after(() => fs.rmSync("made", { recursive: true }))).length, 6);
  // An edit of the input and back: the outputs of then are there again.
  place.write({ "a.txt": "other" });
  assertEquals((await place.run(f.folder())).ran, ["f folder"]);
  place.write({ "a.txt": "data" });
  logged(place);
  assertEquals(await after(() => {}), ["made/data"]);
});

test("a reader of another's output runs after it, and not when the bytes are equal", async (place) => {
  place.write({ "in/a.txt": "a", "in/b.txt": "b" });
  const all = [f.joined(), f.copy({ name: "a" }), f.copy({ name: "b" })] as const;
  const at = async (
    cache: string = place.cache,
  ) => [(await place.run(all, { cache })).value[0], logged(place)];
  assertEquals(await at(), ["A+B", ["copy a", "copy b", "joined"]]);
  assertEquals(await at(), ["A+B", []]);
  place.write({ "in/a.txt": "a\n" });
  assertEquals(await at(), ["A+B", ["copy a"]]);
  place.write({ "in/a.txt": "aa" });
  assertEquals(await at(), ["AA+B", ["copy a", "joined"]]);
  place.write({ "out/a.txt": undefined, "out/all.txt": "edited" });
  assertEquals([await at(), place.read("out/all.txt")], [["AA+B", []], "AA+B"]);
  // The values of earlier runs are there for whoever is forced to run.
  const forced = await place.run(all, { force: ["f joined"] });
  assertEquals([forced.value[0], forced.ran, logged(place)], ["AA+B", ["f joined"], ["joined"]]);
  assertEquals(await at("none"), ["AA+B", ["copy a", "copy b", "joined"]]);
  fs.rmSync("out", { recursive: true });
  assertEquals(await at("memory"), ["AA+B", ["copy a", "copy b", "joined"]]);
  assertEquals(await at("memory"), ["AA+B", []]);
  // Without a place for files what is lost has to be made anew.
  place.write({ "out/a.txt": undefined });
  assertEquals(await at("memory"), ["AA+B", ["copy a"]]);
  for (const one of [f.joined, f.copy]) await one.clearAll({ cache: "memory" });
});

test("two calls that write one path: told before anything runs, with both places", async (place) => {
  place.write({ "in/a.txt": "a" });
  assertEquals(
    await place.refused([f.copy({ name: "a" }), f.rival()]),
    `DefinitionError: Two calls write out/a.txt: f copy::a and f rival; let one of them write it, or give them different outputs
    at ${placeOf(f.copy)}
    at ${placeOf(f.rival)}`,
  );
  // An empty input is one: what was most likely meant is said.
  assertEquals(
    (await place.refused([f.rival({} as never), f.rival()])).split("\n")[0],
    "DefinitionError: Two calls write out/a.txt: f rival({}) and f rival; {} is an input too, so that these are two: write f rival() everywhere",
  );
  // Where it comes to light only when a value is there, the run fails instead.
  place.write({ "in/b.txt": "b" });
  const clashing = f.clashing({ first: f.pick(), second: "x" });
  const { error, states } = await place.fails([f.copy({ name: "a" }), clashing]);
  assert(error.message.includes("Two calls write out/a.txt: f copy::a and f clashing("), error.message);
  assertEquals(Object.values(states).toSorted(), ["failed", "succeeded", "succeeded"]);
});

test("files that are known only when a value is", async (place) => {
  place.write({ "in/a.txt": "a" });
  const at = async () => [
    (await place.run(f.later({ name: f.pick() }))).value,
    logged(place),
    place.read("out/a.txt"),
  ];
  assertEquals([await at(), await at()], [["a", ["later a"], "a"], ["a", [], "a"]]);
  place.write({ "in/a.txt": "b" });
  assertEquals([await at(), await at()], [["a", ["later a"], "b"], ["a", [], "b"]]);
});

test("an output that is too old is made anew, and the new one counts from then on", async (place) => {
  place.write({ counter: "1" });
  const at = async () => [(await place.run(f.rates())).value, logged(place), place.read("rates.json")];
  assertEquals([await at(), await at()], [[1, ["rates"], "rate 1"], [1, [], "rate 1"]]);
  const old = new Date(Date.now() - 2 * 3_600_000);
  fs.utimesSync("rates.json", old, old);
  place.write({ counter: "2" });
  const told = await place.run(f.rates());
  assertEquals(told.causes["f rates"], [{ kind: "output", path: "rates.json", change: "too old" }]);
  assertEquals([told.value, place.read("rates.json"), logged(place)], [2, "rate 2", ["rates"]]);
  assertEquals(await at(), [2, [], "rate 2"]);
  // One that is lost is not brought back: nobody knows how old it would be.
  place.write({ "rates.json": undefined, counter: "3" });
  assertEquals([await at(), await at()], [[3, ["rates"], "rate 3"], [3, [], "rate 3"]]);
  fs.utimesSync("rates.json", old, old);
  const { error } = await place.fails(f.lazy());
  assertEquals(
    error.message.split("\n")[1]!.replace(/ \([^(]*:\d+\)$/, ""),
    "f lazy: MissingOutput: the task has ended, and declared outputs are older than they may be: rates.json. Write them, or take them out of `outputs`",
  );
});

test("noSkip: what it gives now counts, and not what it gave before", async (place) => {
  const at = async (world: string) => {
    place.write({ world });
    return [(await place.run(f.afterPoll())).value, logged(place)];
  };
  assertEquals(await at("one"), ["after one", ["after poll", "polls"]]);
  assertEquals(await at("one"), ["after one", ["polls"]]);
  assertEquals(await at("two"), ["after two", ["after poll", "polls"]]);
  assertEquals(await at("same"), ["after two", ["polls"]]);
  assertEquals(await at("one"), ["after one", ["polls"]]);
  // Its folders do not pile up.
  const folders = fs.readdirSync(place.cache, { recursive: true }).filter((path) =>
    String(path).endsWith(".data")
  );
  assertEquals(folders.length, 1);
});

test("force runs again what is up to date, restores nothing first, and its outputs count", async (place) => {
  place.write({ "in/a.txt": "a" });
  const wanted = named("f copy::a");
  await place.run(wanted);
  fs.writeFileSync("out/a.txt", "edited");
  const { ran } = await place.run(wanted, { force: ["f copy::a"] });
  assertEquals([ran, place.read("out/a.txt"), restored(place)], [["f copy::a"], "A", []]);
  assertEquals((await place.run(wanted)).ran, []);
});

test("a cache that may only be read: what is lost is made anew, nothing is written there", async (place) => {
  place.write({ "in/a.txt": "a" });
  const cache = { path: place.cache, readOnly: true } as const;
  await place.run(f.copy({ name: "a" }));
  const before = treeOf(place.cache, true);
  logged(place);
  await place.run(f.copy({ name: "a" }), { cache });
  assertEquals(logged(place), []);
  fs.rmSync("out/a.txt");
  await place.run(f.copy({ name: "a" }), { cache });
  assertEquals([place.read("out/a.txt"), restored(place)], ["A", ["out/a.txt"]]);
  place.write({ "in/a.txt": "b" });
  await place.run(f.copy({ name: "a" }), { cache });
  assertEquals([place.read("out/a.txt"), logged(place)], ["B", ["copy a"]]);
  assertEquals(treeOf(place.cache, true), before);
});

test("two runs at once on one cache and one folder: both right, and then nothing is left to do", async (place) => {
  const names = ["a", "b", "c", "d", "e", "f"];
  place.write(Object.fromEntries(names.map((name) => [`in/${name}.txt`, name.repeat(1_000)])));
  const wanted = names.map((name) => f.copy({ name }));
  const { cache } = place;
  await Promise.all([1, 2].map((n) => run(wanted, { cache, state: `${place.state}${n}`, workers: 2 })));
  assertEquals((await place.run(wanted)).ran, []);
  fs.rmSync("out", { recursive: true });
  await Promise.all([1, 2].map((n) => run(wanted, { cache, state: `${place.state}${n}`, workers: 2 })));
  assertEquals(
    names.map((name) => place.read(`out/${name}.txt`)),
    names.map((name) => name.toUpperCase().repeat(1_000)),
  );
  assertEquals([(await place.run(wanted)).ran, restored(place), place.recorder.warnings], [[], [], []]);
});

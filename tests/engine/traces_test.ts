/** What a task finds out while it runs decides whether it runs again. */
import { assertEquals, assertMatch } from "@std/assert";
import fs from "node:fs";
import { run } from "../../mod.ts";
import { until } from "../support/files.ts";
import * as t from "../fixtures/traces.ts";
import { type Place, test } from "./place.ts";

/** What the tasks noted, taken away. */
function logged(place: Place): readonly string[] {
  const lines = (place.read("log") ?? "").split("\n").slice(0, -1).toSorted();
  place.write({ log: undefined });
  return lines;
}

for (const cache of ["disk", "memory"] as const) {
  const options = cache === "memory" ? { cache } as const : {};
  test(`files found on the way, other ones each time; ${cache}`, async (place) => {
    place.write({ a: "→b", b: "end b", c: "end c" });
    const at = async () => [(await place.run(t.follows("a"), options)).value, logged(place)];
    assertEquals(await at(), ["end b", ["follows"]]);
    assertEquals(await at(), ["end b", []]);
    place.write({ c: "END C" });
    assertEquals(await at(), ["end b", []]);
    place.write({ a: "→c" });
    assertEquals(await at(), ["END C", ["follows"]]);
    place.write({ b: "END B" });
    assertEquals(await at(), ["END C", []]);
    place.write({ a: "→b" });
    assertEquals(await at(), ["END B", ["follows"]]);
    // Whatever it was computed from once hits again.
    place.write({ b: "end b" });
    assertEquals(await at(), ["end b", []]);
    place.write({ a: "→c", c: "END C" });
    assertEquals(await at(), ["END C", []]);
    place.write({ c: "new" });
    assertEquals(await at(), ["new", ["follows"]]);
    await t.follows.clearAll({ cache: cache === "memory" ? cache : place.cache });
  });

  test(`a file that is not there is a finding too; ${cache}`, async (place) => {
    const at = async () => [(await place.run(t.looks("x"), options)).value, logged(place)];
    assertEquals([await at(), await at()], [[false, ["looks"]], [false, []]]);
    place.write({ x: "" });
    assertEquals([await at(), await at()], [[true, ["looks"]], [true, []]]);
    place.write({ x: undefined });
    assertEquals(await at(), [false, []]);
    await t.looks.clearAll({ cache: cache === "memory" ? cache : place.cache });
  });

  test(`a parent runs again only if what it asked for has changed; ${cache}`, async (place) => {
    place.write({ which: "a", a: "first", b: "second" });
    const at = async () => [(await place.run(t.grandparent(), options)).value, logged(place)];
    assertEquals(await at(), ["<a: first>", ["grandparent", "parent", "reads a"]]);
    assertEquals(await at(), ["<a: first>", []]);
    // The same result: nobody above runs.
    place.write({ a: "first\n" });
    assertEquals(await at(), ["<a: first>", ["reads a"]]);
    place.write({ a: "third" });
    assertEquals(await at(), ["<a: third>", ["grandparent", "parent", "reads a"]]);
    place.write({ which: "b" });
    assertEquals(await at(), ["<b: second>", ["grandparent", "parent", "reads b"]]);
    place.write({ which: "a", a: "first" });
    assertEquals(await at(), ["<a: first>", []]);
    for (const one of [t.grandparent, t.parent, t.reads]) {
      await one.clearAll({ cache: cache === "memory" ? cache : place.cache });
    }
  });

  test(`a parameter, a file and a child at once; ${cache}`, async (place) => {
    place.write({ which: "w", a: "A", b: "B" });
    const at = async (file: string) => [
      (await place.run(t.mixed(), { ...options, params: { file, idle: Math.random() } })).value,
      logged(place),
    ];
    assertEquals(await at("a"), ["a A w", ["mixed", "reads a"]]);
    assertEquals(await at("b"), ["b B w", ["mixed", "reads b"]]);
    assertEquals([await at("a"), await at("b")], [["a A w", []], ["b B w", []]]);
    place.write({ which: "v" });
    assertEquals([await at("a"), await at("b")], [["a A v", ["mixed"]], ["b B v", ["mixed"]]]);
    place.write({ b: "BB" });
    assertEquals([await at("a"), await at("b")], [["a A v", []], ["b BB v", ["mixed", "reads b"]]]);
    await t.mixed.clearAll({ cache: cache === "memory" ? cache : place.cache });
    await t.reads.clearAll({ cache: cache === "memory" ? cache : place.cache });
  });
}

test("a call that followed from something else is not made when that has changed", async (place) => {
  place.write({ which: "a", a: "A", b: "B" });
  const at = async () => [(await place.run(t.chooses())).value, logged(place)];
  assertEquals(await at(), ["A", ["chooses", "reads a", "reads which"]]);
  // What would be asked the old way is not there any more.
  place.write({ which: "b", a: undefined });
  assertEquals(await at(), ["B", ["chooses", "reads b", "reads which"]]);
  place.write({ which: "a", a: "AA" });
  assertEquals(await at(), ["AA", ["chooses", "reads a"]]);
  place.write({ which: "b" });
  assertEquals(await at(), ["B", []]);
});

test("a child that fails now: its parent runs, and makes of that what it will", async (place) => {
  place.write({ x: "X" });
  assertEquals((await place.run(t.sturdy())).value, "X");
  place.write({ x: undefined });
  logged(place);
  for (let round = 0; round < 2; round++) {
    const { states } = await place.fails(t.sturdy(), { onFailure: "keep-going" });
    assertEquals([states, logged(place)], [
      { "t sturdy": "succeeded", 't reads("x")': "failed" },
      ["reads x", "sturdy"],
    ]);
  }
  place.write({ x: "X" });
  assertEquals([(await place.run(t.sturdy())).value, logged(place)], ["X", []]);
});

test("more ways than are remembered: right, and at worst computed again", async (place) => {
  const files = Array.from({ length: 12 }, (_, n) => `f${n}`);
  place.write(Object.fromEntries(files.map((file) => [file, `end ${file}`])));
  for (const file of [...files, ...files.slice(-5)]) {
    place.write({ a: `→${file}` });
    assertEquals((await place.run(t.follows("a"))).value, `end ${file}`);
  }
  assertEquals(logged(place).length, 12);
});

test("a found file that changes while its task runs: the result is given, not kept, and named", async (place) => {
  place.write({ a: "before" });
  const running = run(t.lingers("a"), place.options());
  await until("it has read", () => place.read("log") !== undefined);
  place.write({ a: "after!" });
  fs.writeFileSync("gate", "");
  assertEquals((await running).value, "before");
  assertEquals(place.recorder.warnings, [
    'a changed while t lingers("a") was running: its result is given, but not kept; run again to be sure of it',
  ]);
  assertEquals((await place.run(t.lingers("a"))).value, "after!");
});

test("outputs and findings together", async (place) => {
  place.write({ from: "abcdef" });
  const at = async () => [(await place.run(t.makes())).value, place.read("made"), logged(place)];
  assertEquals(await at(), ["made it", "abc", ["makes"]]);
  place.write({ made: undefined });
  assertEquals(await at(), ["made it", "abc", []]);
  place.write({ from: "xyz" });
  assertEquals(await at(), ["made it", "xyz", ["makes"]]);
  place.write({ from: "abcdef" });
  assertEquals(await at(), ["made it", "abc", []]);
});

test("ctx.dep of what is no path is refused", async (place) => {
  const { error } = await place.fails(t.wrong(""));
  assertMatch(error.message, /TypeError: ctx\.dep\(path, …\) takes the paths of files that the task reads/);
});

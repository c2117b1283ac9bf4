/** What a running task is given besides its input. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { filesEnding } from "../support/files.ts";
import * as c from "../fixtures/context.ts";
import { Place, test } from "./place.ts";

/** What the tasks noted, taken away. */
function logged(place: Place): readonly string[] {
  const lines = (place.read("log") ?? "").split("\n").slice(0, -1).toSorted();
  place.write({ log: undefined });
  return lines;
}

for (const cache of ["disk", "memory"] as const) {
  test(`parameters count for those that read them, and for nobody else; ${cache}`, async (place) => {
    const all = [c.greets(), c.deafTo(), c.lists(), c.looks()];
    const at = async (params: Record<string, unknown>) => {
      const { value } = await place.run(all, { params, ...(cache === "memory" && { cache }) });
      return [value, logged(place)];
    };
    const value = ["hello you", "nothing", ["who"], [true, true]];
    assertEquals(await at({ who: "you" }), [value, ["deaf", "greets", "lists", "looks"]]);
    assertEquals(await at({ who: "you" }), [value, []]);
    assertEquals(await at({ who: "me" }), [["hello me", ...value.slice(1)], ["greets", "lists", "looks"]]);
    // One that nobody has read is news for those only that have listed them.
    assertEquals(await at({ who: "you", n: 1 }), [["hello you", "nothing", ["who", "n"], [true, true]], [
      "lists",
    ]]);
    assertEquals(await at({ who: "you", n: 1 }), [["hello you", "nothing", ["who", "n"], [true, true]], []]);
    assertEquals(await at({ who: "me" }), [["hello me", ...value.slice(1)], []]);
    assertEquals(await at({}), [["hello undefined", "nothing", [], [false, true]], [
      "greets",
      "lists",
      "looks",
    ]]);
    if (cache === "memory") { for (const one of all) await one.clear({ cache }); }
  });
}

test("name, input, the paths of inputs and outputs, and one digest of all inputs", async (place) => {
  place.write({ "a.txt": "a", "b/2": "2", "b/1": "1" });
  const { value } = await place.run(c.tells({ who: "me" }));
  const { inputFingerprint, ...rest } = value;
  assertEquals(rest, {
    name: "c tells::me",
    input: { who: "me" },
    inputs: ["a.txt", "b/1", "b/2"],
    outputs: ["out/me.txt"],
    attempt: 1,
  });
  assertMatch(inputFingerprint, /^[0-9a-f]{64}$/);
  const prints = async () => (await place.run(c.prints())).value;
  const first = await prints();
  place.write({ "a.txt": "b" });
  assertNotEquals(await prints(), first);
  place.write({ "a.txt": "a" });
  assertEquals(await prints(), first);
});

test("which dependencies have changed since this call was computed", async (place) => {
  place.write({ one: "first word" });
  const at = async () => (await place.run(c.changed())).value;
  assertEquals(await at(), { any: true, which: ["c word", "c same"] });
  assertEquals(await at(), { any: false, which: [] });
  place.write({ one: "first line" });
  assertEquals(await at(), { any: false, which: [] });
  place.write({ one: "second word" });
  assertEquals(await at(), { any: true, which: ["c word"] });
  assertEquals(await at(), { any: false, which: [] });
});

test("skip: a state of its own, success for dependents, told, and not stored", async (place) => {
  place.write({ say: "skip" });
  for (let round = 0; round < 2; round++) {
    const told = await place.run(c.afterSkip());
    assertEquals([told.value, logged(place)], [
      ["undefined"],
      round === 0 ? ["after skip", "skips"] : ["skips"],
    ]);
    assertEquals([told.states["c skips"], told.stats.skipped], ["skipped", 1]);
    const said = place.recorder.events.filter((event) => event.kind === "node-skipped");
    assertEquals(said.map((event) => [event.call, event.why]), [["c skips", "nothing to do"]]);
    assertEquals(filesEnding(place.cache, ".result.gz").filter((path) => path.includes("skips")), []);
  }
  place.write({ say: "work" });
  const told = await place.run(c.afterSkip());
  assertEquals([told.value, told.states["c skips"], logged(place)], [["done"], "succeeded", [
    "after skip",
    "skips",
  ]]);
  // What was computed before the skip is still there.
  place.write({ say: "skip" });
  assertEquals((await place.run(c.skips())).states["c skips"], "skipped");
  place.write({ say: "work" });
  assertEquals((await place.run(c.afterSkip())).stats.upToDate, 2);
});

test("unchanged: the earlier result stands, and dependents stay up to date", async (place) => {
  place.write({ say: "same" });
  const { error } = await place.fails(c.afterUnchanging());
  assertEquals(
    error.message.split("\n")[1]!.replace(/ \([^(]*\)$/, ""),
    "c unchanging: Error: ctx.unchanged(): there is no earlier result of this call, so it has to be computed",
  );
  logged(place);
  place.write({ say: "first" });
  assertEquals([(await place.run(c.afterUnchanging())).value, logged(place)], [
    "after first",
    ["after unchanging", "unchanging"],
  ]);
  place.write({ say: "same as before" });
  assertEquals([(await place.run(c.afterUnchanging())).value, logged(place)], ["after first", [
    "unchanging",
  ]]);
  // It is a result like any other: for these inputs nothing runs again.
  assertEquals([(await place.run(c.afterUnchanging())).value, logged(place)], ["after first", []]);
});

for (
  const { what, options } of [
    // `--force` clears what there is before the task runs: src/engine/look_up.ts would have to keep it until it is replaced.
    { what: "force", options: () => ({ force: true }) },
    // Hosts have no cache folder then, so `ResultStorage.latest` finds nothing: src/wire.ts would have to hand one down.
    { what: "a cache in memory", options: () => ({ cache: "memory" as const }) },
    { what: "a read-only cache", options: (path: string) => ({ cache: { path, readOnly: true } }) },
  ]
) {
  Deno.test({
    name: `unchanged, with ${what}`,
    fn: async () => {
      using place = new Place();
      const given = options(place.cache);
      place.write({ say: "first" });
      await place.run(c.unchanging(), "cache" in given && given.cache === "memory" ? given : {});
      place.write({ say: "same" });
      assertEquals((await place.run(c.unchanging(), given)).value, "first");
    },
  });
}

test("prompt: where there is no terminal, an error that says so", async (place) => {
  for (const secret of [true, false]) {
    const { error } = await place.fails(c.prompts(secret));
    assert(!/undefined/.test(error.message));
    assertEquals(
      error.message.split("\n")[1]!.replace(/ \([^(]*\)$/, ""),
      `c prompts(${secret}): Error: c prompts(${secret}) asks "${
        secret ? "Password?" : "Name?"
      }", and there is no terminal to ask at: give it what it wants by its input or by --param, or run it in a terminal`,
    );
  }
});

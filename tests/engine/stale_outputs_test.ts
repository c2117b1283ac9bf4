/** Outputs of earlier attempts: none of them is taken for one of this attempt. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { treeOf } from "../support/files.ts";
import * as f from "../fixtures/files.ts";
import { type Place, test } from "./place.ts";

/** What the tasks noted, taken away. */
function logged(place: Place): readonly string[] {
  const lines = (place.read("log") ?? "").split("\n").slice(0, -1);
  place.write({ log: undefined });
  return lines;
}
const list = (folder: string): readonly string[] => fs.readdirSync(folder).toSorted();
/** The message of a failed task, without its place. */
const message = (error: Error): string => error.message.split("\n")[1]!.replace(/ \([^(]*:\d+\)$/, "");

for (const into of ["folder", "glob"]) {
  test(`outputs in a ${into} are what this attempt has written, now and when they come back`, async (place) => {
    place.write({ "words.txt": "a b" });
    await place.run(f.split({ into }));
    place.write({ [`${into}/mine`]: "a user's", "words.txt": "b c" });
    const { warnings } = await place.run(f.split({ into }));
    assertEquals([list(into), warnings], [["b", "c", "mine"], []]);
    fs.rmSync(into, { recursive: true });
    const again = await place.run(f.split({ into }));
    assertEquals([again.ran, list(into)], [[], ["b", "c"]]);
    place.write({ "words.txt": "a b" });
    assertEquals((await place.run(f.split({ into }))).ran, []);
    // What other results have left is taken away; what is a user's own stays.
    assertEquals(list(into), ["a", "b"]);
    place.write({ "words.txt": "b c", [`${into}/mine`]: "a user's" });
    const dry = treeOf(into, true);
    await place.preview(f.split({ into }));
    assertEquals(treeOf(into, true), dry);
    assertEquals([(await place.run(f.split({ into }))).ran, list(into)], [[], ["b", "c", "mine"]]);
  });
}

test("a file that is not written this time is missing, as on a clean tree", async (place) => {
  const wanted = f.sometimes({ way: "o" });
  place.write({ "words.txt": "one" });
  await place.run(wanted);
  place.write({ "words.txt": "not" });
  for (let round = 0; round < 2; round++) {
    const { error } = await place.fails(wanted);
    assertEquals(
      message(error),
      'f sometimes({ way: "o" }): MissingOutput: the task has ended, and declared outputs were not written by this attempt, they are left from before: o.txt. Write them, or take them out of `outputs`',
    );
    // What the earlier attempt had written is there again: a failure takes nothing away.
    assertEquals(place.read("o.txt"), "one");
  }
  place.write({ "words.txt": "two" });
  assertEquals([(await place.run(wanted)).value, place.read("o.txt")], ["two", "two"]);
  assertEquals(logged(place).filter((line) => line !== "o found nothing"), []);
});

test("a tool that leaves alone what is right already works from a clean tree", async (place) => {
  const wanted = f.sometimes({ way: "stays" });
  for (const words of ["one", "two", "three"]) {
    place.write({ "words.txt": words });
    const { value, warnings } = await place.run(wanted);
    assertEquals([value, warnings, place.read("stays.txt")], [words, [], "same"]);
    assertEquals((await place.run(wanted)).ran, []);
  }
  assertEquals(logged(place), Array(3).fill("stays found nothing"));
});

test("where nobody knows whose a file is, a result that left it alone is given, not kept", async (place) => {
  place.write({ "words.txt": "not", "o.txt": "from somewhere" });
  const wanted = f.sometimes({ way: "o" });
  for (let round = 0; round < 2; round++) {
    const { value, warnings, ran } = await place.run(wanted);
    assertEquals([value, ran.length, warnings], ["not", 1, [
      'o.txt: there before f sometimes({ way: "o" }) ran, and not written by it: its result is given, but not kept; ' +
      "remove that, or declare output(…, { precious: true }) if it is to find what it wrote before",
    ]]);
  }
  place.write({ "words.txt": "written" });
  assertEquals((await place.run(wanted)).warnings, []);
  assertEquals((await place.run(wanted)).ran, []);
});

test("files in a folder that were there before the first attempt are told of", async (place) => {
  place.write({ "words.txt": "a", "folder/old": "old" });
  const { warnings } = await place.run(f.split({ into: "folder" }));
  assertEquals(warnings, [
    "folder/old: there before f split ran, and not written by it, so no output of it; remove that, " +
    'leave it out with "!…", or declare output(…, { precious: true })',
  ]);
  fs.rmSync("folder", { recursive: true });
  await place.run(f.split({ into: "folder" }));
  assertEquals(list("folder"), ["a"]);
});

test("what is precious is found by the next attempt, and counts as it is when that ends", async (place) => {
  const wanted = f.sometimes({ way: "precious" });
  place.write({ "words.txt": "one" });
  await place.run(wanted);
  place.write({ "words.txt": "not" });
  const { value, warnings } = await place.run(wanted);
  assertEquals([value, warnings, place.read("o.txt")], ["not", [], "one"]);
  assertEquals([(await place.run(wanted)).ran, logged(place)], [[], [
    "precious found nothing",
    "precious found one",
  ]]);
});

test("unchanged, skipped and failed: what was there is there afterwards", async (place) => {
  const wanted = f.sometimes({ way: "o" });
  place.write({ "words.txt": "one" });
  await place.run(wanted);
  place.write({ "words.txt": "unchanged" });
  assertEquals([(await place.run(wanted)).value, place.read("o.txt")], ["one", "one"]);
  assertEquals((await place.run(wanted)).ran, []);
  place.write({ "words.txt": "skip" });
  await place.run(wanted);
  assertEquals(place.read("o.txt"), "one");
  place.write({ "words.txt": "fail" });
  await place.fails(wanted);
  assertEquals(place.read("o.txt"), "one");
});

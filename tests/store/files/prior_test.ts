/** What lies where an attempt is to write: its own is taken away and comes back, another's stays and is told from it. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import type { Collected, Prior } from "../../../src/model/file_ports.ts";
import type { OutputRule, StoredFile } from "../../../src/model/files.ts";
import { Place } from "./support.ts";

/** What there is, but for the state of runner. */
const there = (place: Place): string[] =>
  (fs.readdirSync(place.cwd, { recursive: true }) as string[]).filter((path) => !path.startsWith(".runner"))
    .sort();
const asides = (place: Place): string[] => fs.readdirSync(`${place.cache}/tmp`);
const begin = (
  place: Place,
  rules: readonly OutputRule[],
  entries: readonly (readonly StoredFile[])[],
  spared: readonly string[] = [],
): Prior | undefined => place.host().prepare(rules, () => entries, spared);
const end = (place: Place, rules: readonly OutputRule[], prior: Prior | undefined): Collected =>
  place.host().collect(rules, 6, prior);

Deno.test("a call's own outputs are taken away before an attempt: files, links, folders, of any entry", () => {
  using place = new Place({ "a": "a", "d/e/f": "f", "d/g": "g", "user": "u" });
  place.link("d/l", "g");
  const rules = ["a", "d"];
  const older = place.collect(rules);
  place.write("a", "newer");
  const newer = place.collect(rules);
  place.write("a", "a");
  const prior = begin(place, rules, [newer, older]);
  assertEquals(there(place), ["user"]);
  place.write("d/new", "n");
  prior!.putBack();
  // What has come in the meantime stays as well.
  assertEquals(there(place), ["a", "d", "d/e", "d/e/f", "d/g", "d/l", "d/new", "user"]);
  assertEquals([place.read("a"), fs.readlinkSync(place.full("d/l")), asides(place)], ["a", "g", []]);
});

Deno.test("what comes back has the times it had; what is done with is gone", () => {
  using place = new Place({ a: "a" });
  fs.utimesSync(place.full("a"), 1_000, 2_000);
  const stored = place.collect(["a"]);
  begin(place, ["a"], [stored])!.putBack();
  assertEquals(fs.statSync(place.full("a")).mtimeMs, 2_000_000);
  const prior = begin(place, ["a"], [stored])!;
  place.write("a", "other");
  prior.done();
  assertEquals([place.read("a"), asides(place)], ["other", []]);
});

Deno.test("what is not known to be restorable stays: edited files, a user's own, bytes that the cache has lost", () => {
  using place = new Place({ "d/own": "own", "d/edited": "made", "d/lost": "lost" });
  const stored = place.collect(["d"]);
  place.write("d/edited", "by hand");
  place.write("d/user", "mine");
  fs.rmSync(`${place.cache}/blobs`, { recursive: true });
  place.write("kept/own", "own");
  place.collect(["kept"]);
  const prior = begin(place, ["d"], [stored]);
  assertEquals(there(place).filter((path) => path.startsWith("d/")), ["d/edited", "d/lost", "d/user"]);
  place.write("d/new", "new");
  const collected = end(place, ["d"], prior);
  if (collected.kind !== "stored") throw new Error("absent");
  // What the attempt did not touch is none of its outputs; of a user's own nothing is said.
  assertEquals(collected.stored.map(({ path }) => path), ["d", "d/new"]);
  assertEquals([collected.passedOver, collected.untouched], [["d/edited", "d/lost"], []]);
});

Deno.test("without an entry nobody can tell whose a file is: it stays, and is told of", () => {
  using place = new Place({ "d/old": "old", "o.txt": "old" });
  const rules = ["d/*", "o.txt"];
  const prior = begin(place, rules, []);
  assertEquals(there(place), ["d", "d/old", "o.txt"]);
  place.write("d/new", "new");
  const collected = end(place, rules, prior);
  if (collected.kind !== "stored") throw new Error("absent");
  assertEquals(collected.stored.map(({ path }) => path), ["d/new", "o.txt"]);
  assertEquals([collected.passedOver, collected.untouched], [["d/old"], ["o.txt"]]);
});

Deno.test("a glob that only files from before fit is not met", () => {
  using place = new Place({ "d/old": "old" });
  const prior = begin(place, ["d/*"], []);
  assertEquals(end(place, ["d/*"], prior), { kind: "absent", missing: [], old: [], before: ["d/*"] });
});

Deno.test("what is precious, or read by the task, stays where it is", () => {
  using place = new Place({ "d/state": "s", "d/out": "o", "read": "r" });
  const rules = ["d", { path: "d/state", precious: true }, "read"];
  const stored = place.collect(rules);
  const prior = begin(place, rules, [stored], ["read"]);
  assertEquals(there(place), ["d", "d/state", "read"]);
  place.write("d/out", "new");
  const collected = end(place, rules, prior);
  if (collected.kind !== "stored") throw new Error("absent");
  assertEquals(collected.stored.map(({ path }) => path), ["d", "d/out", "d/state", "read"]);
  assertEquals([collected.passedOver, collected.untouched], [[], []]);
});

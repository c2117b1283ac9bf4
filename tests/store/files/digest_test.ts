/** When a digest that is known may be relied on, and what hosts make of files that change. */
import fs from "node:fs";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import type { SeenFile } from "../../../src/model/files.ts";
import { isNotBefore, isSettled, PIECE, readFile } from "../../../src/store/files/digest.ts";
import { ahead, digest, FALSE_DIGEST, one, Place, rules } from "./support.ts";

/** Makes a run believe that a file which looks as it does now has other bytes, seen at some time: so it tells what it relies on. */
function mislead(place: Place, path: string, at: number): void {
  const files = place.run();
  files.note([{ ...one(files, path), digest: FALSE_DIGEST, at }]);
  files.close();
}

Deno.test("a file that looks as it did is not read again, in another process either", () => {
  using place = new Place({ a: "one" });
  mislead(place, "a", Date.now() + 10_000);
  assertEquals(one(place.run(), "a").mark, FALSE_DIGEST);
  assertEquals(one(place.run(), "a", "both").mark.slice(0, 64), FALSE_DIGEST);
  assertEquals(place.run().mark("a", "content"), FALSE_DIGEST);
});

Deno.test("a digest of a file that had changed within 2 seconds before, or after, is not relied on", () => {
  using place = new Place({ a: "one" });
  const { mtimeMs } = fs.statSync(place.full("a"));
  for (const at of [0, mtimeMs - 5_000, mtimeMs, mtimeMs + 1_900]) {
    mislead(place, "a", at);
    assertEquals(one(place.run(), "a").mark, digest("one"), `${at}`);
  }
  assertEquals(isSettled(1_000, 1_000, 3_000), false);
  assertEquals(isSettled(1_000, 1_000, 3_001), true);
  assertEquals(isSettled(1_000, 5_000, 3_001), false);
  assertEquals(isSettled(5_000, 1_000, 3_001), false);
});

Deno.test("an old time of change does not make a file settled: what was just written may be written again", () => {
  using place = new Place({ a: "one" });
  fs.utimesSync(place.full("a"), 1_000, 1_000);
  mislead(place, "a", Date.now());
  assertEquals(one(place.run(), "a").mark, digest("one"));
});

for (const what of ["size", "mtime", "ctime", "inode"] as const) {
  Deno.test(`a digest is relied on only if the ${what} is the same`, () => {
    using place = new Place({ a: "one" });
    const files = place.run();
    const seen = one(files, "a");
    const note = (change: Partial<SeenFile>) =>
      files.note([{ ...seen, digest: FALSE_DIGEST, at: Date.now() + 10_000, ...change }]);
    note({ [what]: seen[what] - 5_000 });
    files.close();
    assertEquals(one(place.run(), "a").mark, digest("one"));
    assertEquals(one(files, "a").mark, digest("one"));
    note({});
    files.close();
    assertEquals([one(files, "a").mark, one(place.run(), "a").mark], [FALSE_DIGEST, FALSE_DIGEST]);
  });
}

Deno.test("an edit of the same size with the time set back is noticed", () => {
  using place = new Place({ a: "one" });
  fs.utimesSync(place.full("a"), 1_000, 1_000);
  const files = place.run(), host = place.host();
  const before = one(files, "a");
  files.close();
  place.write("a", "two");
  fs.utimesSync(place.full("a"), 1_000, 1_000);
  assertEquals(host.changed([before], "content"), ["a"]);
  assertEquals(one(files, "a").mark, digest("two"));
  assertEquals(one(place.run(), "a").mark, digest("two"));
});

Deno.test("touch does not change the mark of content", () => {
  using place = new Place({ a: "one" });
  const files = place.run(), before = one(files, "a");
  fs.utimesSync(place.full("a"), 5_000, 5_000);
  assertEquals(one(files, "a").mark, before.mark);
  assertEquals(one(place.run(), "a").mark, before.mark);
  // While a task runs it counts: nobody knows what else has happened.
  assertEquals(place.host().changed([before], "content"), ["a"]);
  assertEquals(place.host().changed([before], "exists"), []);
});

Deno.test("a large file is read piece by piece", () => {
  using place = new Place();
  const bytes = new Uint8Array(2 * PIECE + 17).map((_, index) => index * 7 + (index >> 11));
  fs.writeFileSync(place.full("big"), bytes);
  assertEquals(one(place.run(), "big").digest, createHash("sha256").update(bytes).digest("hex"));
  assertEquals(readFile(place.full("big"), true)?.bytes, undefined);
});

Deno.test("a host tells which files are not as they were seen, by each trigger", () => {
  using place = new Place({ same: "1", edited: "1", touched: "1", removed: "1", replaced: "1", "d/x": "1" });
  const host = place.host();
  for (const path of ["same", "edited", "touched", "replaced"]) fs.utimesSync(place.full(path), 9_000, 9_000);
  const all = ["same", "edited", "touched", "removed", "replaced", "d", "created", "absent"];
  const before = {
    content: host.see(all, "content"),
    mtime: host.see(all, "mtime"),
    both: host.see(all, "both"),
    exists: host.see(all, "exists"),
  };
  assertEquals(before.content.map(({ mark }) => mark === ""), [...all].map((_, index) => index > 5));
  place.write("edited", "2");
  fs.utimesSync(place.full("edited"), 9_000, 9_000);
  fs.utimesSync(place.full("touched"), 10_000, 10_000);
  place.remove("removed");
  place.write("replacement", "1");
  fs.utimesSync(place.full("replacement"), 9_000, 9_000);
  fs.renameSync(place.full("replacement"), place.full("replaced"));
  place.write("d/y", "1");
  place.write("created", "1");
  const changed = Object.entries(before).map(([trigger, seen]) => [
    trigger,
    host.changed(seen, trigger as "content"),
  ]);
  assertEquals(Object.fromEntries(changed), {
    // Equal bytes are no proof: they may have been others in between.
    content: ["edited", "touched", "removed", "replaced", "d", "created"],
    mtime: ["touched", "removed", "replaced", "d", "created"],
    both: ["edited", "touched", "removed", "replaced", "d", "created"],
    exists: ["removed", "created"],
  });
});

Deno.test("a host relies on stamps where they can tell", () => {
  using place = new Place({ a: "one" });
  const host = place.host();
  const [seen] = host.see(["a"], "content");
  const wrong = { ...seen!, mark: FALSE_DIGEST, digest: FALSE_DIGEST };
  assertEquals(host.changed([{ ...wrong, at: Date.now() + 10_000 }], "content"), []);
  assertEquals(host.changed([wrong], "content"), ["a"]);
});

Deno.test("what hosts have seen is not read again", () => {
  using place = new Place({ a: "one", "d/b": "two" });
  using _ = ahead(10_000);
  const [seen, folder, gone] = place.host().see(["./a", "d", "gone"], "content");
  assertEquals([seen!.path, seen!.mark, gone!.mark], ["a", digest("one"), ""]);
  assertEquals(folder!.mark, place.run().mark("d", "content"));
  const files = place.run();
  files.note([{ ...seen!, digest: FALSE_DIGEST }, folder!, gone!]);
  assertEquals(one(files, "a").mark, FALSE_DIGEST);
});

Deno.test("without a cache, and with one that may not be written, digests live as long as the process", () => {
  using place = new Place({ a: "one" });
  for (const options of [{ cache: undefined }, { writable: false }]) {
    const files = place.run(options);
    files.note([{ ...one(files, "a"), digest: FALSE_DIGEST, at: Date.now() + 10_000 }]);
    assertEquals(one(files, "a").mark, FALSE_DIGEST);
    files.close();
    assertEquals(one(place.run(), "a").mark, digest("one"));
    assertEquals(fs.existsSync(`${place.cache}/blobs`), false);
    assertEquals(files.warnings(), []);
  }
});

Deno.test("a cache that is full or gone costs a warning", () => {
  using place = new Place({ a: "one" });
  const files = place.run();
  one(files, "a");
  fs.rmSync(place.cache, { recursive: true });
  place.write(".runner/cache", "a file");
  files.close();
  assertEquals(files.warnings().length, 1);
  assertEquals(files.warnings(), []);
});

Deno.test("while somebody watches, what was seen is taken to be unchanged until it is told", () => {
  using place = new Place({ a: "one", "d/b": "one", "d/x/c": "one" });
  const files = place.run();
  const given = rules({ inputs: ["a", "d/**", "d"] });
  const marks = () =>
    files.find(given).files.map(({ path, mark }) => `${path} ${mark === digest("one") ? 1 : 2}`);
  const first = ["a 1", "d/b 1", "d/x/c 1"];
  assertEquals(marks(), first);
  place.write("a", "before anybody watched");
  files.trust(true);
  assertEquals(marks(), ["a 2", ...first.slice(1)]);
  place.write("a", "one");
  place.write("d/b", "two");
  place.write("d/x/new", "two");
  assertEquals(marks(), ["a 2", ...first.slice(1)]);
  assertEquals(files.mark("d/b", "content"), digest("one"));
  files.changed(["d/b"]);
  assertEquals(marks(), ["a 2", "d/b 2", "d/x/c 1", "d/x/new 2"]);
  place.write("d/x/c", "two");
  place.remove("d/x/new");
  files.changed([place.full("d/x/new"), "d"]);
  assertEquals(marks(), ["a 2", "d/b 2", "d/x/c 2"]);
  files.trust(true);
  assertEquals(marks()[0], "a 2");
  files.trust(false);
  assertEquals(marks()[0], "a 1");
  files.trust(true);
  assertEquals(marks()[0], "a 1");
});

Deno.test("while somebody watches, what a task has just made counts, and so do other triggers", () => {
  using place = new Place({ "out/a": "one" });
  const files = place.run();
  files.trust(true);
  const inputs = ["out/*"];
  const found = () => files.find(rules({ inputs })).files.map(({ mark }) => mark);
  assertEquals(found(), [digest("one")]);
  assertEquals(one(files, "out/a", "exists").mark, "there");
  place.write("out/a", "two");
  place.write("out/b", "two");
  const seen = place.host().see(["out/a", "out/b"], "content");
  files.note(seen);
  assertEquals(found(), [digest("two"), digest("two")]);
  // A change that was told after it was seen: nobody knows which came first.
  place.write("out/a", "three");
  {
    using _ = ahead(1_000);
    files.changed(["out/a"]);
  }
  files.note(seen);
  assertEquals(found()[0], digest("three"));
});

Deno.test("whether a file has changed since a moment: by both of its times, as exact as they are", () => {
  const fine = (mtime: number, ctime: number) => isNotBefore(mtime, ctime, 50_700, false);
  assertEquals([fine(50_699, 50_000), fine(50_700, 50_000), fine(50_701, 50_000)], [false, true, true]);
  // Moved there, or with its time set back: a whole second does not tell whether that was before.
  assertEquals([fine(49_900, 50_000), fine(1_000, 50_000), fine(1_000, 49_000)], [true, true, false]);
  assertEquals([fine(1_000, 50_701), fine(1_000, 50_699.5), fine(1_000, 51_000)], [true, false, true]);
  // Set to the future: when that was done is what counts.
  assertEquals([fine(99_000, 49_000), fine(99_000, 50_000), fine(99_000, 51_000)], [false, true, true]);
  const coarse = (mtime: number) => isNotBefore(mtime, mtime, 50_700, true);
  assertEquals([coarse(48_000), coarse(49_000), coarse(50_000), coarse(51_000)], [false, true, true, true]);
});

Deno.test("a folder is as late as the latest that is in it", () => {
  using place = new Place({ "d/e/a": "a", "own/b": "b" });
  const host = place.host();
  const moment = Date.now() + 60_000;
  const seen = host.see(["d", "own/b", "gone"], "content");
  assertEquals(host.later(seen, moment, []), []);
  assertEquals(host.later(seen, 0, []), ["d", "own/b"]);
  assertEquals(host.later(seen, 0, ["own"]), ["d"]);
  // A file that was written right before is not certain to have been, unless it is known as an output.
  fs.utimesSync(place.full("own/b"), Date.now() / 1_000, Date.now() / 1_000);
  const [b] = host.see(["own/b"], "content");
  assertEquals(host.later([b!], b!.mtime + 3, []), ["own/b"]);
  assertEquals(host.later([b!], b!.mtime + 6, []), []);
  place.collect(["own/b"]);
  assertEquals(host.later([b!], b!.mtime + 3, []), []);
  for (const [path, time] of [["d/e/a", 5_000], ["d/e", 1_000], ["d", 3_000]] as const) {
    fs.utimesSync(place.full(path), time, time);
  }
  assertEquals(host.see(["d"], "content")[0]!.mtime, 5_000_000);
});

Deno.test("a link is marked by what it leads to", () => {
  using place = new Place({ "target/a": "one" });
  place.link("a", "target/a");
  const files = place.run();
  const before = one(files, "a");
  place.write("target/a", "two");
  assertEquals(place.host().changed([before], "content"), ["a"]);
  assertNotEquals(one(files, "a").mark, before.mark);
  assert(one(files, "a").size === 3);
});

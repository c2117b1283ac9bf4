/** The bytes of outputs in the cache: once, whole, piece by piece, and what becomes of damaged ones. */
import fs from "node:fs";
import zlib from "node:zlib";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { StoredFile } from "../../../src/model/files.ts";
import { PIECE } from "../../../src/store/files/digest.ts";
import { blobFile, picture, Place, restore } from "./support.ts";

Deno.test("a blob is written once, whole, at the level that is asked for", () => {
  using place = new Place({ a: "text ".repeat(1_000), b: "text ".repeat(1_000) });
  place.collect(["a"], 9);
  const file = blobFile(place, "text ".repeat(1_000));
  const before = fs.statSync(file);
  assert(before.size < 200);
  place.collect(["a", "b"], 0);
  assertEquals([fs.statSync(file).ino, fs.statSync(file).size], [before.ino, before.size]);
  fs.rmSync(file);
  place.collect(["b"], 0);
  assert(fs.statSync(file).size > 5_000);
  assertEquals(zlib.gunzipSync(fs.readFileSync(file)).toString(), place.read("a"));
  fs.rmSync(`${place.cache}/blobs`, { recursive: true });
  place.write(".runner/cache/blobs", "in the way");
  assertThrows(() => place.collect(["a"]));
  assertEquals(fs.readdirSync(`${place.cache}/tmp`), []);
});

Deno.test("a large file goes in and comes out piece by piece, and other programs can read it", () => {
  using place = new Place();
  const bytes = new Uint8Array(2 * PIECE + 5).map((_, index) => index ^ (index >> 9));
  fs.writeFileSync(place.full("big"), bytes);
  const stored = place.collect(["big"], 1);
  const { digest } = stored[0] as Extract<StoredFile, { kind: "file" }>;
  const blob = `${place.cache}/blobs/${digest.slice(0, 2)}/${digest.slice(2)}.gz`;
  assertEquals(zlib.gunzipSync(fs.readFileSync(blob)).equals(bytes), true);
  place.remove("big");
  assertEquals(restore(place, stored, ["big"]).kind, "restored");
  assertEquals(fs.readFileSync(place.full("big")).equals(bytes), true);
  fs.truncateSync(blob, fs.statSync(blob).size - 3);
  place.remove("big");
  assertEquals(restore(place, stored, ["big"]).kind, "unable");
  assertEquals(picture(place.cwd).includes("big"), false);
});

Deno.test("an empty file", () => {
  using place = new Place({ a: "" });
  const stored = place.collect(["a"]);
  place.remove("a");
  assertEquals(restore(place, stored, ["a"]).kind, "restored");
  assertEquals(place.read("a"), "");
});

Deno.test("a blob that is missing, torn or garbled: the task has to run; it is put aside, and kept anew", () => {
  const text = "some text ".repeat(20);
  const length = (() => {
    using place = new Place({ a: text });
    place.collect(["a"]);
    return fs.statSync(blobFile(place, text)).size;
  })();
  const damages: ((bytes: Uint8Array) => Uint8Array | undefined)[] = [
    () => undefined,
    () => new Uint8Array(0),
    (bytes) => bytes.subarray(0, 20),
    (bytes) => bytes.subarray(0, bytes.length - 1),
    (bytes) => Uint8Array.from([...bytes, 0]),
    (bytes) => Uint8Array.from([...bytes, ...bytes]),
    () => new Uint8Array(zlib.gzipSync(text)),
    () => new Uint8Array(other),
    ...Array.from({ length }, (_, at) => (bytes: Uint8Array) => bytes.with(at, bytes[at]! ^ 0x55)),
  ];
  using place = new Place({ a: text, b: "b" });
  const rules = ["a", "b"];
  const stored = place.collect(rules);
  // A sound blob of as many bytes, under the wrong name.
  place.write("c", text.toUpperCase());
  place.collect(["c"]);
  place.remove("c");
  const other = fs.readFileSync(blobFile(place, text.toUpperCase()));
  const file = blobFile(place, text), good = new Uint8Array(fs.readFileSync(file));
  for (const [index, damage] of damages.entries()) {
    place.write("a", index % 2 ? "edited by hand" : text);
    if (index % 2 === 0) place.remove("a");
    const bytes = damage(good);
    if (bytes === undefined) fs.rmSync(file);
    else fs.writeFileSync(file, bytes);
    const run = place.run();
    const dry = run.restore(stored, rules, true);
    const real = run.restore(stored, rules, false);
    assertEquals(dry, real);
    const change = index % 2 ? "edited" : "missing";
    assertEquals<unknown>(
      real,
      { kind: "unable", causes: [{ kind: "output", path: "a", change }] },
      `${index}`,
    );
    const warnings = run.warnings();
    assertEquals(warnings.length, bytes === undefined ? 0 : 1);
    if (bytes !== undefined) {
      assertMatch(
        warnings[0]!,
        /^the output a could not be brought back: its bytes in the cache are damaged; they were moved to .*damaged/,
      );
    }
    assertEquals(fs.readdirSync(place.cwd).sort(), index % 2 ? [".runner", "a", "b"] : [".runner", "b"]);
    // The task runs again, and the next run finds a good blob.
    place.write("a", text);
    place.collect(rules);
    assertEquals(new Uint8Array(fs.readFileSync(file)), good);
  }
});

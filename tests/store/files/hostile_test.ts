/** Entries that want to write where they must not, and working folders that would let them. */
import fs from "node:fs";
import { assertEquals } from "@std/assert";
import type { OutputRule, StoredFile } from "../../../src/model/files.ts";
import { digest, picture, Place } from "./support.ts";

const file = (path: string): StoredFile => ({
  kind: "file",
  path,
  digest: digest("evil"),
  size: 4,
  mode: 0o777,
});
const link = (path: string, target: string): StoredFile => ({ kind: "link", path, target });
const folder = (path: string): StoredFile => ({ kind: "folder", path, mode: 0o777 });

/** A place whose cache has the bytes that manifests speak of, and whose `out` is the output. */
function prey(): Place {
  const place = new Place({ "out/a": "evil", "../victim/v": "victim", "kept": "kept" });
  place.collect(["out"]);
  place.remove("out");
  return place;
}

const everything = (place: Place) => picture(place.full("..")).replaceAll(/^work\/\.runner\/.*$/gm, "");

const MANIFESTS: Record<
  string,
  { stored: StoredFile[]; rules?: OutputRule[]; also?: (place: Place) => void }
> = {
  "up and out": { stored: [file("../victim/v")] },
  "up from the declared folder": { stored: [file("out/../kept")] },
  "up, hidden in the middle": { stored: [file("out/x/../../../victim/v")] },
  "up from a glob": { stored: [file("out/../kept")], rules: ["out/**"] },
  "an absolute path": { stored: [file("/tmp/runner-hostile")] },
  "the absolute path of a declared one's neighbour": { stored: [file("/out/../victim/v")], rules: ["/out"] },
  "not declared": { stored: [file("kept")] },
  "declared, but left out again": { stored: [file("out/kept")], rules: ["out", "!out/kept"] },
  "a name that begins as the declared one does": { stored: [file("outside")] },
  "a folder above": { stored: [folder("..")] },
  "the folder itself, by another spelling": { stored: [file("./out/a")] },
  "with a trailing slash": { stored: [file("out/a/")] },
  "with an idle part": { stored: [file("out//a")] },
  "no name": { stored: [file("")] },
  "a zero byte": { stored: [file("out/a\0.txt")] },
  "through a link of its own": { stored: [link("out/l", "../../victim"), file("out/l/v")] },
  "through a link that is named later": { stored: [file("out/z/v"), link("out/z", "../../victim")] },
  "through a file of its own": { stored: [file("out/f"), file("out/f/v")] },
  "one path twice": { stored: [link("out/l", "../../victim"), folder("out/l"), file("out/l/v")] },
  "through a link that is there": {
    stored: [file("out/l/v")],
    also: (place) => {
      fs.mkdirSync(place.full("out"));
      place.link("out/l", "../../victim");
    },
  },
  "through the declared folder, which is a link": {
    stored: [file("out/v")],
    also: (place) => place.link("out", "../victim"),
  },
  "through a link above a declared file": {
    stored: [file("out/v")],
    rules: ["out/v"],
    also: (place) => place.link("out", "../victim"),
  },
  "through a dangling link": {
    stored: [file("out/new/v")],
    also: (place) => {
      fs.mkdirSync(place.full("out"));
      place.link("out/new", "../../made");
    },
  },
  "up, where the declared folder is above": { stored: [file("../../../victim/v")], rules: ["../victim"] },
};

for (const [what, { stored: evil, rules = ["out"], also }] of Object.entries(MANIFESTS)) {
  Deno.test(`refused: ${what}`, () => {
    using place = prey();
    // Whatever the rules ask for is there as well, so that nothing is refused for being absent.
    const asked = rules.includes("out/**") ? file("out/a") : folder(`${rules[0]}`);
    const stored = evil.some(({ path }) => path === asked.path) ? evil : [asked, ...evil];
    also?.(place);
    const before = everything(place);
    for (const dry of [true, false]) {
      const files = place.run();
      const outcome = files.restore(stored, rules, dry);
      assertEquals(outcome.kind, "unable");
      const named = outcome.kind === "unable"
        ? outcome.causes.map((cause) => "path" in cause && cause.path)
        : [];
      assertEquals(
        named.some((path) => path === "" || evil.some((one) => one.path === path)),
        true,
        `${named}`,
      );
      assertEquals(everything(place), before);
    }
    assertEquals(fs.existsSync("/tmp/runner-hostile"), false);
  });
}

Deno.test("allowed: what is declared outside the working folder", () => {
  using place = new Place({ "../near/a": "1", "../near/d/b": "2" });
  const near = fs.realpathSync(place.full("../near"));
  for (const rules of [["../near/a", "../near/d"], [`${near}/**`], [near], ["../near"]]) {
    const stored = place.collect(rules);
    const before = picture(near);
    fs.rmSync(`${near}/a`);
    fs.rmSync(`${near}/d/b`);
    assertEquals(place.run().restore(stored, rules, false).kind, "restored");
    assertEquals(picture(near), before);
  }
});

Deno.test("a folder that is in the way of a file, or a file in that of a folder, is nobody's to remove", () => {
  using place = new Place({ "out/a": "1", "out/d/b": "2" });
  const stored = place.collect(["out"]);
  place.remove("out/a");
  place.write("out/a/precious", "mine");
  assertEquals(place.run().restore(stored, ["out"], true).kind, "unable");
  assertEquals(place.run().restore(stored, ["out"], false), {
    kind: "unable",
    causes: [{ kind: "output", path: "out/a", change: "edited" }],
  });
  assertEquals(place.read("out/a/precious"), "mine");
  place.remove("out");
  place.write("out/d", "mine");
  assertEquals(place.run().restore(stored, ["out"], true).kind, "unable");
  assertEquals(place.run().restore(stored, ["out"], false).kind, "unable");
  assertEquals(place.read("out/d"), "mine");
});

Deno.test("modes beyond permissions are not brought back", () => {
  using place = new Place({ a: "evil" });
  place.collect(["a"]);
  place.remove("a");
  const stored: StoredFile = { kind: "file", path: "a", digest: digest("evil"), size: 4, mode: 0o4755 };
  assertEquals(place.run().restore([stored], ["a"], false).kind, "restored");
  assertEquals(fs.statSync(place.full("a")).mode & 0o7777, 0o755);
});

Deno.test("a file system that refuses: unable, with a warning, and nothing left behind", () => {
  using place = new Place({ "out/a": "1" });
  const stored = place.collect(["out"]);
  place.remove("out/a");
  const { renameSync } = fs;
  fs.renameSync = () => {
    throw new Error("read-only file system");
  };
  const files = place.run();
  try {
    assertEquals(files.restore(stored, ["out"], false).kind, "unable");
  } finally {
    fs.renameSync = renameSync;
  }
  assertEquals(files.warnings(), ["the output out/a could not be brought back: read-only file system"]);
  assertEquals(fs.readdirSync(place.full("out")), []);
});

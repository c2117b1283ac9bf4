/** Outputs: taken into the cache, looked at, brought back. */
import fs from "node:fs";
import zlib from "node:zlib";
import { assert, assertEquals } from "@std/assert";
import type { Restored } from "../../../src/model/file_ports.ts";
import type { OutputRule } from "../../../src/model/files.ts";
import { outputsSignature } from "../../../src/model/stored_outputs.ts";
import { ahead, blobFile, digest, one, picture, Place, restore } from "./support.ts";

Deno.test("what is collected: files, links, folders with all below, empty ones too", () => {
  using place = new Place({ "a.js": "a", "dist/b": "b", "dist/.c/d": "d", "x.map": "m" });
  fs.chmodSync(place.full("dist/b"), 0o755);
  fs.mkdirSync(place.full("dist/empty"));
  place.link("dist/up", "../a.js");
  place.link("dist/nowhere", "gone");
  place.link("dist/folder", ".c");
  place.link("l", "a.js");
  const stored = place.collect(["./a.js", "dist/", "l"]);
  const file = (path: string, text: string, mode = 0o644) => ({
    kind: "file",
    path,
    digest: digest(text),
    size: text.length,
    mode,
  });
  const folder = (path: string) => ({ kind: "folder", path, mode: 0o755 });
  const link = (path: string, target: string) => ({ kind: "link", path, target });
  assertEquals<unknown>(stored, [
    file("a.js", "a"),
    folder("dist"),
    folder("dist/.c"),
    file("dist/.c/d", "d"),
    file("dist/b", "b", 0o755),
    folder("dist/empty"),
    link("dist/folder", ".c"),
    link("dist/nowhere", "gone"),
    link("dist/up", "../a.js"),
    link("l", "a.js"),
  ]);
  assertEquals(zlib.gunzipSync(fs.readFileSync(blobFile(place, "d"))).toString(), "d");
  assertEquals(fs.readdirSync(`${place.cache}/tmp`), []);
});

Deno.test("globs of outputs: links are themselves, exceptions, own state left out", () => {
  using place = new Place({ "d/a.js": "a", "d/a.map": "m", "d/.x/b.js": "b", ".runner/c.js": "c" });
  place.link("d/l.js", "gone.js");
  place.link("d/folder", ".x");
  const found = (...rules: OutputRule[]) => place.collect(rules).map(({ path }) => path);
  assertEquals(found("**/*.js"), ["d/.x/b.js", "d/a.js", "d/l.js"]);
  assertEquals(found("d/**"), ["d/.x/b.js", "d/a.js", "d/a.map", "d/folder", "d/l.js"]);
  assertEquals(found("d", "!d/.x", "!**/*.map"), ["d", "d/a.js", "d/folder", "d/l.js"]);
  assertEquals(found({ path: "d/*.map" }, "d/a.map"), ["d/a.map"]);
});

Deno.test("missing outputs: a file that is not there, a glob that nothing fits", () => {
  using place = new Place({ "a": "a" });
  const outcome = place.host().collect(["a", "gone", "d/gone", "*.none", "a/below"], 6);
  assertEquals(outcome, {
    kind: "absent",
    missing: ["gone", "d/gone", "*.none", "a/below"],
    old: [],
    before: [],
  });
  assertEquals(place.host().collect(["a*", "!a"], 6), {
    kind: "absent",
    missing: ["a*"],
    old: [],
    before: [],
  });
});

Deno.test("an output that is older than it may be: not collected, and made anew", () => {
  using place = new Place({ a: "a", "d/b": "b" });
  const rules = [{ path: "a", maxAge: 60_000 }, { path: "d/*", maxAge: 5_000 }];
  const stored = place.collect(rules);
  assertEquals(restore(place, stored, rules), { kind: "intact" });
  fs.utimesSync(place.full("d/b"), new Date(), Date.now() / 1_000 - 30);
  assertEquals(place.host().collect(rules, 6), { kind: "absent", missing: [], old: ["d/b"], before: [] });
  const causes = (change: string) => ({ kind: "unable", causes: [{ kind: "output", path: "d/b", change }] });
  assertEquals<unknown>(restore(place, stored, rules), causes("too old"));
  place.remove("d/b");
  assertEquals<unknown>(restore(place, stored, rules), causes("missing"));
  place.write("d/b", "x");
  assertEquals<unknown>(restore(place, stored, rules), causes("edited"));
});

Deno.test("folders of outputs are made beforehand, those that globs begin with too", () => {
  using place = new Place();
  place.host().prepare(
    ["a/b/c.js", { path: "d/e" }, "top", "g/h/*.js", "**/x", "!n/o", "../near/x"],
    () => [],
    [],
  );
  assertEquals(picture(place.cwd).split("\n").filter((line) => !line.startsWith(".runner")), [
    "a/ 755",
    "a/b/ 755",
    "d/ 755",
    "g/ 755",
    "g/h/ 755",
  ]);
  assert(fs.existsSync(place.full("../near")));
});

Deno.test("intact outputs are left as they are", () => {
  using place = new Place({ a: "a", "d/b": "b" });
  place.link("d/l", "gone");
  const rules = ["a", "d"];
  const stored = place.collect(rules);
  const stats = () =>
    ["a", "d", "d/b", "d/l"].map((path) => fs.lstatSync(place.full(path), { bigint: true }));
  const before = stats();
  assertEquals(restore(place, stored, rules), { kind: "intact" });
  assertEquals(restore(place, place.collect(["a"]), ["a"]), { kind: "intact" });
  fs.rmSync(`${place.cache}/blobs`, { recursive: true });
  assertEquals(restore(place, stored, rules), { kind: "intact" });
  const times = (list: ReturnType<typeof stats>) =>
    list.map(({ ino, mtimeNs, ctimeNs }) => [ino, mtimeNs, ctimeNs]);
  assertEquals(times(stats()), times(before));
  // A touched file has the bytes it had.
  fs.utimesSync(place.full("a"), 5_000, 5_000);
  assertEquals(restore(place, stored, rules), { kind: "intact" });
  assertEquals(fs.statSync(place.full("a")).mtimeMs, 5_000_000);
});

Deno.test("what is deleted, edited, or of another mode comes back; the rest is untouched", () => {
  using place = new Place({ a: "a", b: "b", "d/e/f": "f", "d/g": "g", "d/empty/x": "" });
  place.remove("d/empty/x");
  fs.chmodSync(place.full("a"), 0o600);
  fs.chmodSync(place.full("d/e"), 0o700);
  place.link("d/l", "../a");
  const rules = ["a", "b", "d"];
  const stored = place.collect(rules);
  const before = picture(place.cwd);
  const same = fs.statSync(place.full("b")).ino;
  const damages: [string, () => void, string[]][] = [
    ["deleted", () => place.remove("a"), ["a"]],
    ["edited", () => place.write("a", "A"), ["a"]],
    ["longer", () => place.write("a", "aa"), ["a"]],
    ["a link in its place", () => (place.remove("d/g"), place.link("d/g", "../b")), ["d/g"]],
    ["another link", () => (place.remove("d/l"), place.link("d/l", "../b")), ["d/l"]],
    ["a file for a link", () => (place.remove("d/l"), place.write("d/l", "a")), ["d/l"]],
    ["mode", () => fs.chmodSync(place.full("a"), 0o644), ["a"]],
    ["folder mode", () => fs.chmodSync(place.full("d/e"), 0o755), ["d/e"]],
    ["empty folder", () => place.remove("d/empty"), ["d/empty"]],
    ["all of a folder", () => place.remove("d"), ["d", "d/e", "d/e/f", "d/empty", "d/g", "d/l"]],
  ];
  for (const [what, damage, expected] of damages) {
    damage();
    assertEquals(restore(place, stored, rules), { kind: "restored", paths: expected }, what);
    assertEquals(picture(place.cwd), before, what);
    assertEquals(restore(place, stored, rules), { kind: "intact" }, what);
  }
  assertEquals(fs.statSync(place.full("b")).ino, same);
  place.write("d/extra", "mine");
  place.remove("d/g");
  assertEquals(restore(place, stored, rules), { kind: "restored", paths: ["d/g"] });
  assertEquals(place.read("d/extra"), "mine");
});

Deno.test("what was brought back is an input like others: nothing is remembered of what it was", () => {
  using place = new Place({ a: "a" });
  const stored = place.collect(["a"]);
  const files = place.run();
  files.trust(true);
  place.write("a", "x");
  assertEquals(one(files, "a").mark, digest("x"));
  assertEquals(files.restore(stored, ["a"], false).kind, "restored");
  assertEquals(one(files, "a").mark, digest("a"));
});

Deno.test("outputs are known by their stamps the next time, and looked at while somebody watches too", () => {
  using place = new Place({ a: "a" });
  const files = place.run();
  const stored = place.collect(["a"]);
  {
    using _ = ahead(10_000);
    assertEquals(files.restore(stored, ["a"], false), { kind: "intact" });
  }
  files.close();
  const again = place.run();
  again.trust(true);
  assertEquals(again.restore(stored, ["a"], false), { kind: "intact" });
  // Of another size: the clock that was moved ahead tells nothing of a change in the same moment.
  place.write("a", "xyz");
  assertEquals(again.restore(stored, ["a"], false).kind, "restored");
});

Deno.test("without a cache outputs are still known, but not brought back; one that is read-only is left alone", () => {
  using place = new Place({ a: "a" });
  const collected = place.host(undefined).collect(["a"], 6);
  if (collected.kind === "absent") throw new Error("absent");
  const { stored } = collected;
  const memory = place.run({ cache: undefined });
  assertEquals(memory.restore(stored, ["a"], false), { kind: "intact" });
  place.remove("a");
  assertEquals(memory.restore(stored, ["a"], false).kind, "unable");
  place.write("a", "a");
  place.collect(["a"]);
  place.remove("a");
  const readOnly = place.run({ writable: false });
  assertEquals(readOnly.restore(stored, ["a"], false).kind, "restored");
  fs.writeFileSync(blobFile(place, "a"), "x");
  place.remove("a");
  assertEquals(readOnly.restore(stored, ["a"], false).kind, "unable");
  assertEquals(fs.readFileSync(blobFile(place, "a"), "utf8"), "x");
});

Deno.test("rules that have come since an entry was made are not met by it", () => {
  using place = new Place({ a: "a", b: "b", "c.js": "c" });
  const stored = place.collect(["a"]);
  const missing = (path: string) => ({
    kind: "unable",
    causes: [{ kind: "output", path, change: "missing" }],
  });
  assertEquals<unknown>(restore(place, stored, ["a", "b"]), missing("b"));
  assertEquals<unknown>(restore(place, stored, ["a", "*.js"]), missing("*.js"));
  assertEquals(restore(place, stored, ["a", "b", "!b"]), { kind: "intact" });
});

Deno.test("the signature of plain outputs that are known is that of their entry; of others there is none", () => {
  using place = new Place({ a: "a", b: "b", "d/c": "c" });
  place.link("l", "a");
  const files = place.run();
  const stored = place.collect(["b", "a"]);
  assertEquals(files.signature(["a", "b"]), "");
  {
    using _ = ahead(10_000);
    files.restore([...stored, ...place.collect(["d/c"])], ["a", "b", "d/c"], false);
  }
  const signature = files.signature(["b", { path: "./a" }]);
  assertEquals(signature, outputsSignature(stored));
  for (const rules of [["gone"], ["d"], ["l"], ["*"], ["a", "!a"], [{ path: "a", maxAge: 1_000 }]]) {
    assertEquals(files.signature(rules), "");
  }
  fs.chmodSync(place.full("a"), 0o755);
  assertEquals(files.signature(["a", "b"]) === signature, false);
  place.write("b", "x");
  assertEquals(files.signature(["a", "b"]) === signature, false);
});

Deno.test("two runs bring back one output at once", () => {
  using place = new Place({ "d/a": "a" });
  const stored = place.collect(["d"]);
  place.remove("d");
  const [one, two] = [place.run(), place.run()];
  // The second one looks, then the first one writes, then the second one writes.
  const { openSync } = fs;
  let first: Restored | undefined;
  fs.openSync = ((...given: Parameters<typeof openSync>) => {
    fs.openSync = openSync;
    first = one.restore(stored, ["d"], false);
    return openSync(...given);
  }) as typeof openSync;
  const second = two.restore(stored, ["d"], false);
  assertEquals([first?.kind, second.kind], ["restored", "restored"]);
  assertEquals(picture(place.full("d")), `a 644 ${digest("a")}`);
});

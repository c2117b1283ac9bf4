import fs from "node:fs";
import zlib from "node:zlib";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { type Future, run, type RunOptions, type RunResult } from "../../mod.ts";
import { encode } from "../../src/model/codec/encode.ts";
import {
  chooses,
  failing,
  give,
  loud,
  make,
  printing,
  report,
  second,
  size,
  VALUES,
  word,
} from "../fixtures/cached.ts";
import { filesEnding, treeOf } from "../support/files.ts";
import { nothingLeft } from "../support/leaks.ts";
import { failuresOf } from "../support/outcome.ts";
import { Recorder } from "../support/recorder.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

/** A folder with a cache, and runs on it. */
class Place implements Disposable {
  private readonly temp: TempFolder = tempFolder();
  readonly folder: string = this.temp.path;
  readonly cache: string = `${this.folder}/cache`;
  readonly log: string = `${this.folder}/log`;
  recorder: Recorder = new Recorder();
  /** Runs a target; nothing may be left behind. */
  async run<T>(target: Future<T>, options: RunOptions = {}): Promise<RunResult<T>> {
    this.recorder = new Recorder();
    const reporter = this.recorder;
    const state = `${this.folder}/state`;
    const result = await run(target, { cache: this.cache, state, workers: 2, reporter, ...options });
    await nothingLeft(this.cache);
    return result as RunResult<T>;
  }
  /** Takes what tasks have noted. */
  logged(): readonly string[] {
    if (!fs.existsSync(this.log)) return [];
    const lines = fs.readFileSync(this.log, "utf8").trim().split("\n");
    fs.rmSync(this.log);
    return lines;
  }
  /** The one result file of a task. */
  result(task: string): string {
    const files = filesEnding(`${this.cache}/${task}`, ".result.gz");
    assertEquals(files.length, 1);
    return files[0]!;
  }
  [Symbol.dispose](): void {
    this.temp[Symbol.dispose]();
  }
}

Deno.test("values of every kind come back the same from a run, the cache, and zcat", async () => {
  using place = new Place();
  const names = Object.keys(VALUES);
  const both = [];
  for (let round = 0; round < 2; round++) {
    const state = `${place.folder}/state`;
    both.push(await run(names.map((name) => give(name)), { cache: place.cache, state, workers: 2 }));
  }
  assertEquals(both.map(({ stats }) => stats.ran), [names.length, 0]);
  for (const { value } of both) {
    names.forEach((name, index) => {
      assertEquals([...encode(value[index])], [...encode(VALUES[name])], name);
    });
  }
  const stored = filesEnding(place.cache, ".result.gz").map((file) =>
    zlib.gunzipSync(fs.readFileSync(file)).toString("hex")
  );
  const expected = names.map((name) => encode(VALUES[name])).map((bytes) =>
    [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  );
  assertEquals(stored.toSorted(), expected.toSorted());
  await nothingLeft(place.cache);
});

Deno.test("the layout: two files for a quiet task, output and links where there are some", async () => {
  using place = new Place();
  const { log } = place;
  await place.run(size({ of: make({ n: 5, log }), log }));
  await place.run(printing("hello"));
  const [entry] = filesEnding(`${place.cache}/make%20bytes`, ".json");
  assertEquals(fs.readdirSync(entry!.slice(0, entry!.lastIndexOf("/"))).length, 2);
  const [link] = filesEnding(`${place.cache}/size`, "make%20bytes");
  assertEquals(fs.realpathSync(link!), entry!.slice(0, entry!.lastIndexOf("/")));
  const about = JSON.parse(fs.readFileSync(filesEnding(`${place.cache}/size`, ".json")[0]!, "utf8"));
  assertEquals(about.task, "size");
  assertMatch(about.input, /^\{ log: ".*", of: make bytes‹[0-9a-f]{8}› \}$/);
  assertEquals(about.upstreams.map((one: { task: string }) => one.task), ["make bytes"]);
  assertEquals(fs.readFileSync(filesEnding(place.cache, ".stdout.txt")[0]!, "utf8"), "hello\n");
  assertEquals(fs.readFileSync(filesEnding(place.cache, ".stderr.txt")[0]!, "utf8"), "hello!\n");
  assertEquals(filesEnding(place.cache, ".stdout.txt").length, 1);
  assertEquals(filesEnding(place.cache, ".data"), []);
});

for (const n of [50, 100_000]) {
  Deno.test(`a damaged result of ${n} bytes is computed again: right value, one warning, set aside`, async () => {
    for (const keepIndex of [true, false]) {
      using place = new Place();
      const { log } = place;
      const target = size({ of: make({ n, log }), log });
      const { value } = await place.run(target);
      assertEquals(place.logged(), [`make ${n}`, "size"]);
      const file = place.result("make%20bytes");
      const bytes = fs.readFileSync(file);
      fs.writeFileSync(file, bytes.with(70, bytes[70]! ^ 1));
      if (!keepIndex) fs.rmSync(`${place.cache}/index`);
      // The dependent runs, so that somebody reads the damaged result.
      const again = await place.run(target, { force: ["size"] });
      assertEquals([again.value, place.logged()], [value, [`make ${n}`, "size"]]);
      const { warnings } = place.recorder;
      assertEquals(warnings.length, 1, warnings.join("\n"));
      assertMatch(warnings[0]!, /^a stored result of make bytes .*damaged.*computed again/);
      assertEquals(fs.readdirSync(`${place.cache}/damaged`).length, 1);
      const { stats } = await place.run(target);
      assertEquals([stats.ran, place.recorder.warnings], [0, []]);
    }
  });
}

Deno.test("a damaged result that is wanted itself is computed again", async () => {
  using place = new Place();
  const target = make({ n: 100_000, log: place.log });
  const { value } = await place.run(target);
  fs.writeFileSync(place.result("make%20bytes"), "");
  const again = await place.run(target);
  assertEquals([again.value, again.stats.ran], [value, 1]);
  assertEquals(place.recorder.warnings.length, 1);
});

Deno.test("a damaged entry that holds calls is computed again", async () => {
  using place = new Place();
  const target = chooses({ n: 9, log: place.log });
  await place.run(target);
  const file = place.result("chooses");
  const bytes = fs.readFileSync(file);
  // Another kind: the expression would be taken for a value.
  fs.writeFileSync(file, bytes.with(17, 0));
  fs.rmSync(`${place.cache}/index`);
  const { value, stats } = await place.run(target);
  assertEquals([value.made.length, stats.ranByTask], [9, { chooses: 1 }]);
  assertEquals(place.recorder.warnings.length, 1);
});

Deno.test("the folder of a task stays with its entry: the path in the result is valid after the run and on a hit", async () => {
  using place = new Place();
  const first = await place.run(report(1));
  assertEquals(first.value.before, []);
  assertEquals(fs.readFileSync(first.value.path, "utf8"), "report 1\n");
  const hit = await place.run(report(1));
  assertEquals([hit.stats.ran, hit.value], [0, first.value]);
  const forced = await place.run(report(1), { force: true });
  assertEquals([forced.stats.ran, forced.value.before], [1, []]);
  assertEquals(fs.readFileSync(forced.value.path, "utf8"), "report 1\n");
  assertEquals(filesEnding(place.cache, ".data").length, 1);
  assertEquals(filesEnding(place.cache, ".owner"), []);
});

Deno.test("attempts of one task do not see each other's files", async () => {
  using place = new Place();
  const { value } = await place.run(second(1));
  assertEquals([value.attempt, value.found], [2, []]);
  assertEquals(fs.readdirSync(value.path), ["2"]);
  assertEquals(filesEnding(place.cache, ".data").length, 1);
});

Deno.test("a failure is never stored, nor what it left", async () => {
  using place = new Place();
  const gate = `${place.folder}/gate`;
  fs.writeFileSync(gate, "");
  for (let round = 0; round < 2; round++) {
    const [failure] = await failuresOf(place.run(failing(gate)));
    assertEquals([failure!.error.message, failure!.output.stdout], ["it is there", "tried\n"]);
    assertEquals(filesEnding(place.cache, ".result.gz"), []);
    assertEquals(filesEnding(place.cache, ".data"), []);
  }
  fs.rmSync(gate);
  const { value, stats } = await place.run(failing(gate));
  assertEquals([value, stats.ran], ["done", 1]);
  await nothingLeft(place.cache);
});

Deno.test("a cache that may only be read: entries are used, new results are not kept, nothing is written", async () => {
  using place = new Place();
  const { log } = place;
  await place.run(make({ n: 3, log }));
  place.logged();
  const before = treeOf(place.cache, true);
  const target = size({ of: make({ n: 3, log }), log });
  for (let round = 0; round < 2; round++) {
    const { value } = await place.run(target, { cache: { path: place.cache, readOnly: true } });
    assertEquals([value, place.logged()], [6, ["size"]]);
  }
  assertEquals(treeOf(place.cache, true), before);
});

/** Mounts something at a folder for the time of a test; false when that is not allowed. */
function mount(...words: readonly string[]): boolean {
  return new Deno.Command("mount", { args: [...words], stderr: "null" }).outputSync().success;
}
/** Whether this user may mount. */
const mayMount = (() => {
  using temp = tempFolder();
  if (!mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", temp.path)) return false;
  new Deno.Command("umount", { args: [temp.path] }).outputSync();
  return true;
})();
/** Undoes a mount. */
function unmounting(path: string): Disposable {
  return { [Symbol.dispose]: () => void new Deno.Command("umount", { args: ["-l", path] }).outputSync() };
}

Deno.test({
  name: "a cache on a file system that cannot be written is used like one that may only be read",
  ignore: !mayMount,
  fn: async () => {
    using place = new Place();
    const { log } = place;
    await place.run(make({ n: 3, log }));
    place.logged();
    mount("--bind", place.cache, place.cache);
    using _mounted = unmounting(place.cache);
    assert(mount("-o", "remount,ro,bind", place.cache));
    const { value, stats } = await place.run(size({ of: make({ n: 3, log }), log }));
    assertEquals([value, stats.ran, place.logged()], [6, 1, ["size"]]);
    assertEquals(place.recorder.warnings, [
      `the cache ${place.cache} cannot be written: its entries are used, new results are not kept`,
    ]);
  },
});

Deno.test({
  name: "a full disk: the value is right, and one warning says that nothing is stored",
  ignore: !mayMount,
  fn: async () => {
    using place = new Place();
    const { log } = place;
    fs.mkdirSync(place.cache);
    mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", place.cache);
    using _mounted = unmounting(place.cache);
    const names = Array.from({ length: 40 }, (_, index) => `${index}-`.repeat(20));
    fs.writeFileSync(`${place.cache}/CACHEDIR.TAG`, "# runner cache, format 1\n");
    fs.writeFileSync(`${place.cache}/ballast`, new Uint8Array(200_000));
    const state = `${place.folder}/state`;
    const recorder = new Recorder();
    const { value, notStored } = await run(
      [...names.map((name) => printing(name)), size({ of: make({ n: 9, log }), log })],
      { cache: place.cache, state, workers: 2, reporter: recorder },
    );
    assertEquals(value, [...names.map((name) => name.length), 18]);
    assertMatch(notStored ?? "", /^results are not being cached: .*no space left on device/i);
    assertEquals(recorder.warnings.length, 1, recorder.warnings.join("\n"));
    await nothingLeft(place.cache);
  },
});

Deno.test("the memory keeps results from run to run; none keeps nothing; both write no file", async () => {
  using place = new Place();
  const { log } = place;
  const target = size({ of: make({ n: 100_000, log }), log });
  const options = { cache: "memory" } as const;
  assertEquals((await place.run(target, options)).stats.ran, 2);
  assertEquals((await place.run(target, options)).stats.ran, 0);
  assertEquals(place.logged(), ["make 100000", "size"]);
  assertEquals(await target.clear({ cache: "memory" }), 1);
  assertEquals((await place.run(target, options)).stats.ranByTask, { size: 1 });
  for (let round = 0; round < 2; round++) {
    assertEquals((await place.run(target, { cache: "none" })).stats.ran, 2);
  }
  assertEquals(fs.existsSync(place.cache), false);
  assertEquals(await make.clearAll({ cache: "memory" }), 1);
});

Deno.test("what is cleared is computed again in the same process; dependents only if the result has changed", async () => {
  using place = new Place();
  const { log, cache } = place;
  const file = `${place.folder}/world`;
  const call = word(file);
  const target = loud({ word: call, log });
  fs.writeFileSync(file, "one two");
  assertEquals((await place.run(target)).value, "ONE");
  place.logged();
  fs.writeFileSync(file, "one three");
  assertEquals((await place.run(target)).stats.ran, 0);
  assertEquals(await call.clear({ cache }), 1);
  const same = await place.run(target);
  assertEquals([same.stats.ranByTask, place.logged()], [{ word: 1 }, []]);
  fs.writeFileSync(file, "two three");
  assertEquals(await word.clearAll({ cache }), 1);
  const other = await place.run(target);
  assertEquals([other.value, place.logged()], ["TWO", ["loud"]]);
  assertEquals(await call.clear({ cache }), 1);
  assertEquals(await call.clear({ cache }), 0);
});

Deno.test("two results of one call under two validities do not disturb each other's folders", async () => {
  using place = new Place();
  const { value } = await place.run(report(7));
  const other = await place.run(report(8));
  assertNotEquals(value.path, other.value.path);
  assertEquals(fs.readFileSync(value.path, "utf8"), "report 7\n");
});

import fs from "node:fs";
import zlib from "node:zlib";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { digestOf } from "../../src/model/digest.ts";
import { EnvironmentError } from "../../src/model/failure.ts";
import { DiskCache } from "../../src/store/disk_cache.ts";
import { isOrphan, ownerName } from "../../src/store/owner.ts";
import { packResult } from "../../src/store/result_format.ts";
import { keyOf, validityOf } from "../support/cache_contract.ts";
import { filesEnding, treeOf } from "../support/files.ts";
import { leftInCache } from "../support/leaks.ts";
import { type DiskPlace, diskPlace, request } from "../support/store.ts";
import { tempFolder } from "../support/temp.ts";

const [KEY, VALID] = [keyOf(1), validityOf(1)];
const SMALL = new TextEncoder().encode("a small result");
const LARGE = new Uint8Array(50_000).map((_, index) => index % 251);

/** What a run that finds nothing in the index gets for an entry: its bytes, or nothing. */
function fetch(cache: DiskCache): Uint8Array | undefined {
  const hit = cache.lookup("t", KEY, VALID);
  const bytes = hit && cache.read(hit);
  return bytes && new Uint8Array(bytes);
}

/** Does something to the result file of an entry. */
function meddle(place: DiskPlace, change: (file: string, bytes: Uint8Array) => void): void {
  const [file] = filesEnding(place.folder, ".result.gz");
  change(file!, fs.readFileSync(file!));
}

const DAMAGES: Readonly<Record<string, (file: string, bytes: Uint8Array) => void>> = {
  "empty": (file) => fs.writeFileSync(file, ""),
  "cut to the header": (file, bytes) => fs.writeFileSync(file, bytes.subarray(0, 60)),
  "cut in the header": (file, bytes) => fs.writeFileSync(file, bytes.subarray(0, 30)),
  "cut by a byte": (file, bytes) => fs.writeFileSync(file, bytes.subarray(0, bytes.length - 1)),
  "foreign": (file) =>
    fs.writeFileSync(file, "something else entirely, and long enough to hold a header of any kind"),
  "foreign gzip": (file) => fs.writeFileSync(file, zlib.gzipSync(crypto.getRandomValues(new Uint8Array(90)))),
  "of a newer version": (file, bytes) => fs.writeFileSync(file, bytes.with(16, 2)),
  "of another kind": (file, bytes) => fs.writeFileSync(file, bytes.with(17, 1)),
  "with another digest": (file, bytes) => fs.writeFileSync(file, bytes.with(25, bytes[25]! ^ 1)),
  "with another byte inside": (file, bytes) =>
    fs.writeFileSync(file, bytes.with(bytes.length - 12, bytes.at(-12)! ^ 0x10)),
  "with another checksum": (file, bytes) =>
    fs.writeFileSync(file, bytes.with(bytes.length - 6, bytes.at(-6)! ^ 1)),
};

for (const [what, damage] of Object.entries(DAMAGES)) {
  for (const [size, bytes] of [["small", SMALL], ["large", LARGE]] as const) {
    Deno.test(`a ${size} result that is ${what}: a miss, one warning, set aside, stored anew`, () => {
      using place = diskPlace();
      place.storage.publish(request({ key: KEY, validity: VALID, bytes }));
      meddle(place, damage);
      const cache = place.reopen();
      assertEquals(fetch(cache), undefined);
      assertEquals(fetch(cache), undefined);
      const warnings = cache.warnings();
      assertEquals(warnings.length, 1);
      assertMatch(
        warnings[0]!,
        /^a stored result( of t)? is damaged: its? .*; it is computed again, and the file was moved to .*\/damaged\//,
      );
      assertEquals(fs.readdirSync(`${place.folder}/damaged`).length, 1);
      assertEquals(filesEnding(place.folder, `${VALID}.result.gz`).length, 1);
      place.storage.publish(request({ key: KEY, validity: VALID, bytes }));
      assertEquals(fetch(cache), bytes);
      assertEquals(fetch(place.reopen()), bytes);
    });
  }
}

Deno.test("damage behind the index's back: never a wrong value", () => {
  for (const [what, damage] of Object.entries(DAMAGES)) {
    for (const bytes of [SMALL, LARGE]) {
      using place = diskPlace();
      place.put("t", KEY, VALID, bytes);
      place.cache.close();
      meddle(place, damage);
      const got = fetch(place.reopen());
      assert(got === undefined || digestOf(got) === digestOf(bytes), what);
    }
  }
});

Deno.test("the index lost, garbled, torn or older: the same results", () => {
  using place = diskPlace();
  for (let number = 0; number < 40; number++) {
    place.put("t", keyOf(number), VALID, new Uint8Array(number * 20).fill(number));
  }
  place.cache.close();
  const index = `${place.folder}/index`;
  const bytes = fs.readFileSync(index);
  const states: Record<string, () => void> = {
    whole: () => {},
    lost: () => fs.rmSync(index),
    garbled: () => fs.writeFileSync(index, crypto.getRandomValues(new Uint8Array(bytes.length))),
    torn: () => fs.writeFileSync(index, bytes.subarray(0, 1_000)),
    longer: () => fs.writeFileSync(index, new Uint8Array([...bytes, ...bytes.subarray(0, 77)])),
    empty: () => fs.writeFileSync(index, ""),
    "a folder": () => {
      fs.rmSync(index, { force: true });
      fs.mkdirSync(index);
    },
  };
  for (const [what, make] of Object.entries(states)) {
    make();
    const cache = place.reopen();
    for (let number = 0; number < 40; number++) {
      const hit = cache.lookup("t", keyOf(number), VALID);
      if (hit === undefined) throw new Error(`${what}: entry ${number} is not found`);
      assertEquals(new Uint8Array(cache.read(hit)!), new Uint8Array(number * 20).fill(number), what);
    }
    cache.close();
    const warnings = cache.warnings();
    if (what === "a folder") assertMatch(warnings[0]!, /the index of the cache could not be written/);
    else assertEquals(warnings, []);
    fs.rmSync(index, { recursive: true, force: true });
    fs.writeFileSync(index, bytes);
  }
});

Deno.test("a file that was replaced wins over the index", () => {
  for (const many of [1, 300]) {
    using place = diskPlace();
    for (let number = 2; number <= many; number++) place.put("t", keyOf(number), VALID, SMALL);
    place.put("t", KEY, VALID, SMALL);
    place.cache.close();
    const [file] = filesEnding(`${place.folder}/t/results/${KEY}`, ".result.gz");
    const other = new TextEncoder().encode("another result");
    // Of the same size and time: only the file system's number for it differs.
    const { atime, mtime, size } = fs.statSync(file!);
    fs.writeFileSync(`${file}.new`, packResult(other, digestOf(other), 0, 6));
    fs.utimesSync(`${file}.new`, atime, mtime);
    fs.renameSync(`${file}.new`, file!);
    assertEquals(fs.statSync(file!).size, size);
    assertEquals(fetch(place.reopen()), other, `with ${many} entries`);
  }
});

Deno.test("an entry whose file was removed is a miss", () => {
  using place = diskPlace();
  place.put("t", KEY, VALID, SMALL);
  place.cache.close();
  meddle(place, (file) => fs.rmSync(file));
  const cache = place.reopen();
  assertEquals(fetch(cache), undefined);
  assertEquals(cache.warnings(), []);
});

Deno.test("a quiet result is two files in one folder; output, links and a folder come only when there are any", () => {
  using place = diskPlace();
  const { storage, folder } = place;
  storage.publish(request({ key: KEY, validity: VALID, bytes: SMALL }));
  const entry = `${folder}/t/results/${KEY}`;
  assertEquals(fs.readdirSync(entry).sort(), [`${VALID}.json`, `${VALID}.result.gz`]);
  const printed = `${folder}/../printed`;
  fs.writeFileSync(printed, "hello\n");
  const directory = storage.directory("u/[x]", keyOf(2), VALID);
  fs.writeFileSync(`${directory}/made`, "by the task");
  storage.publish(request({
    task: "u/[x]",
    key: keyOf(2),
    validity: VALID,
    bytes: SMALL,
    stdout: printed,
    directory,
    upstreams: [{ name: "t", task: "t", key: KEY, digest: digestOf(SMALL) }],
  }));
  const full = `${folder}/u%2F%5Bx%5D/results/${keyOf(2)}`;
  assertEquals(
    fs.readdirSync(full).sort(),
    ["data", "json", "result.gz", "stdout.txt", "upstream"].map((end) => `${VALID}.${end}`),
  );
  assertEquals(fs.readFileSync(`${full}/${VALID}.stdout.txt`, "utf8"), "hello\n");
  assertEquals(fs.readFileSync(`${directory}/made`, "utf8"), "by the task");
  assertEquals(fs.realpathSync(`${full}/${VALID}.upstream/t`), fs.realpathSync(entry));
  const about = JSON.parse(fs.readFileSync(`${full}/${VALID}.json`, "utf8"));
  assertEquals(about.directory, `${VALID}.data`);
  assertEquals([about.task, about.key, about.validity], ["u/[x]", keyOf(2), VALID]);
  assertEquals(leftInCache(folder), []);
});

Deno.test("two hosts at one entry: the first result counts, and the second is told", () => {
  using place = diskPlace();
  const [one, other] = [place.host(1), place.host(2)];
  const [first, second] = [new Uint8Array([1]), new Uint8Array([2])];
  const folders = [one, other].map((host) => host.directory("t", KEY, VALID));
  assert(folders[0] !== folders[1], "each attempt has a folder of its own");
  fs.writeFileSync(`${folders[1]}/theirs`, "");
  assertEquals(
    one.publish(request({ key: KEY, validity: VALID, bytes: first, directory: folders[0] })).adopted,
    undefined,
  );
  const late = other.publish(request({ key: KEY, validity: VALID, bytes: second, directory: folders[1] }));
  assertEquals(new Uint8Array(late.adopted!.bytes), first);
  assertEquals(late.adopted!.digest, digestOf(first));
  assertEquals(fetch(place.reopen()), first);
  assertEquals(fs.existsSync(folders[1]!), false);
  // A later attempt does not touch the folder of a result that is stored.
  fs.writeFileSync(`${folders[0]}/ours`, "");
  assertEquals(fs.readdirSync(place.host(3).directory("t", KEY, VALID)), []);
  assertEquals(fs.readdirSync(folders[0]!), ["ours"]);
  assertEquals(leftInCache(place.folder), []);
});

Deno.test("a folder of an attempt is empty at first, and gone when discarded", () => {
  using place = diskPlace();
  const first = place.storage.directory("t", KEY, VALID);
  fs.writeFileSync(`${first}/half`, "");
  place.storage.discard(first);
  assertEquals(fs.existsSync(first), false);
  assertEquals(fs.readdirSync(place.storage.directory("t", KEY, VALID)), []);
  assertEquals(fetch(place.reopen()), undefined);
});

Deno.test("a cache that may only be read: entries are used, nothing is written", () => {
  using place = diskPlace();
  place.storage.publish(request({ key: KEY, validity: VALID, bytes: SMALL }));
  place.storage.publish(request({ key: keyOf(2), validity: VALID, bytes: LARGE }));
  const broken = filesEnding(`${place.folder}/t/results/${keyOf(2)}`, ".result.gz")[0]!;
  fs.writeFileSync(broken, "broken");
  const before = treeOf(place.folder, true);
  const cache = new DiskCache(place.folder, true);
  assertEquals(cache.writable, undefined);
  assertEquals(fetch(cache), SMALL);
  assertEquals(cache.lookup("t", keyOf(2), VALID), undefined);
  assertThrows(() => cache.clear("t", "all"), EnvironmentError, "may only be read");
  cache.close();
  assertEquals(treeOf(place.folder, true), before);
  assertEquals(cache.warnings(), [
    `a stored result of t is damaged: it is cut short; it is computed again (${broken})`,
  ]);
});

Deno.test("what is no cache is refused, with a message that says what to do", () => {
  using temp = tempFolder();
  const message = (folder: string, readOnly = false): string =>
    assertThrows(() => new DiskCache(folder, readOnly), EnvironmentError).message;
  const at = (name: string): string => `${temp.path}/${name}`;
  fs.mkdirSync(at("foreign"));
  fs.writeFileSync(at("foreign/thesis.txt"), "");
  assertEquals(
    message(at("foreign")),
    `${
      at("foreign")
    } is not empty and is no cache of runner, so nothing is written there; choose another folder with --cache`,
  );
  assertEquals(fs.readdirSync(at("foreign")), ["thesis.txt"]);
  fs.writeFileSync(at("file"), "");
  assertEquals(
    message(at("file")),
    `${at("file")} is a file, so it cannot be the cache's folder; choose another with --cache`,
  );
  fs.mkdirSync(at("other"));
  fs.writeFileSync(at("other/CACHEDIR.TAG"), "Signature: 8a477f597d28d172789f06886806bc55\n# cargo\n");
  assertEquals(
    message(at("other")),
    `${at("other")} belongs to another program (by its CACHEDIR.TAG); choose another folder with --cache`,
  );
  fs.mkdirSync(at("newer"));
  fs.writeFileSync(
    at("newer/CACHEDIR.TAG"),
    "Signature: 8a477f597d28d172789f06886806bc55\n# runner cache, format 7\n",
  );
  assertEquals(
    message(at("newer")),
    `The cache ${
      at("newer")
    } was written by a newer version of runner (format 7, this version knows 1); update runner, or choose another folder with --cache`,
  );
  assertEquals(
    message(at("absent"), true),
    `There is no cache at ${at("absent")}; a cache that may only be read must exist`,
  );
  assertStringIncludes(
    message(at("file/below")),
    `The cache ${at("file/below")} cannot be used: `,
  );
});

Deno.test("a cache that was removed while it was used is one again; one that lost its tag is adopted", () => {
  using place = diskPlace();
  const cache = place.reopen();
  fs.rmSync(place.folder, { recursive: true });
  const { stamp } = place.storage.publish(request({ key: KEY, validity: VALID, bytes: SMALL }));
  place.storage.putTrace("u", KEY, VALID, { files: [], params: [], trigger: "content", asks: [] });
  cache.add("t", KEY, VALID, { digest: digestOf(SMALL), kind: 0, bytes: SMALL, stamp, signature: "" });
  cache.close();
  assertEquals(cache.warnings(), [
    `the cache ${place.folder} was removed during the run; it is made anew, with what came after`,
  ]);
  assertEquals(fetch(place.reopen()), SMALL);
  fs.rmSync(`${place.folder}/CACHEDIR.TAG`);
  const again = place.reopen();
  assertEquals(fetch(again), SMALL);
  assertEquals(again.warnings(), [
    `the cache ${place.folder} had lost its CACHEDIR.TAG; it holds nothing but a cache's own, so it is used, and has one again`,
  ]);
  assertEquals(place.reopen().warnings(), []);
});

Deno.test("what only looks like a cache without its tag is refused", () => {
  using temp = tempFolder();
  const folder = `${temp.path}/cache`;
  const refused = (...files: readonly string[]): string => {
    fs.rmSync(folder, { recursive: true, force: true });
    for (const file of files) {
      fs.mkdirSync(`${folder}/${file.slice(0, file.lastIndexOf("/"))}`, { recursive: true });
      fs.writeFileSync(`${folder}/${file}`, "");
    }
    return assertThrows(() => new DiskCache(folder), EnvironmentError).message;
  };
  const entry = `t/results/${KEY}/${VALID}.json`;
  for (
    const files of [
      ["index"],
      ["tmp/mine"],
      ["index.html", entry],
      [entry, "notes.txt"],
      [entry, "other/results/thesis.txt"],
      [entry, "other/thesis.txt"],
      [entry, `t/mine`],
    ]
  ) assertStringIncludes(refused(...files), "is no cache of runner");
});

Deno.test("leftovers of a process that is no more are swept; those of others stay", () => {
  using place = diskPlace();
  // Higher than any process id.
  const nobody = 2 ** 22 + 1;
  const dead = ownerName("run", 1).replace(`-${Deno.pid}-`, `-${nobody}-`);
  const names = {
    [`${dead}-0`]: false,
    [`${ownerName("run", 1)}-0`]: true,
    [`${dead.replace("@", "@another")}-0`]: true,
    [`${dead.replace(/@([^-]*)/, "@$1x")}-0`]: true,
    // A process of somebody else, which may not be signalled, lives all the same.
    [`${dead.replace(/-\d+-1$/, "-1-1")}-0`]: true,
    "something": true,
  };
  for (const name of Object.keys(names)) fs.mkdirSync(`${place.folder}/tmp/${name}`);
  place.reopen();
  assertEquals(leftInCache(place.folder).toSorted(), Object.keys(names).filter((name) => names[name]).sort());
  assertEquals(isOrphan(`${dead}-12`), true);
});

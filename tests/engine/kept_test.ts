/** What failed attempts had in their folders, where that is kept. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import fs from "node:fs";
import { type AttemptEnded, run, type RunFailed, type RunOptions } from "../../mod.ts";
import { filesEnding } from "../support/files.ts";
import { nothingLeft } from "../support/leaks.ts";
import { failuresOf } from "../support/outcome.ts";
import { diskFolder } from "../support/temp.ts";
import { elsewhere, inProcess, inSandbox, inWorker, twice, unstored } from "../fixtures/kept.ts";
import { type Place, test } from "./place.ts";

/** Where the folder of the only failure of a run is. */
async function keptBy(place: Place, target: unknown, options: RunOptions): Promise<string | undefined> {
  const { error } = await place.fails(target, options);
  const { directory } = (error as RunFailed).failures[0]!;
  if (directory !== undefined) assert(fs.statSync(directory).isDirectory());
  return directory;
}

/** What is left of folders in the cache, besides kept ones. */
function strays({ cache }: Place): readonly string[] {
  return ["note.txt", ".owner"].flatMap((end) => filesEnding(cache, end)).filter((path) =>
    !path.includes("/failed/")
  );
}

const CASES = [
  ...["throws", "exits"].map((how) => [inWorker, how] as const),
  ...["throws", "exits", "is killed"].map((how) => [inProcess, how] as const),
  ...["throws", "exits", "is killed"].map((how) => [elsewhere, how] as const),
] as const;

for (const [task, how] of CASES) {
  test(`the folder of an attempt that ${how} is kept if that is wanted, else it goes: ${task.taskName}`, async (place) => {
    const prefixes = { far: "env" };
    const kept = await keptBy(place, task({ how }), { prefixes, keepFailed: true });
    assertMatch(kept!, new RegExp(`/cache/${task.taskName}/failed/[^/]+-[0-9a-f]{8}-1$`));
    assertEquals(fs.readFileSync(`${kept}/note.txt`, "utf8"), how);
    assertEquals(strays(place), []);
    assertEquals(await keptBy(place, task({ how }), { prefixes }), undefined);
    assertEquals(fs.readdirSync(`${place.cache}/${task.taskName}/failed`).length, 1);
    if (how === "throws") assertEquals(strays(place), []);
  });
}

for (const [task, how] of [[inWorker, "hangs"], [inProcess, "is busy"], [elsewhere, "is busy"]] as const) {
  test(`an attempt that ${how} past its timeout leaves its folder too: ${task.taskName}`, async (place) => {
    const overrides = { [task.taskName]: { timeout: "200ms" } } as const;
    const options = { overrides, keepFailed: true, prefixes: { far: "env" } };
    const kept = await keptBy(place, task({ how }), options);
    assertEquals(fs.readFileSync(`${kept}/note.txt`, "utf8"), how);
    assertEquals(strays(place), []);
  });
}

for (const how of ["throws", "exits", "is busy", "hangs"]) {
  Deno.test(`a sandboxed attempt that ${how} leaves its folder too`, async () => {
    using temp = diskFolder();
    const options = { cache: `${temp.path}/cache`, state: `${temp.path}/state`, history: false };
    const overrides = {
      inSandbox: { timeout: how === "throws" || how === "exits" ? "1h" : "400ms" },
    } as const;
    const failed = async (more: RunOptions) =>
      (await failuresOf(run(inSandbox({ how }), { ...options, overrides, ...more })))[0]!;
    const { directory } = await failed({ keepFailed: true });
    assertEquals(fs.readFileSync(`${directory}/note.txt`, "utf8"), how);
    assertEquals((await failed({})).directory, undefined);
    await nothingLeft(options.cache);
    const left = filesEnding(options.cache, "note.txt");
    assertEquals(left, [`${directory}/note.txt`]);
  });
}

test("each attempt's folder is kept, and told when it fails", async (place) => {
  const last = await keptBy(place, twice({ how: "exits" }), { keepFailed: true });
  const first = place.recorder.events.flatMap((event) =>
    event.kind === "attempt-ended" ? [(event as AttemptEnded).directory] : []
  );
  assertEquals([first.length, first[0]], [1, last!.replace(/2$/, "1")]);
  for (const folder of [first[0], last]) assertEquals(fs.readFileSync(`${folder}/note.txt`, "utf8"), "exits");
});

test("of a task the last ones are kept, of whichever call and run; clearing the task removes them", async (place) => {
  const kept: string[] = [];
  for (let n = 0; n < 4; n++) {
    kept.push((await keptBy(place, inWorker({ how: "throws", n }), { keepFailed: n < 3 ? 2 : 3 }))!);
  }
  const other = await keptBy(place, inProcess({ how: "throws" }), { keepFailed: 1 });
  assertEquals(kept.map((path) => fs.existsSync(path)), [false, true, true, true]);
  await inWorker.clearAll({ cache: place.cache });
  assertEquals([...kept, other!].map((path) => fs.existsSync(path)), [false, false, false, false, true]);
});

test("without results that are stored, and without a cache, they are kept all the same", async (place) => {
  const stored = await keptBy(place, unstored({ how: "throws" }), { keepFailed: true });
  assertMatch(stored!, /\/cache\/unstored\/failed\//);
  const none = await keptBy(place, inWorker({ how: "throws" }), { keepFailed: true, cache: "none" });
  assertMatch(none!, /\/state\/runs\/[^/]+\/failed\/inWorker\//);
  for (const path of [stored, none]) assertEquals(fs.readFileSync(`${path}/note.txt`, "utf8"), "throws");
});

test("who succeeds, or has asked for no folder, leaves nothing there", async (place) => {
  const { value } = await place.run(inWorker({ how: "is well" }), { keepFailed: true });
  assertEquals([value, fs.existsSync(`${place.cache}/inWorker/failed`)], ["done", false]);
  assertEquals(
    await place.refused(inWorker({ how: "is well" }), { keepFailed: 0 }),
    "DefinitionError: `keepFailed` is true, false or a whole number from 1 up, not 0",
  );
});

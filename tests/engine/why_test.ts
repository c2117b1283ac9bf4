/** Why calls run: exactly what has changed, in a run and in a plan of one. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import type { RunOptions } from "../../mod.ts";
import { causeText } from "../../src/model/cause.ts";
import { treeOf } from "../support/files.ts";
import { failing } from "../fixtures/cached.ts";
import * as y from "../fixtures/why.ts";
import { type Place, test, texts } from "./place.ts";

/** Why calls would run, which must be why they do; a plan touches nothing. */
async function why(
  place: Place,
  target: unknown,
  options: RunOptions = {},
): Promise<Readonly<Record<string, readonly string[]>>> {
  const before = [treeOf(place.folder, true), treeOf(place.cache, true), treeOf(place.state, true)];
  const { nodes } = await place.preview(target, options);
  assertEquals([treeOf(place.folder, true), treeOf(place.cache, true), treeOf(place.state, true)], before);
  const told = await place.run(target, options);
  const causes = texts(told.causes);
  for (const { call, state, causes: planned } of nodes) {
    if (state === "run") assertEquals(planned.map(causeText), causes[call], `the plan of ${call}`);
    if (state === "up-to-date") assertEquals(causes[call], undefined, `the plan of ${call}`);
  }
  return causes;
}

test("the first time, and never again", async (place) => {
  assertEquals(await why(place, y.input({ env: "prod" })), { "y input::prod": ["no earlier result"] });
  assertEquals(await why(place, y.input({ env: "prod" })), {});
});

test("a field of the input: old and new; of the closest earlier call", async (place) => {
  await place.run([y.fields({ rate: 1, name: "a" }), y.fields({ rate: 2, name: "b" })]);
  const because = async (input: Parameters<typeof y.fields>[0]) =>
    Object.values(await why(place, y.fields(input)));
  assertEquals(await because({ rate: 3, name: "b" }), [["input rate: 2 → 3"]]);
  assertEquals(await because({ rate: 1, name: "a", more: 7 }), [["input more is new: 7"]]);
});

test("files: changed, added, removed", async (place) => {
  place.write({ "in/a.txt": "a", "in/b.txt": "b" });
  await place.run(y.files());
  const because = async (changes: Readonly<Record<string, string | undefined>>) => {
    place.write(changes);
    return (await why(place, y.files()))["y files"];
  };
  assertEquals(await because({ "in/a.txt": "A" }), ["in/a.txt changed"]);
  assertEquals(await because({ "in/c.txt": "c" }), ["in/c.txt added"]);
  assertEquals(await because({ "in/b.txt": undefined }), ["in/b.txt removed"]);
  assertEquals(await because({ "in/other.md": "" }), undefined);
  assertEquals(await because({ "in/a.txt": "AA", "in/c.txt": undefined }), [
    "in/a.txt changed",
    "in/c.txt removed",
  ]);
});

test("a file that the task found itself", async (place) => {
  place.write({ "found.txt": "a" });
  await place.run(y.finds());
  place.write({ "found.txt": "b" });
  assertEquals(await why(place, y.finds()), { "y finds": ["found.txt changed"] });
});

test("a variable of the environment, whose value is shown nowhere", async (place) => {
  Deno.env.set("RUNNER_TEST_WHY", "secret one");
  try {
    await place.run(y.env());
    Deno.env.set("RUNNER_TEST_WHY", "secret two");
    assertEquals(await why(place, y.env()), { "y env": ["environment variable RUNNER_TEST_WHY changed"] });
    Deno.env.delete("RUNNER_TEST_WHY");
    assertEquals((await why(place, y.env()))["y env"]!.length, 1);
  } finally {
    Deno.env.delete("RUNNER_TEST_WHY");
  }
});

test("a parameter", async (place) => {
  await place.run(y.param(), { params: { who: "a" } });
  assertEquals(await why(place, y.param(), { params: { who: "b" } }), {
    "y param": ["parameter who changed"],
  });
  assertEquals(await why(place, y.param(), { params: {} }), { "y param": ["parameter who removed"] });
});

test("of several results of a call the closest, which need not be the newest; none for what is up to date", async (place) => {
  const of = async (n: number, who: string, text?: string) => {
    if (text !== undefined) place.write({ "mixed.txt": text });
    return Object.values(await why(place, y.mixed({ n }), { params: { who } }))[0];
  };
  await of(1, "a", "A");
  assertEquals(await of(1, "b"), ["parameter who changed"]);
  assertEquals(await of(1, "a"), undefined);
  // As in the last run, though the newest result is one of "b".
  assertEquals(await of(1, "a", "B"), ["mixed.txt changed"]);
  assertEquals(await of(1, "a", "A"), undefined);
  assertEquals(await of(1, "b", "C"), ["mixed.txt changed"]);
  // With another input too.
  assertEquals(await of(2, "a"), ["input n: 1 → 2"]);
});

test("a result before it, down to the root", async (place) => {
  place.write({ "root.txt": "a" });
  await place.run(y.end());
  place.write({ "root.txt": "b" });
  const planned = await place.preview(y.end());
  assertEquals(
    Object.fromEntries(
      planned.nodes.map(({ call, state, causes }) => [call, [state, ...causes.map(causeText)]]),
    ),
    {
      "y end": ["maybe", "y middle runs"],
      "y middle": ["maybe", "y root runs"],
      "y root": ["run", "root.txt changed"],
    },
  );
  assertEquals(await why(place, y.end()), {
    "y root": ["root.txt changed"],
    "y middle": ["the result of y root changed"],
    "y end": ["the result of y middle changed"],
  });
});

test("of several results before it only those that have changed", async (place) => {
  place.write({ "root.txt": "a" });
  await place.run(y.both());
  place.write({ "root.txt": "b" });
  assertEquals(await why(place, y.both()), {
    "y root": ["root.txt changed"],
    "y both": ["the result of y root changed"],
  });
});

test("a result that a task asked for itself", async (place) => {
  place.write({ "root.txt": "a" });
  await place.run(y.asks());
  place.write({ "root.txt": "b" });
  assertEquals(await why(place, y.asks()), {
    "y root": ["root.txt changed"],
    "y asks": ["the result of y root changed"],
  });
});

test("an output that is lost and cannot be brought back; one that can, is", async (place) => {
  await place.run(y.writes());
  place.write({ "out.txt": undefined });
  const planned = await place.preview(y.writes());
  assertEquals([planned.restored.map(({ paths }) => paths), planned.nodes[0]!.state], [
    [["out.txt"]],
    "up-to-date",
  ]);
  assertEquals(await why(place, y.writes()), {});
  for (const path of fs.readdirSync(place.cache, { recursive: true }) as string[]) {
    if (/blobs|files/.test(path) && fs.statSync(`${place.cache}/${path}`).isFile()) {
      fs.rmSync(`${place.cache}/${path}`);
    }
  }
  fs.writeFileSync("out.txt", "edited");
  assertEquals(await why(place, y.writes()), { "y writes": ["output out.txt is edited"] });
});

test("a result that was given up, since what was to make it anew has failed", async (place) => {
  const calls = [failing("here"), y.input({ env: "a" })];
  await place.run(calls);
  fs.writeFileSync("here", "");
  const { causes } = await place.fails(calls, { force: true, onFailure: "keep-going" });
  assertEquals(Object.values(texts(causes)), [["forced"], ["forced"]]);
  fs.rmSync("here");
  assertEquals(await why(place, calls), {
    'failing("here")': ["its earlier result was given up: it was forced, and failed"],
  });
  assertEquals(await why(place, calls), {});
});

test("forced; always; nothing but gone", async (place) => {
  const all = [y.always(), y.unstored(), y.input({ env: "a" })];
  await place.run(all);
  assertEquals(await why(place, all, { force: ["y input::a"] }), {
    "y always": ["always runs"],
    "y unstored": ["always runs"],
    "y input::a": ["forced"],
  });
  for (const path of fs.readdirSync(`${place.cache}`, { recursive: true }) as string[]) {
    if (/y%20input.*result\.gz$/.test(path)) fs.rmSync(`${place.cache}/${path}`);
  }
  assertEquals((await why(place, all))["y input::a"], ["its stored result is gone"]);
});

/** Choosing what of a graph may run. */
import { assertEquals } from "@std/assert";
import type { RunOptions } from "../../mod.ts";
import { plan } from "../../src/engine/plan.ts";
import { selected } from "../../src/engine/run.ts";
import * as s from "../fixtures/selected.ts";
import { test } from "./place.ts";

const ALL = ["s a", "s b::left", "s c", "s d", "s e", "s x"];
const TARGET = [s.e(), s.x()];

/** Selections, and which calls they leave. */
const TABLE: readonly (readonly [what: RunOptions, may: string])[] = [
  [{}, "abcdex"],
  [{ only: "s a" }, "a"],
  [{ only: ["s a", "s x"] }, "ax"],
  [{ only: "s ?" }, "acdex"],
  [{ only: "s b::*" }, "b"],
  [{ only: "s b::[side]" }, "b"],
  [{ only: "*" }, "abcdex"],
  [{ only: "tag:mid" }, "bc"],
  [{ only: "tag:end" }, "ex"],
  [{ only: "...s d" }, "abcd"],
  [{ only: "s c..." }, "cde"],
  [{ only: "...s c..." }, "acde"],
  [{ only: "...tag:mid" }, "abc"],
  [{ only: "tag:right..." }, "cde"],
  [{ until: "s d" }, "abcd"],
  [{ until: ["s b::left", "s x"] }, "abx"],
  [{ from: "s c" }, "cde"],
  [{ from: "tag:mid" }, "bcde"],
  [{ omit: "s d" }, "abcx"],
  [{ omit: ["s c", "s x"] }, "ab"],
  [{ omit: "tag:root" }, "x"],
  [{ from: "s a", until: "s c" }, "ac"],
  [{ from: "s a", omit: "s e" }, "abcd"],
  [{ only: "...s d", omit: "s c" }, "ab"],
];

Deno.test("only, until, from, omit: each leaves just what it should", () => {
  const planned = plan(TARGET, {}, () => {
    throw new Error("no files are needed");
  });
  assertEquals(planned.graph.nodes.map((node) => planned.graph.describe(node)).toSorted(), ALL);
  for (const [options, may] of TABLE) {
    const leftOut = selected(planned, options);
    const left = planned.graph.nodes.filter((node) => leftOut?.[node.id] !== 1);
    const letters = left.map((node) => planned.graph.describe(node)[2]).toSorted().join("");
    assertEquals(letters, may, JSON.stringify(options));
  }
});

test("a dry run says what is left out, whether or not it could run", async (place) => {
  const { nodes } = await place.preview(TARGET, { until: "s c" });
  assertEquals(Object.fromEntries(nodes.map(({ call, state }) => [call, state])), {
    "s a": "run",
    "s b::left": "left-out",
    "s c": "maybe",
    "s d": "left-out",
    "s e": "left-out",
    "s x": "left-out",
  });
});

test("what is selected runs, the rest does not; what is up to date is there all the same", async (place) => {
  assertEquals((await place.run(TARGET, { until: "s d" })).ran.toSorted(), ALL.slice(0, 4));
  const rest = await place.run(TARGET, { from: "s e", omit: "s x" });
  assertEquals([rest.ran, rest.states["s d"], rest.states["s x"]], [["s e"], "up-to-date", "cancelled"]);
  // A value that is not there is not made up.
  assertEquals(rest.value, undefined);
  assertEquals((await place.run(TARGET, { only: "s x" })).value, ["e", "x"]);
});

test("a selected call that needs what was left out, and is not up to date, is an error that says what to do", async (place) => {
  assertEquals(
    await place.refused(TARGET, { only: ["s d", "s x"] }),
    "DefinitionError: s d was selected, and needs s b::left, which is not up to date and was left out; select that too (...x is x with its dependencies), or run it first",
  );
});

test("a pattern that fits nothing, told for each", async (place) => {
  assertEquals(
    await place.refused(TARGET, { only: ["s bb::left", "q*"], omit: "tag:mit", from: "...s dd" }),
    `DefinitionError: --only s bb::left: no call of this run is called so; did you mean "s b::left"?
--only q*: no call of this run is called so
--from s dd: no call of this run is called so; did you mean "s d"?
--omit tag:mit: no call of this run is called so`,
  );
});

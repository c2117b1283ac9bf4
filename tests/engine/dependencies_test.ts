/** Dependencies in every form, backwards too, and what is wrong with them. */
import { assertEquals } from "@std/assert";
import { all, type Future, named } from "../../mod.ts";
import * as d from "../fixtures/dependencies.ts";
import { placeOf, test } from "./place.ts";

test("every form of a dependency at once: ctx.deps has the shape, ctx.results the names", async (place) => {
  const { value, stats } = await place.run(d.every({ env: "dev" }));
  assertEquals(value as unknown, {
    deps: [
      { level: 3 },
      "built dev",
      { "d size::dev::1": "dev number 1", "d size::dev::2": "dev number 2" },
      6,
      "built dev2",
      [{ deep: 3 }, { level: 3 }],
      ["built x", [7], undefined],
      undefined,
    ],
    names: [
      "d config",
      "d build::dev",
      "d size::dev::1",
      "d size::dev::2",
      "d add",
      "d build::dev2",
      "d build::x",
    ],
    built: "built x",
  });
  assertEquals(stats.nodes, 10);
  assertEquals((await place.run(d.every({ env: "dev" }))).ran, []);
});

test("a typed record of dependencies; late ones, whose input holds futures", async (place) => {
  const { value } = await place.run({
    typed: d.typed({ n: 4 }),
    late: d.late({ n: d.add({ a: 1, b: 2 }) }),
    later: d.late({ n: d.late({ n: 7 }).pick("next") }),
  });
  assertEquals(value, {
    typed: { sum: 8, list: [4], plain: 4, same: true, names: ["d add"] },
    late: { next: 103, other: "small" },
    later: { next: 207, other: "large" },
  });
});

test("ctx.results can be returned, whole or in something else: it becomes a plain record", async (place) => {
  const results = { "d config": { level: 3 } };
  assertEquals((await place.run(d.handsOn())).value, results);
  const { value } = await place.run(d.hands());
  const { results: given, list, top } = value;
  assertEquals([Object.keys(given), Object.getPrototypeOf(given), list], [top, Object.prototype, [given]]);
});

test("a name that is no dependency is told, with those that there are", async (place) => {
  const { error } = await place.fails(d.nosy());
  assertEquals(
    error.message.replace(/ \([^(]*\)$/, ""),
    '1 task failed\nd nosy: ReferenceError: ctx.results["d build::y"]: that is no dependency; there are d config',
  );
  assertEquals((await place.run(d.polite())).value, [true, false, '{"d config":{"level":3}}']);
});

test("everything that is wrong with dependencies is told at once, before anything runs", async (place) => {
  const text = await place.refused([d.lost(), d.unfilled({ env: "x" }), d.unfit(), d.vaguely()]);
  assertEquals(text.split("\n").filter((line) => !line.startsWith("    there are: ")), [
    'DefinitionError: Task "d vague::[what]": its reverse dependency does not say what [what] is: use that placeholder in the target\'s name too',
    `    at ${placeOf(d.vague)}`,
    'Task "d unfit": `deps` of d unfit: "d size::staging::*" matches nothing: the field "env" is "staging": it takes "dev" or "prod"',
    `    the task is defined at ${placeOf(d.size)}`,
    `    at ${placeOf(d.unfit)}`,
    'Task "d unfilled::[env]": `deps` of d unfilled::x: "d build::[evn]" has the placeholder [evn], but the input has no field "evn"; did you mean "env"?',
    `    at ${placeOf(d.unfilled)}`,
    'Task "d lost": `deps` of d lost: There is no task "d confg"; did you mean "d config"?',
    `    at ${placeOf(d.lost)}`,
    'Task "d lost": `deps` of d lost: There is no task "d build"',
    `    at ${placeOf(d.lost)}`,
    'Task "d lost": `deps` of d lost: "d size::staging::1" is no call of "d size::[env]::[n]": the field "env" is "staging": it takes "dev" or "prod"',
    `    the task is defined at ${placeOf(d.size)}`,
    `    at ${placeOf(d.lost)}`,
    'Task "d lost": `deps` of d lost: There is no task "d nothing like it at all"',
    `    at ${placeOf(d.lost)}`,
  ]);
});

test("a missing dependency fails only whom it is missing, where that is allowed", async (place) => {
  const late = d.lateLost({ n: d.add({ a: 1, b: 1 }) });
  const options = { allowMissingDeps: true, onFailure: "keep-going" } as const;
  const { error, states } = await place.fails([late, d.add({ a: 2, b: 2 })], options);
  assertEquals(
    error.message.split("\n")[1]!.split(";")[0],
    "d late lost({ n: d add‹" + d.add({ a: 1, b: 1 }).key.slice(0, 8) +
      '› }): Error: a dependency is missing: There is no task "d nobody 2"',
  );
  assertEquals(states["d add({ a: 2, b: 2 })"], "succeeded");
});

test("what depends on a failure does not run", async (place) => {
  const { error, states } = await place.fails([d.dependent(), d.build({ env: "q" })], {
    onFailure: "keep-going",
  });
  assertEquals(error.message.split("\n")[0], "1 task failed; 1 call was not run because of that");
  assertEquals(states, { "d breaks": "failed", "d dependent": "cancelled", "d build::q": "succeeded" });
});

test("reverse dependencies: by name, by pattern with placeholders, by call", async (place) => {
  const told = await place.run([d.deploy(), d.release({ env: "prod" }), d.add({ a: 40, b: 2 })]);
  assertEquals(told.value, [
    { "d config": { level: 3 }, "d migrate": "migrated" },
    { "d sign::prod": "signed prod" },
    42,
  ]);
  const before = (one: string, other: string) =>
    told.story.indexOf(`${one} succeeded`) < told.story.indexOf(`${other} running`);
  assertEquals([
    before("d migrate", "d deploy"),
    before("d sign::prod", "d release::prod"),
    before("d inspect", "d add({ a: 40, b: 2 })"),
  ], [true, true, true]);
  // The target of nobody else pulls nobody in.
  assertEquals((await place.run(d.add({ a: 40, b: 3 }))).ran, ["d add({ a: 40, b: 3 })"]);
});

test("whenScheduled pulls its target in; the target alone does not pull the declarer", async (place) => {
  assertEquals((await place.run(d.publish())).ran, ["d publish"]);
  const told = await place.run(d.lint(), { force: true });
  assertEquals(told.ran, ["d lint", "d publish"]);
  assertEquals(told.value, "linted");
  const { error } = await place.fails(d.tooLate(), { cache: "none" });
  assertEquals(
    error.message.split("\n")[1]!.replace(/ \(.*$/, ""),
    'd too late: DefinitionError: Task "d lint": d lint is to run before d publish, which has been scheduled already: want them together from the start',
  );
});

test("names: several templates that fit, fields and choices, the separator", async (place) => {
  const hints = (text: string) => text.split("\n").filter((line) => !line.startsWith("    there are: "));
  const wanted = (name: string): Future<unknown> => named(name);
  assertEquals(hints(await place.refused([wanted("d sort::xy"), wanted("d size::prod::9")])), [
    'DefinitionError: "d sort::xy" fits several templates: "d sort::[a]", "d sort::x[b]"; rename one of them, or call the one that is meant',
    `    at ${placeOf(d.sortFirst)}`,
    `    at ${placeOf(d.sortSecond)}`,
  ]);
  assertEquals(hints(await place.refused(all([wanted("d size::prod::9")]))), [
    'DefinitionError: "d size::prod::9" is no call of "d size::[env]::[n]": the field "n" is 9: it takes 1 or 2',
    `    the task is defined at ${placeOf(d.size)}`,
  ]);
  const { value } = await place.run(all([wanted("d size::prod::2"), wanted("d size::d*::?")]));
  assertEquals(value, [
    { "d size::prod::2": "prod number 2" },
    { "d size::dev::1": "dev number 1", "d size::dev::2": "dev number 2" },
  ]);
  const text = await place.refused(d.config(), { separator: "::" });
  assertEquals(text.split("\n").slice(0, 2), [
    'DefinitionError: Task "d dot::[a].[b]": between [a] and [b] stands ".", but the separator is set to "::"',
    `    at ${placeOf(d.dotted)}`,
  ]);
});

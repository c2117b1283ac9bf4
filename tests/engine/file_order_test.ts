/** The order that files make, and files that two calls make. */
import { assert, assertEquals } from "@std/assert";
import fs from "node:fs";
import * as o from "../fixtures/file_order.ts";
import { placeOf, test } from "./place.ts";

const READS: readonly [how: string, maker: keyof typeof o.makers, found: string][] = [
  ["gen/a.ts", "file", "gen/a.ts"],
  ["./gen/../gen/a.ts", "file", "gen/a.ts"],
  ["absolute", "file", "gen/a.ts"],
  ["optional", "file", "gen/a.ts"],
  ["gen/*.ts", "file", "gen/a.ts"],
  ["gen", "file", "gen/a.ts"],
  ["regex", "file", "gen/a.ts"],
  ["**/*.ts", "file", "gen/a.ts"],
  ["glob/a.ts", "glob", "glob/a.ts"],
  ["glob", "glob", "glob/a.ts"],
  ["glob/**", "glob", "glob/a.ts"],
  ["folder/x/a.ts", "folder", "folder/x/a.ts"],
  ["folder/**/*.ts", "folder", "folder/x/a.ts"],
  ["folder/x", "folder", "folder/x/a.ts"],
];

test("whoever reads what another call makes comes after it, in whichever way it says so", async (place) => {
  for (const [how, maker, found] of READS) {
    for (const one of ["gen", "glob", "folder"]) fs.rmSync(one, { recursive: true, force: true });
    const { value, warnings } = await place.run([o.reader({ how }), o.makers[maker]()], {
      cache: "none",
      workers: 1,
    });
    assertEquals([how, value[0], warnings], [how, [found], []]);
  }
});

test("what may be read, and would close a cycle, is told and puts nothing in order", async (place) => {
  place.write({ "cross/a.txt": "", "gen/a.js": "" });
  const crossed = await place.run(o.crossed.map((one) => one()));
  assertEquals(crossed.stats.ran, 2);
  assertEquals(crossed.warnings, [
    "o crossed left may read what o crossed right makes, and o crossed right waits for it: they are not put in order " +
    'by that (and 1 more such pairs); leave those files out of the inputs of o crossed left with "!…"',
  ]);
  const late = await place.run(o.late());
  assertEquals(late.ran.map((name) => name.slice(0, 8)), ["o reader", "o late"]);
  assertEquals(late.warnings.length, 1);
  place.write({ "waves/given": "" });
  const waved = await place.run([o.waved.first(), o.waved.second()]);
  assertEquals([waved.value[0], waved.warnings], [["waves/given"], []]);
});

test("a file that one call names and another's pattern fits: told before anything runs", async (place) => {
  assertEquals(
    await place.refused([o.rivals.named(), o.rivals.one()]),
    `DefinitionError: Two calls write both/x.txt: o named and o one; let one of them write it, or give them different outputs
    at ${placeOf(o.rivals.named)}
    at ${placeOf(o.rivals.one)}`,
  );
});

test("a file that two patterns fit fails whoever makes it later, and nothing of that is kept", async (place) => {
  for (let round = 0; round < 2; round++) {
    const { error, states } = await place.fails(o.rivals.two());
    assert(
      error.message.includes(
        "o two: TwoProducers: o one and o two have both written both/x.txt; let one of them write it, or leave it out of the outputs of the other",
      ),
      error.message,
    );
    assertEquals(states, { "o one": round === 0 ? "succeeded" : "up-to-date", "o two": "failed" });
  }
});

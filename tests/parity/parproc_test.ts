/** Rows of parproc's inventory that no other test shows; docs/parity.md names them. */
import { assert, assertEquals } from "@std/assert";
import fs from "node:fs";
import { named, run, task } from "../../mod.ts";
import { tempFolder } from "../support/temp.ts";

const INLINE = { isolation: "inline" } as const;
task("parproc size::[of]", {
  ...INLINE,
  choices: { of: ["a", "bb"] },
  run: ({ of }) => of.length,
});
const sum = task("parproc sum", {
  ...INLINE,
  deps: ["parproc size::a", "parproc size::bb"],
  run: (_: undefined, ctx) =>
    Object.values(ctx.results).reduce<number>((total, one) => total + Number(one), 0),
});

Deno.test("PP-13, PP-14, PP-68: results by name; runs leave no state, may come again, and only the last logs are kept", async () => {
  using temp = tempFolder();
  const options = { cache: `${temp.path}/cache`, state: temp.path };
  const values = { "parproc size::a": 1, "parproc size::bb": 2, "parproc sum": 3 };
  const { value, stats } = await run(named("parproc *", "parproc size::*"), options);
  assertEquals([value, stats.ran], [values, 3]);
  for (let round = 0; round < 22; round++) {
    const again = await run(named("parproc *", "parproc size::*"), { ...options, force: round % 2 === 0 });
    assertEquals([again.value, again.stats.ran], [values, round % 2 === 0 ? 3 : 0]);
  }
  assert(!fs.existsSync(`${temp.path}/runs`) || fs.readdirSync(`${temp.path}/runs`).length <= 20);
});

Deno.test("PP-51: a dependency that is added or left out makes a result outdated", async () => {
  using temp = tempFolder();
  const options = { cache: `${temp.path}/cache`, state: temp.path };
  let which = ["parproc size::a"];
  const list = task("parproc list", {
    ...INLINE,
    version: 1,
    deps: () => which,
    run: (_: undefined, ctx) => Object.keys(ctx.results),
  });
  const at = async (...names: string[]) => {
    which = names;
    const { value, stats } = await run(list(), options);
    return [value, stats.ranByTask["parproc list"] ?? 0];
  };
  assertEquals(await at("parproc size::a"), [["parproc size::a"], 1]);
  assertEquals(await at("parproc size::a", "parproc size::bb"), [["parproc size::a", "parproc size::bb"], 1]);
  assertEquals(await at("parproc size::bb"), [["parproc size::bb"], 1]);
  assertEquals(await at("parproc size::a"), [["parproc size::a"], 0]);
  assertEquals((await run(sum(), options)).value, 3);
});

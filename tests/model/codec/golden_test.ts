/** Every type has the stored bytes of golden.json, on Deno and on Bun. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { decode } from "../../../src/model/codec/decode.ts";
import { describe, unhex } from "./describe.ts";
import { differences, golden, stored } from "./golden_check.ts";
import { vectors } from "./vectors.ts";

const expected = golden();

Deno.test("golden vectors", async (t) => {
  for (const [name, value] of Object.entries(vectors())) {
    await t.step(name, () => {
      deepStrictEqual(stored(value), expected[name]);
      const copy = decode(unhex(expected[name]!.plain));
      strictEqual(describe(copy, false), describe(value, false));
      deepStrictEqual(stored(copy), expected[name]);
    });
  }
  deepStrictEqual(differences(), []);
});

const bun = spawnSync("bun", ["--version"]).status === 0;

Deno.test({
  name: `golden vectors on Bun${bun ? "" : " (needs bun: npm i -g bun)"}`,
  ignore: !bun,
  fn() {
    const script = fileURLToPath(new URL("./golden_check.ts", import.meta.url));
    const { stdout, stderr, status } = spawnSync("bun", [script], { encoding: "utf8" });
    strictEqual(status, 0, stderr);
    deepStrictEqual(JSON.parse(stdout), []);
  },
});

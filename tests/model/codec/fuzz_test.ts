/** Random damage to stored bytes: only CodecError may come out, and nothing else may change. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { decode } from "../../../src/model/codec/decode.ts";
import { encode } from "../../../src/model/codec/encode.ts";
import { CodecError } from "../../../src/model/codec/error.ts";
import { describe, hex, unhex } from "./describe.ts";
import { golden } from "./golden_check.ts";
import { vectors } from "./vectors.ts";

const MUTATIONS = 110_000;

/** A small generator of our own, so that a failure is repeated by its seed. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor(((state ^ (state >>> 13)) >>> 0) / 2 ** 32 * below);
  };
}

function mutate(bytes: Uint8Array, other: Uint8Array, pick: (below: number) => number): Uint8Array {
  const copy = [...bytes];
  for (let rounds = 1 + pick(3); rounds > 0; rounds--) {
    const at = 1 + pick(Math.max(1, copy.length - 1));
    switch (pick(7)) {
      case 0:
        copy[at] = pick(256);
        break;
      case 1:
        copy[at] = (copy[at] ?? 0) ^ (1 << pick(8));
        break;
      case 2:
        copy.splice(at, 1 + pick(4));
        break;
      case 3:
        copy.splice(at, 0, pick(0x20));
        break;
      case 4:
        copy.splice(at, pick(4), ...other.slice(1 + pick(other.length), 1 + pick(other.length) + 16));
        break;
      case 5:
        copy.splice(at, 1, 0xff, 0xff, 0xff, 0xff, 0x0f);
        break;
      case 6:
        copy[at] = 1 + pick(0x1e);
        break;
    }
  }
  return Uint8Array.from(copy);
}

Deno.test(`${MUTATIONS} damaged inputs`, () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  const pick = random(seed);
  const globals = [Object.prototype, Array.prototype, Error.prototype, Function.prototype, Map.prototype];
  const before = globals.map((object) => Object.getOwnPropertyDescriptors(object));
  const corpus = Object.values(golden()).map(({ plain }) => unhex(plain)).filter((bytes) =>
    bytes.length < 400
  );
  corpus.push(encode(Object.values(vectors()).filter((value) => encode(value).length < 100)));
  let decoded = 0;
  for (let i = 0; i < MUTATIONS; i++) {
    const bytes = mutate(corpus[pick(corpus.length)]!, corpus[pick(corpus.length)]!, pick);
    try {
      const value = decode(bytes, { revive: (inner) => ({ inner }) });
      decoded++;
      // What is accepted must be a value like any other.
      if (i % 16 === 0) {
        const again = encode(value);
        if (again.length < 1000) ok(describe(decode(again), false) === describe(value, false));
      }
    } catch (error) {
      if (error instanceof CodecError && error.kind === "corrupt") continue;
      throw new Error(`seed ${seed}, input ${hex(bytes)}`, { cause: error });
    }
  }
  ok(decoded > MUTATIONS / 100 && decoded < MUTATIONS, `${decoded} were still valid`);
  deepStrictEqual(globals.map((object) => Object.getOwnPropertyDescriptors(object)), before);
});

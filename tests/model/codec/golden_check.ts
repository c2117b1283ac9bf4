/** Compares all vectors with golden.json and prints the names that differ; run by golden_test.ts under Bun. */

import { readFileSync } from "node:fs";
import { decode } from "../../../src/model/codec/decode.ts";
import { encode } from "../../../src/model/codec/encode.ts";
import { describe, hex, unhex } from "./describe.ts";
import { vectors } from "./vectors.ts";

/** Stored bytes of one vector. */
export interface Golden {
  /** In the order of the properties. */
  readonly plain: string;
  /** With sorted keys; absent when the same. */
  readonly canonical?: string;
}

/** The content of golden.json. */
export function golden(): Record<string, Golden> {
  return JSON.parse(readFileSync(new URL("./golden.json", import.meta.url), "utf8"));
}

/** What `encode` gives now for a value. */
export function stored(value: unknown): Golden {
  const plain = hex(encode(value));
  const canonical = hex(encode(value, { canonical: true }));
  return plain === canonical ? { plain } : { plain, canonical };
}

/** The names of the vectors that do not encode to, or decode from, the golden bytes. */
export function differences(): string[] {
  const values = vectors();
  const expected = golden();
  const names = new Set([...Object.keys(values), ...Object.keys(expected)]);
  return [...names].filter((name) => {
    const want = expected[name];
    if (want === undefined || !Object.hasOwn(values, name)) return true;
    const value = values[name];
    const got = stored(value);
    if (got.plain !== want.plain || got.canonical !== want.canonical) return true;
    return describe(decode(unhex(want.plain)), false) !== describe(value, false) ||
      describe(decode(unhex(want.canonical ?? want.plain)), true) !== describe(value, true);
  });
}

if (import.meta.main) process.stdout.write(JSON.stringify(differences()));

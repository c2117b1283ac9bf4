/** SHA-256 in plain arithmetic, and the choice between it and the runtime's own. */
import { assertEquals } from "@std/assert";
import { hash } from "node:crypto";
import { digestOf, keyOf } from "../../src/model/digest.ts";
import { sha256 } from "../../src/model/sha256.ts";
import type { Key } from "../../src/model/id.ts";

/** Bytes that look like any others, the same each time. */
function bytes(length: number): Uint8Array<ArrayBuffer> {
  let state = length + 1;
  return Uint8Array.from({ length }, () => (state = Math.imul(state, 1_664_525) + 1_013_904_223) >>> 24);
}

Deno.test("plain arithmetic gives what the runtime gives, at each length up to four blocks and at larger ones", () => {
  for (const length of [...Array(257).keys(), 1_000, 4_095, 4_096, 65_537]) {
    assertEquals(sha256(bytes(length)), hash("sha256", bytes(length), "hex"), String(length));
  }
  // Of a part of a buffer only that part counts.
  assertEquals(sha256(bytes(100).subarray(3), 50), hash("sha256", bytes(100).subarray(3, 53), "hex"));
});

Deno.test("a digest is the same however it is worked out: short, long, text, bytes, seldom or often", () => {
  const texts = ["", "a", "ä€😀".repeat(300), "x".repeat(5_000)];
  for (let time = 0; time < 300; time++) {
    const text = texts[time % texts.length]!;
    assertEquals(digestOf(text) as string, hash("sha256", text, "hex"));
    assertEquals(digestOf(bytes(time)) as string, hash("sha256", bytes(time), "hex"));
  }
});

Deno.test("a key is a digest over the version, the name, the input, the keys above and their number", () => {
  const keys = ["a".repeat(40), "b".repeat(40)].map((key) => ({ key: key as Key }));
  const of = (count: number) => keyOf("t", bytes(10), keys.slice(0, count)) as string;
  const plain = ["runner key 1\0", "1\0", "t\0"].join("");
  const expected = (tail: string) => {
    const all = new Uint8Array([
      ...new TextEncoder().encode(plain),
      ...bytes(10),
      ...new TextEncoder().encode(tail),
    ]);
    return hash("sha256", all, "hex").slice(0, 40);
  };
  assertEquals(of(0), expected(""));
  assertEquals(of(2), expected(`${"a".repeat(40)}${"b".repeat(40)}\0${2}`));
});

import { Buffer } from "node:buffer";
import zlib from "node:zlib";
import { assert, assertEquals } from "@std/assert";
import { digestOf } from "../../src/model/digest.ts";
import { packResult, unpackResult } from "../../src/store/result_format.ts";

const SIZES = [0, 1, 96, 97, 5_000, 300_000];

/** Bytes that compress, but not to nothing. */
function sample(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * index >> 3) & 0x7f);
}

Deno.test("a result file is a gzip file of the bytes, at every level and size", () => {
  for (const size of SIZES) {
    const bytes = sample(size);
    for (let level = 0; level <= 9; level++) {
      const file = packResult(bytes, digestOf(bytes), level % 2, level);
      assertEquals(new Uint8Array(zlib.gunzipSync(file)), bytes);
      const result = unpackResult(file);
      if ("problem" in result) throw new Error(result.problem);
      assertEquals(new Uint8Array(result.bytes), bytes);
      assertEquals(result.header, { digest: digestOf(bytes), size, kind: level % 2 });
    }
  }
});

Deno.test("the level counts: stored is larger than compressed", () => {
  const bytes = sample(300_000);
  const sizes = [0, 1, 9].map((level) => packResult(bytes, digestOf(bytes), 0, level).length);
  assert(sizes[0]! > bytes.length && sizes[1]! < bytes.length && sizes[2]! < sizes[1]!, String(sizes));
});

Deno.test("a flip of any bit gives a problem or the very same result, never another", () => {
  for (const size of [0, 40, 300]) {
    const bytes = sample(size);
    for (const kind of [0, 1, 2, 4]) {
      const file = packResult(bytes, digestOf(bytes), kind, 6);
      let problems = 0;
      for (let bit = 0; bit < file.length * 8; bit++) {
        const flipped = Uint8Array.from(file);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const result = unpackResult(flipped);
        if ("problem" in result) problems++;
        else {
          assertEquals(new Uint8Array(result.bytes), bytes);
          assertEquals(result.header, { digest: digestOf(bytes), size, kind });
        }
      }
      // What may change unnoticed is what gzip itself leaves open: time, flags for speed, system.
      assert(problems > file.length * 8 - 80, `${problems} of ${file.length * 8} flips were noticed`);
    }
  }
});

Deno.test("every truncation is a problem", () => {
  const bytes = sample(300);
  const file = packResult(bytes, digestOf(bytes), 0, 6);
  for (let length = 0; length < file.length; length++) {
    assert("problem" in unpackResult(file.subarray(0, length)), `cut to ${length} bytes`);
  }
});

Deno.test("foreign, newer and lying files say what is wrong with them", () => {
  const bytes = sample(300);
  const problem = (file: Uint8Array): string => {
    const result = unpackResult(file);
    return "problem" in result ? result.problem : "none";
  };
  const good = packResult(bytes, digestOf(bytes), 0, 6);
  assertEquals(problem(new Uint8Array()), "it is cut short");
  assertEquals(problem(new Uint8Array(200)), "it is not a result of runner");
  assertEquals(
    problem(zlib.gzipSync(Buffer.from(crypto.getRandomValues(new Uint8Array(200))))),
    "it is not a result of runner",
  );
  const newer = Uint8Array.from(good);
  newer[16] = 9;
  assertEquals(problem(newer), "it has format version 9, which this version of runner does not know");
  const lying = packResult(bytes, digestOf(sample(301)), 0, 6);
  assertEquals(problem(lying), "its bytes do not fit its digest");
  // A small file that unpacks to much more than it says is not unpacked.
  const bomb = Buffer.concat([good.subarray(0, 60), zlib.gzipSync(Buffer.alloc(50_000_000)).subarray(10)]);
  assert(/cannot be unpacked/.test(problem(bomb)), problem(bomb));
});

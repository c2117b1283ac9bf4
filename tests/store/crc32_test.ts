/** The checksum of gzip, against the one of zlib. */
import { assertEquals } from "@std/assert";
import zlib from "node:zlib";
import { crc32 } from "../../src/store/crc32.ts";

Deno.test("the checksum is the one of zlib, also when it goes on from another", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, at) => (at * 7 + 3) & 255);
  for (const length of [0, 1, 2, 60, 255, 300]) {
    assertEquals(crc32(bytes.subarray(0, length)), zlib.crc32(bytes.subarray(0, length)));
    assertEquals(crc32(bytes.subarray(length), crc32(bytes.subarray(0, length))), zlib.crc32(bytes));
  }
});

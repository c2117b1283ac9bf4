/** Gzip as `node:zlib` has it, or on Bun the same by what is there from the start: its `node:zlib` takes 10 ms to load. */
import { node } from "./builtin.ts";

interface BunGzip {
  gzipSync(bytes: Uint8Array, options: { readonly level: number }): Uint8Array;
  gunzipSync(bytes: Uint8Array): Uint8Array;
}

const bun = (globalThis as { Bun?: BunGzip }).Bun;

/** Bytes as a gzip file with the shortest header, 10 bytes; `level` is 0 to 9. */
export function gzip(bytes: Uint8Array, level: number): Uint8Array {
  return bun?.gzipSync(bytes, { level }) ?? node.zlib.gzipSync(bytes, { level });
}

/**
 * The bytes in a gzip file.
 *
 * @param size how many bytes are expected: there is no use in more.
 * @throws {Error} when it is damaged; on Deno also when there are more.
 */
export function gunzip(file: Uint8Array, size: number): Uint8Array {
  return bun?.gunzipSync(file) ?? node.zlib.gunzipSync(file, { maxOutputLength: Math.max(1, size) });
}

/**
 * The format of a stored result: a gzip file (`zcat` reads it) whose header carries, as an extra field, our magic, the format
 * version, what kind of bytes they are, and the digest and size of the bytes before compression. Pure but for zlib.
 */
import { Buffer } from "node:buffer";
import zlib from "node:zlib";
import { digestOf } from "../model/digest.ts";
import type { Digest } from "../model/id.ts";

/** What the header of a result says. */
export interface ResultHeader {
  readonly digest: Digest;
  /** Bytes before compression. */
  readonly size: number;
  /** What the bytes are: see `CALLS`, `OUTPUTS` and `TRACE`; 0 for a plain value. */
  readonly kind: number;
}

/** Why bytes are no result. */
export type BadResult = { readonly problem: string };

/** The extra field: "RN", length 44, version, kind, checksum of the header (2), digest (32), size (8). */
const FIELD = 44;
/** Bytes before the compressed data. */
export const HEADER_BYTES = 10 + 2 + 4 + FIELD;
const VERSION = 1;
/** Shorter results are not worth compressing. */
const TINY = 96;

/** A result as the bytes of its file. */
export function packResult(
  bytes: Uint8Array,
  digest: string,
  kind: number,
  level: number,
): Uint8Array {
  const body = bytes.length <= TINY
    ? storedBody(bytes)
    : zlib.gzipSync(bytes, { level: level as 6 }).subarray(10);
  const file = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  file.set([
    0x1f,
    0x8b,
    8,
    4,
    0,
    0,
    0,
    0,
    0,
    255,
    FIELD + 4,
    0,
    0x52,
    0x4e,
    FIELD,
    0,
    VERSION,
    kind,
    0,
    0,
  ]);
  file.write(digest, 20, "hex");
  file.writeUInt32LE(bytes.length >>> 0, 52);
  file.writeUInt32LE(Math.floor(bytes.length / 2 ** 32), 56);
  file.writeUInt16LE(headerChecksum(file), 18);
  file.set(body, HEADER_BYTES);
  return file;
}

/** A gzip body that holds the bytes as they are: one stored block, checksum, size. */
function storedBody(bytes: Uint8Array): Uint8Array {
  const body = Buffer.allocUnsafe(5 + bytes.length + 8);
  body[0] = 1;
  body.writeUInt16LE(bytes.length, 1);
  body.writeUInt16LE(~bytes.length & 0xffff, 3);
  body.set(bytes, 5);
  body.writeUInt32LE(zlib.crc32(bytes), 5 + bytes.length);
  body.writeUInt32LE(bytes.length, 9 + bytes.length);
  return body;
}

/** Reads the header from the first bytes of a file. */
export function readHeader(file: Uint8Array): ResultHeader | BadResult {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < HEADER_BYTES) return { problem: "it is cut short" };
  if (
    bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[3] !== 4 || bytes[12] !== 0x52 || bytes[13] !== 0x4e ||
    bytes[14] !== FIELD
  ) {
    return { problem: "it is not a result of runner" };
  }
  if (bytes[16] !== VERSION) {
    return { problem: `it has format version ${bytes[16]}, which this version of runner does not know` };
  }
  if (bytes.readUInt16LE(18) !== headerChecksum(bytes)) return { problem: "its header is damaged" };
  const size = bytes.readUInt32LE(52) + bytes.readUInt32LE(56) * 2 ** 32;
  return { digest: bytes.toString("hex", 20, 52) as Digest, size, kind: bytes[17]! };
}

/** What the header says that the digest of the bytes does not cover, and the digest itself, in 16 bits. */
function headerChecksum(file: Buffer): number {
  return zlib.crc32(file.subarray(20, HEADER_BYTES), zlib.crc32(file.subarray(16, 18))) & 0xffff;
}

/** Takes the bytes out of a file; whatever does not fit its digest is a problem, never a value. */
export function unpackResult(
  file: Uint8Array,
): { readonly bytes: Uint8Array; readonly header: ResultHeader } | BadResult {
  const header = readHeader(file);
  if ("problem" in header) return header;
  try {
    const bytes = zlib.gunzipSync(file, { maxOutputLength: Math.max(1, header.size) });
    if (bytes.length !== header.size || digestOf(bytes) !== header.digest) {
      return { problem: "its bytes do not fit its digest" };
    }
    return { bytes, header };
  } catch (error) {
    return { problem: `it cannot be unpacked (${(error as Error).message})` };
  }
}

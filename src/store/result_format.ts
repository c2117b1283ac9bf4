/**
 * The format of a stored result: a gzip file (`zcat` reads it) whose header carries, as an extra field, our magic, the format
 * version, what kind of bytes they are, and the digest and size of the bytes before compression. Pure.
 */
import { digestOf } from "../model/digest.ts";
import type { Digest } from "../model/id.ts";
import { gunzip, gzip } from "../runtime/gzip.ts";
import { crc32 } from "./crc32.ts";

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
  const body = bytes.length <= TINY ? storedBody(bytes) : gzip(bytes, level).subarray(10);
  const file = new Uint8Array(HEADER_BYTES + body.length);
  file.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, FIELD + 4, 0, 0x52, 0x4e, FIELD, 0, VERSION, kind]);
  file.set(Uint8Array.fromHex(digest), 20);
  const view = viewOf(file);
  view.setUint32(52, bytes.length >>> 0, true);
  view.setUint32(56, Math.floor(bytes.length / 2 ** 32), true);
  view.setUint16(18, headerChecksum(file), true);
  file.set(body, HEADER_BYTES);
  return file;
}

/** A gzip body that holds the bytes as they are: one stored block, checksum, size. */
function storedBody(bytes: Uint8Array): Uint8Array {
  const body = new Uint8Array(5 + bytes.length + 8);
  const view = viewOf(body);
  body[0] = 1;
  view.setUint16(1, bytes.length, true);
  view.setUint16(3, ~bytes.length & 0xffff, true);
  body.set(bytes, 5);
  view.setUint32(5 + bytes.length, crc32(bytes), true);
  view.setUint32(9 + bytes.length, bytes.length, true);
  return body;
}

/** Reads the header from the first bytes of a file. */
export function readHeader(file: Uint8Array): ResultHeader | BadResult {
  if (file.length < HEADER_BYTES) return { problem: "it is cut short" };
  if (
    file[0] !== 0x1f || file[1] !== 0x8b || file[3] !== 4 || file[12] !== 0x52 || file[13] !== 0x4e ||
    file[14] !== FIELD
  ) {
    return { problem: "it is not a result of runner" };
  }
  if (file[16] !== VERSION) {
    return { problem: `it has format version ${file[16]}, which this version of runner does not know` };
  }
  const view = viewOf(file);
  if (view.getUint16(18, true) !== headerChecksum(file)) return { problem: "its header is damaged" };
  const size = view.getUint32(52, true) + view.getUint32(56, true) * 2 ** 32;
  return { digest: file.subarray(20, 52).toHex() as Digest, size, kind: file[17]! };
}

/** What the header says that the digest of the bytes does not cover, and the digest itself, in 16 bits. */
function headerChecksum(file: Uint8Array): number {
  return crc32(file.subarray(20, HEADER_BYTES), crc32(file.subarray(16, 18))) & 0xffff;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Takes the bytes out of a file; whatever does not fit its digest is a problem, never a value. */
export function unpackResult(
  file: Uint8Array,
): { readonly bytes: Uint8Array; readonly header: ResultHeader } | BadResult {
  const header = readHeader(file);
  if ("problem" in header) return header;
  try {
    const bytes = gunzip(file, header.size);
    if (bytes.length !== header.size || digestOf(bytes) !== header.digest) {
      return { problem: "its bytes do not fit its digest" };
    }
    return { bytes, header };
  } catch (error) {
    return { problem: `it cannot be unpacked (${(error as Error).message})` };
  }
}

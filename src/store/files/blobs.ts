/**
 * The bytes of output files in the cache, each under its digest: `blobs/<2 hex>/<62 hex>.gz`. A blob is a gzip file of one member
 * for each piece of the file; a field that other programs pass over tells how long a member is, so that neither way needs more
 * memory than a piece.
 */
import type { Buffer } from "node:buffer";
import { digestOf } from "../../model/digest.ts";
import { node } from "../../runtime/builtin.ts";
import { scratchName } from "../owner.ts";
import { eachPiece, PIECE, type ReadFile } from "./digest.ts";

/** gzip's header of 10 bytes, the length of the extra field, its name `RN` and length; then packed and plain length of the member. */
const SIGN = Uint8Array.of(0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 12, 0, 0x52, 0x4e, 8, 0);
const HEAD = SIGN.length + 8;
/** The checksum and length that end a member. */
const TAIL = 8;

/**
 * Where the index of file digests lies. A task may have any name, and a file or folder of that name in the cache: this folder has
 * nothing that a task's folder has.
 */
export function digestIndexFile(cache: string): string {
  return `${cache}/blobs/index`;
}

/** The blobs of a cache. */
export class Blobs {
  constructor(private readonly cache: string) {}

  /** Where a blob lies. */
  file(digest: string): string {
    return `${this.cache}/blobs/${digest.slice(0, 2)}/${digest.slice(2)}.gz`;
  }

  /** Whether there is a blob; not whether it is whole. */
  has(digest: string): boolean {
    return node.fs.existsSync(this.file(digest));
  }

  /**
   * Keeps a file that was just read.
   *
   * @throws when the file system refuses, or the file has changed meanwhile.
   */
  keep(full: string, { digest, bytes }: ReadFile, level: number): void {
    if (this.has(digest)) return;
    const place = this.file(digest);
    const aside = `${this.cache}/tmp/${scratchName("blob")}`;
    const out = openNew(aside);
    try {
      try {
        if (bytes !== undefined) writeAll(out, pack(bytes, level));
        else this.keepInPieces(full, digest, level, out);
      } finally {
        node.fs.closeSync(out);
      }
      node.fs.mkdirSync(place.slice(0, place.lastIndexOf("/")), { recursive: true });
      // Of two runners at once both write the same bytes; the second replaces what the first has put there.
      node.fs.renameSync(aside, place);
    } catch (error) {
      node.fs.rmSync(aside, { force: true });
      throw error;
    }
  }

  private keepInPieces(full: string, digest: string, level: number, out: number): void {
    const sum = node.crypto.createHash("sha256");
    eachPiece(full, (piece) => {
      sum.update(piece as Uint8Array<ArrayBuffer>);
      writeAll(out, pack(piece, level));
    });
    if (sum.digest("hex") !== digest) throw new Error(`the output ${full} changed while it was being stored`);
  }

  /** Hands over the bytes of a blob piece by piece; says what is wrong with it, after which what was handed over is no good. */
  read(digest: string, size: number, take: (piece: Uint8Array) => void): "missing" | "damaged" | undefined {
    let file: number;
    try {
      file = node.fs.openSync(this.file(digest), "r");
    } catch {
      return "missing";
    }
    try {
      const sum = node.crypto.createHash("sha256");
      const head = node.buffer.Buffer.alloc(HEAD);
      let total = 0;
      for (;;) {
        const length = fill(file, head, HEAD);
        if (length === 0) break;
        if (length < HEAD || !head.subarray(0, SIGN.length).equals(SIGN)) return "damaged";
        const packed = head.readUInt32LE(SIGN.length), plain = head.readUInt32LE(SIGN.length + 4);
        if (plain > PIECE || packed > 2 * PIECE) return "damaged";
        const member = node.buffer.Buffer.alloc(packed + TAIL);
        if (fill(file, member, packed + TAIL) < packed + TAIL) return "damaged";
        const piece = unpack(member.subarray(0, packed), plain);
        if (piece === undefined || member.readUInt32LE(packed) !== node.zlib.crc32(piece)) return "damaged";
        total += plain;
        if (total > size || member.readUInt32LE(packed + 4) !== plain) return "damaged";
        if (plain === size) {
          if (digestOf(piece) !== digest) return "damaged";
          take(piece);
          return fill(file, head, 1) === 0 ? undefined : "damaged";
        }
        sum.update(piece);
        take(piece);
      }
      return total === size && sum.digest("hex") === digest ? undefined : "damaged";
    } finally {
      node.fs.closeSync(file);
    }
  }
}

/** A piece as a member of a gzip file. */
function pack(piece: Uint8Array, level: number): Buffer {
  const packed = node.zlib.deflateRawSync(piece, { level });
  const member = node.buffer.Buffer.alloc(HEAD + packed.length + TAIL);
  member.set(SIGN);
  member.writeUInt32LE(packed.length, SIGN.length);
  member.writeUInt32LE(piece.length, SIGN.length + 4);
  member.set(packed, HEAD);
  member.writeUInt32LE(node.zlib.crc32(piece), HEAD + packed.length);
  member.writeUInt32LE(piece.length, HEAD + packed.length + 4);
  return member;
}

/** The plain bytes of a member, if it has as many as it says. */
function unpack(packed: Buffer, plain: number): Buffer | undefined {
  try {
    const piece = node.zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, plain) });
    return piece.length === plain ? piece : undefined;
  } catch {
    return undefined;
  }
}

/** Opens a file that must be new, and makes its folder if it has none. */
function openNew(path: string): number {
  try {
    return node.fs.openSync(path, "wx");
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    node.fs.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    return node.fs.openSync(path, "wx");
  }
}

/** Writes all of some bytes: a file system that is nearly full takes a part of them. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += node.fs.writeSync(file, bytes, at, bytes.length - at, null);
}

/** Reads so many bytes, or what there is of them. */
function fill(file: number, into: Buffer, length: number): number {
  let at = 0;
  while (at < length) {
    const read = node.fs.readSync(file, into, at, length - at, null);
    if (read === 0) break;
    at += read;
  }
  return at;
}

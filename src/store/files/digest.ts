/** Digests of files, when they may be relied on, and the marks that validities hold. */
import { digestOf } from "../../model/digest.ts";
import type { Trigger } from "../../model/files.ts";
import { node } from "../../runtime/builtin.ts";
import { type Look, look } from "../../runtime/look.ts";

/** Files up to this size are read whole; larger ones piece by piece. */
export const PIECE = 4 * 1024 * 1024;
/** File systems tell times this coarsely at worst, and clocks of file servers differ a little. */
const RACY_MILLIS = 2_000;
/** The clock that file systems take times from is behind the one that programs see by so much: it moves in ticks. */
export const TICK_MILLIS = 5;
/** A file that changes while it is read is read so many times. */
const TRIES = 4;

/**
 * Whether a file that looks the same later is the same: not when it had been changed within 2 seconds before it was looked at,
 * for it may then have been changed again without another time. `ctime` counts too, since `mtime` can be set to anything.
 */
export function isSettled(mtime: number, ctime: number, at: number): boolean {
  return mtime + RACY_MILLIS < at && ctime + RACY_MILLIS < at;
}

/**
 * Whether a file may have changed at a moment or later. Where the file system is `coarse`, telling whole seconds, so may one have
 * that looks up to two seconds older. Deno tells `ctime` like that: it tells something only where it does not fit `mtime`, which is so when
 * another file was moved there, or the time was set back.
 */
export function isNotBefore(mtime: number, ctime: number, moment: number, coarse: boolean): boolean {
  // A time that is later than the change that set it was set by hand.
  const isSet = mtime >= ctime + 1_000;
  if (!isSet && mtime + (coarse ? RACY_MILLIS : 0) >= moment || ctime >= moment) return true;
  const second = Math.floor(moment / 1_000) * 1_000;
  return ctime % 1_000 === 0 && ctime >= second && ctime !== Math.floor(mtime / 1_000) * 1_000;
}

/** Whether two looks are at the same file in the same state. */
export function sameStamp(
  a: Pick<Look, "size" | "mtime" | "ctime" | "inode">,
  b: Pick<Look, "size" | "mtime" | "ctime" | "inode">,
): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime && a.inode === b.inode;
}

/** A file that was read. */
export interface ReadFile {
  readonly digest: string;
  readonly look: Look;
  /** The moment before it was looked at; 0 when it never held still. */
  readonly at: number;
  /** Its bytes, unless it is large. */
  readonly bytes: Uint8Array | undefined;
}

/** Reads a file, and makes sure that the digest is of the bytes that the look is at; `undefined` when it is no file (any more). */
export function readFile(full: string, follow: boolean): ReadFile | undefined {
  let before = Date.now();
  let seen = look(full, follow);
  for (let tries = 1;; tries++) {
    if (seen?.kind !== "file") return undefined;
    let bytes: Uint8Array | undefined, digest: string;
    try {
      bytes = seen.size <= PIECE ? node.fs.readFileSync(full) : undefined;
      digest = bytes === undefined ? digestInPieces(full) : digestOf(bytes);
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return undefined;
      throw error;
    }
    const later = Date.now();
    const now = look(full, follow);
    if (now?.kind !== "file") return undefined;
    const still = sameStamp(seen, now) && (bytes === undefined || bytes.length === now.size);
    if (still || tries === TRIES) return { digest, look: now, at: still ? before : 0, bytes };
    before = later;
    seen = now;
  }
}

function digestInPieces(full: string): string {
  const sum = node.crypto.createHash("sha256");
  eachPiece(full, (piece) => sum.update(piece as Uint8Array<ArrayBuffer>));
  return sum.digest("hex");
}

/** Hands over the bytes of a file piece by piece; a piece is gone when the next one comes. */
export function eachPiece(full: string, take: (piece: Uint8Array) => void): void {
  const file = node.fs.openSync(full, "r");
  try {
    const buffer = node.buffer.Buffer.allocUnsafeSlow(PIECE);
    for (;;) {
      const length = node.fs.readSync(file, buffer, 0, PIECE, null);
      if (length === 0) return;
      take(buffer.subarray(0, length));
    }
  } finally {
    node.fs.closeSync(file);
  }
}

/** Whether a trigger asks for the bytes. */
export function needsDigest(trigger: Trigger): boolean {
  return trigger === "content" || trigger === "both";
}

/** The mark of a file that is there. Whole milliseconds: that is what all runtimes tell. */
export function markOf(trigger: Trigger, digest: string, mtime: number): string {
  switch (trigger) {
    case "content":
      return digest;
    case "mtime":
      return `${Math.floor(mtime)}`;
    case "both":
      return `${digest} ${Math.floor(mtime)}`;
    case "exists":
      return "there";
  }
}

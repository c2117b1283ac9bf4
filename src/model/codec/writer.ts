/** Growing output buffer of the codec: varints, numbers, strings and raw bytes. */

import { CodecError } from "./error.ts";
import { ASCII, BIGINT, DOUBLE, INT, INT_0, MAX_BYTES, SHORT_0, UTF16, UTF8 } from "./tags.ts";

const SCRATCH_BYTES = 4096;
/** A scratch buffer larger than this is not kept for the next call. */
const KEEP_BYTES = 1 << 20;
/** Raw bytes from this size on are not copied through the buffer but put in place at the end. */
const SEGMENT_BYTES = 1 << 16;

const utf8 = new TextEncoder();

/** Payload that will be put in before position `at` of the buffer. */
interface Segment {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** A byte buffer that grows as it is written; kept and reused from one encoding to the next. */
export class Writer {
  /** The bytes so far are `buf[0..pos)`, without segments. */
  buf: Uint8Array<ArrayBuffer> = new Uint8Array(SCRATCH_BYTES);
  /** Position of the next byte. */
  pos = 0;
  #view = new DataView(this.buf.buffer);
  #segments: Segment[] = [];
  #segmentBytes = 0;
  readonly #limit: number;

  /** A writer that refuses output beyond `limit` bytes. */
  constructor(limit: number = MAX_BYTES) {
    this.#limit = limit;
  }

  /** Writes one byte, 0..255. */
  byte(value: number): void {
    if (this.pos === this.buf.length) this.#grow(1);
    this.buf[this.pos++] = value;
  }

  /** Writes a non-negative safe integer in 7-bit groups, lowest first. */
  varint(value: number): void {
    this.#ensure(8);
    const buf = this.buf;
    let pos = this.pos;
    while (value > 0x7fff_ffff) {
      buf[pos++] = (value % 128) | 0x80;
      value = Math.floor(value / 128);
    }
    while (value > 0x7f) {
      buf[pos++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    buf[pos++] = value;
    this.pos = pos;
  }

  /** Writes a number value with its tag, in the only form it has. */
  number(value: number): void {
    this.#ensure(10);
    if ((value | 0) === value) {
      if (value >= 0 && value < 64 && (value !== 0 || 1 / value > 0)) {
        this.buf[this.pos++] = INT_0 + value;
        return;
      }
      if (value !== 0) {
        const buf = this.buf;
        let pos = this.pos;
        buf[pos++] = INT;
        let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
        while (zigzag > 0x7f) {
          buf[pos++] = (zigzag & 0x7f) | 0x80;
          zigzag >>>= 7;
        }
        buf[pos++] = zigzag;
        this.pos = pos;
        return;
      }
    } else if (Number.isSafeInteger(value)) {
      // Zigzag of a 53-bit integer has 54 bits, more than a double: split off the first group by hand.
      const magnitude = value < 0 ? -value - 1 : value;
      this.buf[this.pos++] = INT;
      this.buf[this.pos++] = 0x80 | ((magnitude % 64) << 1) | (value < 0 ? 1 : 0);
      this.varint(Math.floor(magnitude / 64));
      return;
    }
    this.buf[this.pos++] = DOUBLE;
    this.double(value);
  }

  /** Writes 8 bytes, little endian, every NaN as the same one. */
  double(value: number): void {
    this.#ensure(8);
    if (value !== value) {
      this.#view.setUint32(this.pos, 0, true);
      this.#view.setUint32(this.pos + 4, 0x7ff8_0000, true);
    } else {
      this.#view.setFloat64(this.pos, value, true);
    }
    this.pos += 8;
  }

  /** Writes a bigint value with its tag. */
  bigint(value: bigint): void {
    const negative = value < 0n;
    const hex = value === 0n ? "" : (negative ? -value : value).toString(16);
    const length = (hex.length + 1) >>> 1;
    this.#ensure(length + 9);
    this.buf[this.pos++] = BIGINT;
    this.varint(length * 2 + (negative ? 1 : 0));
    let pos = this.pos;
    for (let end = hex.length; end > 0; end -= 2) {
      this.buf[pos++] = parseInt(hex.slice(Math.max(0, end - 2), end), 16);
    }
    this.pos = pos;
  }

  /** Writes a string value with its tag: ASCII, else UTF-8, else (lone surrogates) UTF-16. */
  string(value: string): void {
    const length = value.length;
    if (length >= 64) return this.#long(value);
    this.#ensure(length + 1);
    const buf = this.buf;
    const start = this.pos + 1;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return this.#long(value);
      buf[start + i] = unit;
    }
    buf[start - 1] = SHORT_0 + length;
    this.pos = start + length;
  }

  /** Writes bytes as they are; large ones are only noted here and copied once, by `result`. */
  raw(bytes: Uint8Array): void {
    if (bytes.length < SEGMENT_BYTES) {
      this.#ensure(bytes.length);
      this.buf.set(bytes, this.pos);
      this.pos += bytes.length;
      return;
    }
    this.#check(this.pos + bytes.length);
    this.#segments.push({ at: this.pos, bytes, length: bytes.length });
    this.#segmentBytes += bytes.length;
  }

  /**
   * The bytes written: with `fresh` an exact copy, else perhaps a view that the next use overwrites. Throws
   * `CodecError` when a buffer changed its size since it was noted, or memory runs out.
   */
  result(fresh: boolean): Uint8Array<ArrayBuffer> {
    if (this.#segments.length > 0) return this.#join();
    return fresh ? this.buf.slice(0, this.pos) : this.buf.subarray(0, this.pos);
  }

  /** Forgets the content, and the buffer itself when it has become large. */
  reset(): void {
    this.pos = 0;
    if (this.#segments.length > 0) {
      this.#segments = [];
      this.#segmentBytes = 0;
    }
    if (this.buf.length > KEEP_BYTES) this.#use(new Uint8Array(SCRATCH_BYTES));
  }

  #long(value: string): void {
    const length = value.length;
    this.#ensure(length + 9);
    const tagAt = this.pos;
    // Header and body as if ASCII: then the number of bytes is known before they are written.
    this.pos++;
    this.varint(length);
    const bodyAt = this.pos;
    let { read, written } = utf8.encodeInto(value, this.buf.subarray(bodyAt));
    if (written === length && read === length) {
      this.buf[tagAt] = length < 64 ? SHORT_0 + length : ASCII;
      this.pos = bodyAt + length;
      return;
    }
    if (!value.isWellFormed()) {
      this.pos = tagAt;
      return this.#utf16(value);
    }
    while (read < length) {
      this.pos = bodyAt + written;
      this.#ensure((length - read) * 3);
      const more = utf8.encodeInto(value.slice(read), this.buf.subarray(this.pos));
      read += more.read;
      written += more.written;
    }
    this.pos = bodyAt + written;
    this.#ensure(8);
    // The real header may be longer than the guessed one: write it behind the body to learn its size.
    this.varint(written);
    const headerBytes = this.pos - bodyAt - written;
    this.buf.copyWithin(tagAt + 1 + headerBytes, bodyAt, bodyAt + written);
    this.pos = tagAt;
    this.buf[this.pos++] = UTF8;
    this.varint(written);
    this.pos += written;
  }

  #utf16(value: string): void {
    this.#ensure(value.length * 2 + 9);
    this.buf[this.pos++] = UTF16;
    this.varint(value.length);
    let pos = this.pos;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      this.buf[pos++] = unit & 0xff;
      this.buf[pos++] = unit >> 8;
    }
    this.pos = pos;
  }

  #join(): Uint8Array<ArrayBuffer> {
    const out = allocate(this.pos + this.#segmentBytes);
    let from = 0;
    let to = 0;
    for (const segment of this.#segments) {
      // A getter that ran later may have detached or resized the buffer; its length is already written.
      if (segment.bytes.length !== segment.length) {
        throw new CodecError("unsupported", "", "holds a buffer that was resized while it was encoded");
      }
      out.set(this.buf.subarray(from, segment.at), to);
      to += segment.at - from;
      from = segment.at;
      out.set(segment.bytes, to);
      to += segment.length;
    }
    out.set(this.buf.subarray(from, this.pos), to);
    return out;
  }

  #ensure(count: number): void {
    if (this.pos + count > this.buf.length) this.#grow(count);
  }

  #grow(count: number): void {
    const needed = this.pos + count;
    this.#check(needed);
    const larger = allocate(Math.min(Math.max(needed, this.buf.length * 2), MAX_BYTES));
    larger.set(this.buf.subarray(0, this.pos));
    this.#use(larger);
  }

  #check(length: number): void {
    if (length + this.#segmentBytes > this.#limit) {
      throw new CodecError(
        "too-large",
        "",
        `makes the whole larger than ${this.#limit} bytes: split it, or store it in files and pass their paths`,
      );
    }
  }

  #use(buf: Uint8Array<ArrayBuffer>): void {
    this.buf = buf;
    this.#view = new DataView(buf.buffer);
  }
}

function allocate(length: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new CodecError("too-large", "", `needs ${length} bytes of memory that are not there`, { cause });
  }
}

/** Reads the parts of the format from bytes, every length checked before anything is allocated. */

import { corrupt } from "./error.ts";
import { ASCII, BIGINT, INT_0, SHORT_0, UTF16, UTF8 } from "./tags.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Strings up to this length are built by hand: a TextDecoder call costs more. */
const BY_HAND = 32;
const UTF16_CHUNK = 4096;

/** A position in bytes; all methods throw `CodecError` (corrupt) where the bytes do not hold what is asked. */
export class Reader {
  /** The input. */
  readonly bytes: Uint8Array;
  /** Position of the next byte. */
  pos = 0;
  #made: DataView | undefined;

  /** A reader at the start of the bytes. */
  constructor(bytes: Uint8Array) {
    // A Buffer's own slice() would alias: only ever work with a Uint8Array proper.
    this.bytes = Object.getPrototypeOf(bytes) === Uint8Array.prototype
      ? bytes
      : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Made when it is needed: most small values hold no floating-point numbers. */
  get #view(): DataView {
    return this.#made ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }

  /** How many bytes are left. */
  get left(): number {
    return this.bytes.length - this.pos;
  }

  /** Throws the error for the current position. */
  fail(problem: string, options?: ErrorOptions): never {
    throw corrupt(this.pos, problem, options);
  }

  /** The next byte. */
  byte(): number {
    if (this.pos >= this.bytes.length) this.fail("the bytes end too early");
    return this.bytes[this.pos++]!;
  }

  /** Goes on behind these bytes, if they come next. */
  skip(expected: Uint8Array): boolean {
    const { bytes, pos } = this;
    if (expected.length > bytes.length - pos) return false;
    for (let at = 0; at < expected.length; at++) if (bytes[pos + at] !== expected[at]) return false;
    this.pos += expected.length;
    return true;
  }

  /** A varint up to 2^53-1. */
  varint(): number {
    const first = this.byte();
    return first < 0x80 ? first : this.#more(first & 0x7f, 128);
  }

  /** A count of things of which each takes at least `size` bytes. */
  count(size = 1): number {
    const count = this.varint();
    if (count * size > this.left) this.fail(`a count of ${count} is more than the bytes left`);
    return count;
  }

  /** The value of an INT, after its tag. */
  int(): number {
    const first = this.byte();
    let magnitude = (first >> 1) & 0x3f;
    if (first >= 0x80) magnitude = this.#more(magnitude, 64);
    return (first & 1) === 0 ? magnitude : -magnitude - 1;
  }

  /** Eight bytes as a number. */
  double(): number {
    if (this.left < 8) this.fail("the bytes end too early");
    const value = this.#view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  /** A bigint with its tag. */
  taggedBigint(): bigint {
    if (this.byte() !== BIGINT) this.fail("a bigint is missing");
    return this.bigint();
  }

  /** The value of a BIGINT, after its tag. */
  bigint(): bigint {
    const header = this.varint();
    const length = Math.floor(header / 2);
    if (length > this.left) this.fail(`a bigint of ${length} bytes is more than the bytes left`);
    const digits: string[] = [];
    for (let i = this.pos + length - 1; i >= this.pos; i--) {
      digits.push(this.bytes[i]!.toString(16).padStart(2, "0"));
    }
    let magnitude = 0n;
    try {
      if (length > 0) magnitude = BigInt(`0x${digits.join("")}`);
    } catch (cause) {
      this.fail(`a bigint of ${length} bytes is more than this runtime can hold`, { cause });
    }
    this.pos += length;
    return header % 2 === 0 ? magnitude : -magnitude;
  }

  /** A string with its tag. */
  taggedString(): string {
    const tag = this.byte();
    if (tag >= SHORT_0 && tag < INT_0) return this.short(tag - SHORT_0);
    if (tag === ASCII || tag === UTF8 || tag === UTF16) return this.string(tag);
    return this.fail("a string is missing");
  }

  /** `length` ASCII characters. */
  short(length: number): string {
    if (length > BY_HAND) return this.#text(length, true);
    if (length > this.left) this.fail("the bytes end too early");
    const bytes = this.bytes;
    let pos = this.pos;
    const end = pos + length;
    let text = "";
    let all = 0;
    for (; pos + 8 <= end; pos += 8) {
      const a = bytes[pos]!, b = bytes[pos + 1]!, c = bytes[pos + 2]!, d = bytes[pos + 3]!;
      const e = bytes[pos + 4]!, f = bytes[pos + 5]!, g = bytes[pos + 6]!, h = bytes[pos + 7]!;
      all |= a | b | c | d | e | f | g | h;
      text += String.fromCharCode(a, b, c, d, e, f, g, h);
    }
    if (pos + 4 <= end) {
      const a = bytes[pos]!, b = bytes[pos + 1]!, c = bytes[pos + 2]!, d = bytes[pos + 3]!;
      all |= a | b | c | d;
      text += String.fromCharCode(a, b, c, d);
      pos += 4;
    }
    for (; pos < end; pos++) {
      const unit = bytes[pos]!;
      all |= unit;
      text += String.fromCharCode(unit);
    }
    if (all > 0x7f) this.fail("a string marked as ASCII is not");
    this.pos = end;
    return text;
  }

  /** The value of a string with the given tag, after it. */
  string(tag: number): string {
    if (tag === ASCII) return this.#text(this.count(), true);
    if (tag === UTF8) return this.#text(this.count(), false);
    const length = this.count(2);
    const units = new Array<number>(Math.min(length, UTF16_CHUNK));
    let text = "";
    for (let done = 0; done < length;) {
      const size = Math.min(UTF16_CHUNK, length - done);
      units.length = size;
      for (let i = 0; i < size; i++) {
        units[i] = this.bytes[this.pos++]! | (this.bytes[this.pos++]! << 8);
      }
      text += String.fromCharCode.apply(null, units);
      done += size;
    }
    return text;
  }

  /** A copy of the next `length` bytes. */
  raw(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.left) this.fail(`${length} bytes are more than the bytes left`);
    let copy: Uint8Array<ArrayBuffer>;
    try {
      copy = this.bytes.slice(this.pos, this.pos + length);
    } catch (cause) {
      return this.fail(`${length} bytes are more memory than there is`, { cause });
    }
    this.pos += length;
    return copy;
  }

  #text(length: number, ascii: boolean): string {
    if (length > this.left) this.fail("the bytes end too early");
    let text: string;
    try {
      text = utf8.decode(this.bytes.subarray(this.pos, this.pos + length));
    } catch (cause) {
      return this.fail("a string is not well-formed UTF-8", { cause });
    }
    if (ascii && text.length !== length) this.fail("a string marked as ASCII is not");
    this.pos += length;
    return text;
  }

  /** The groups after the first of a varint, which has given `value`; the next one counts `unit` each. */
  #more(value: number, unit: number): number {
    for (;;) {
      const group = this.byte();
      value += (group & 0x7f) * unit;
      if (value > Number.MAX_SAFE_INTEGER || unit > 2 ** 49) this.fail("an integer is too large");
      if (group < 0x80) return value;
      unit *= 128;
    }
  }
}

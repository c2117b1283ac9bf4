/**
 * The numbers of the stored format: every value starts with one tag byte.
 *
 * ```
 * 0x01..0x1e  the tags below          0x40..0x7f  object with shape 0..63
 * 0x80..0xbf  ASCII string, 0..63     0xc0..0xff  integer 0..63
 * ```
 * The output starts with `FORMAT`. "varint" is LEB128 of a non-negative integer; "number" is little endian.
 */

/** First byte of all output; changes whenever the meaning of any other byte does. */
export const FORMAT = 0x01;

/** Largest output, and largest single byte payload: 2^32-1. */
export const MAX_BYTES = 0xffff_ffff;

/** Most objects in one value, and most entries of one Map or Set: V8 has no larger Map. */
export const MAX_OBJECTS = 2 ** 24;

/** Objects with more keys than this are written key by key: they are dictionaries, not records. */
export const MAX_SHAPE_KEYS = 64;

/** `undefined`. */
export const UNDEFINED = 0x01;
/** `null`. */
export const NULL = 0x02;
/** `false`. */
export const FALSE = 0x03;
/** `true`. */
export const TRUE = 0x04;
/** A safe integer that is not -0 and not 0..63: zigzag varint. */
export const INT = 0x05;
/** Any other number: 8 bytes, with one NaN. */
export const DOUBLE = 0x06;
/** BigInt: varint (magnitude bytes * 2 + sign), magnitude bytes, lowest first. */
export const BIGINT = 0x07;
/** String of code units below 0x80, 64 or more of them: varint count, bytes. */
export const ASCII = 0x08;
/** Well-formed string with a code unit of 0x80 or more: varint byte count, bytes. */
export const UTF8 = 0x09;
/** String with a lone surrogate: varint code unit count, two bytes each, low first. */
export const UTF16 = 0x0a;
/** An object met before: varint of its number in order of first visit. */
export const REF = 0x0b;
/** Array without holes or named properties: varint length, values. */
export const ARRAY = 0x0c;
/** Any other array: varint length, element count, property count; then (varint gap, value)*, (key, value)*. */
export const ARRAY_SPARSE = 0x0d;
/** Object whose key list is new: varint count, keys, then values. A key is varint 0 + string, or its index + 1. */
export const OBJECT_NEW = 0x0e;
/** Object whose key list was seen: varint number of the shape (64 or more), values. */
export const OBJECT_SHAPE = 0x0f;
/** Object with more than 64 keys: varint count, (key, value)*. */
export const OBJECT_DICT = 0x10;
/** Map: varint size, (key, value)*. */
export const MAP = 0x11;
/** Set: varint size, values. */
export const SET = 0x12;
/** Date: 8-byte time value, NaN when invalid. */
export const DATE = 0x13;
/** RegExp: source string, flags string. */
export const REGEXP = 0x14;
/** Number object: 8 bytes. */
export const BOX_NUMBER = 0x15;
/** String object: string. */
export const BOX_STRING = 0x16;
/** Boolean object holding false. */
export const BOX_FALSE = 0x17;
/** Boolean object holding true. */
export const BOX_TRUE = 0x18;
/** BigInt object: bigint value. */
export const BOX_BIGINT = 0x19;
/** ArrayBuffer: varint length, bytes. */
export const BUFFER = 0x1a;
/** Resizable ArrayBuffer: varint length, varint maxByteLength, bytes. */
export const BUFFER_RESIZABLE = 0x1b;
/** Typed array or DataView: kind byte (`VIEW_KINDS`), varint byte length, bytes. */
export const VIEW = 0x1c;
/** Error: kind byte (`ERROR_KINDS`), flag byte (`HAS_*`), name string, see encode_error.ts. */
export const ERROR = 0x1d;
/** Extension: one value, which `revive` turns into another. */
export const EXT = 0x1e;

/** First tag of an object of shape 0..63. */
export const SHAPE_0 = 0x40;
/** First tag of an ASCII string of 0..63 code units. */
export const SHORT_0 = 0x80;
/** First tag of an integer 0..63. */
export const INT_0 = 0xc0;

/** Error flag: a message string follows. */
export const HAS_MESSAGE = 1;
/** Error flag: a stack string follows. */
export const HAS_STACK = 2;
/** Error flag: a cause value follows. */
export const HAS_CAUSE = 4;
/** Error flag: an errors value follows. */
export const HAS_ERRORS = 8;

/** Typed arrays by their stored kind byte; append only. */
export const VIEW_KINDS: readonly string[] = [
  "DataView",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
];

/** Error constructors by their stored kind byte; append only. */
export const ERROR_KINDS: readonly string[] = [
  "Error",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "AggregateError",
  "DOMException",
];

/** Own properties of an error that have a place of their own in its record. */
export const ERROR_FIELDS: ReadonlySet<string> = new Set(["name", "message", "stack", "cause", "errors"]);

/** Whether a property key is an array index: the canonical text of an integer 0..2^32-2. */
export function isArrayIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return index !== 0xffff_ffff && String(index) === key;
}

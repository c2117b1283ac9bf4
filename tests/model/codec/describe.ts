/** An oracle for the codec: a slow, recursive text of everything about a value that must survive storing. */

const VIEW_TAG = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!;

const ERRORS = [
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
];

/** Bytes as hexadecimal text. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The inverse of `hex`. */
export function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Two values are equal exactly when their descriptions are; `sort` makes the order of keys not count. */
export function describe(value: unknown, sort: boolean): string {
  const seen = new Map<object, number>();

  function properties(object: object, keys: readonly string[]): string {
    const list = sort ? [...keys].sort() : keys;
    return list.map((key) => `${text(key)}:${one((object as Record<string, unknown>)[key])}`).join(",");
  }

  function one(value: unknown): string {
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : `${value}`;
    if (typeof value === "string") return text(value);
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value !== "object" || value === null) return String(value);
    const id = seen.get(value);
    if (id !== undefined) return `#${id}`;
    seen.set(value, seen.size);
    if (Array.isArray(value)) {
      const keys = Object.keys(value);
      const names = keys.filter((key) => !/^\d+$/.test(key) || Number(key) >= value.length);
      const indexes = keys.filter((key) => !names.includes(key));
      const elements = indexes.map((key) => `${key}=${one(value[Number(key)])}`);
      return `[${value.length};${elements.join(",")};${properties(value, names)}]`;
    }
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      return `${VIEW_TAG.call(value) ?? "DataView"}(${hex(bytes)})`;
    }
    if (value instanceof ArrayBuffer) {
      const max = value.resizable ? value.maxByteLength : "fixed";
      return `ArrayBuffer(${hex(new Uint8Array(value))},${max})`;
    }
    if (value instanceof Map) {
      return `Map(${Array.from(value, ([key, item]) => `${one(key)}=>${one(item)}`).join(",")})`;
    }
    if (value instanceof Set) return `Set(${Array.from(value, one).join(",")})`;
    if (value instanceof Date) return `Date(${value.getTime()})`;
    if (value instanceof RegExp) return `RegExp(${text(value.source)},${value.flags})`;
    if (value instanceof Number) return `Number(${one(value.valueOf())})`;
    if (value instanceof String) return `String(${one(value.valueOf())})`;
    if (value instanceof Boolean) return `Boolean(${value.valueOf()})`;
    if (value instanceof BigInt) return `BigInt(${value.valueOf()})`;
    if (value instanceof Error) {
      const kind = value instanceof DOMException
        ? "DOMException"
        : ERRORS.find((type) => value instanceof type)?.name ?? "Error";
      const hasMessage = value.message !== "" || Object.hasOwn(value, "message");
      const fields = ["cause", "errors"].filter((key) => Object.hasOwn(value, key));
      const own = Object.keys(value).filter((key) =>
        !["name", "message", "stack", "cause", "errors"].includes(key)
      );
      const head = `${kind},${text(value.name)},${hasMessage ? text(value.message) : "-"},${
        text(value.stack ?? "-")
      }`;
      return `Error(${head};${properties(value, fields)};${properties(value, own)})`;
    }
    return `{${properties(value, Object.keys(value))}}`;
  }

  return one(value);
}

function text(value: string): string {
  return JSON.stringify(value);
}

/** The values of golden.json, one or more for each type; made anew on each call. Runs on Deno and on Bun. */

class Point {
  x = 1;
  y = 2;
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}

class HttpError extends TypeError {
  override name = "HttpError";
  status = 404;
}

function fixed<T extends Error>(error: T): T {
  Object.defineProperty(error, "stack", { value: "at here", configurable: true, writable: true });
  return error;
}

/** Name and value of each golden vector. */
export function vectors(): Record<string, unknown> {
  const shared = { a: 1 };
  const cycle: Record<string, unknown> = { n: 1 };
  cycle["self"] = cycle;
  const mapCycle = new Map<unknown, unknown>();
  mapCycle.set(mapCycle, new Set([mapCycle]));
  const named = Object.assign([1, 2], { index: 0, groups: undefined });
  const holeAndName = Object.assign([1, 2, 3], { z: 1, b: undefined, a: 2 });
  delete holeAndName[0];
  delete holeAndName[1];
  delete holeAndName[2];
  const sparse: unknown[] = [];
  sparse.length = 4_000_000_000;
  sparse[3_000_000_000] = "far";
  const holes = [1, 2, 3];
  delete holes[1];
  const resizable = new ArrayBuffer(2, { maxByteLength: 8 });
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
  const noStack = new RangeError("no stack");
  Object.defineProperty(noStack, "stack", { value: undefined });
  const withCause = fixed(new Error("outer", { cause: fixed(new SyntaxError("inner")) }));
  const coded = Object.assign(fixed(new Error("coded")), { code: "ENOENT", errno: -2 });
  const noMessage = fixed(new Error());
  return {
    "undefined": undefined,
    "null": null,
    "false": false,
    "true": true,
    "int 0": 0,
    "int 63": 63,
    "int 64": 64,
    "int -1": -1,
    "int 2^31": 2 ** 31,
    "int -2^31": -(2 ** 31),
    "int max": Number.MAX_SAFE_INTEGER,
    "int min": Number.MIN_SAFE_INTEGER,
    "double 2^53": 2 ** 53,
    "double -0": -0,
    "double 1.5": 1.5,
    "double NaN": NaN,
    "double Infinity": Infinity,
    "double -Infinity": -Infinity,
    "double least": 5e-324,
    "bigint 0": 0n,
    "bigint 1": 1n,
    "bigint -256": -256n,
    "bigint 2^64": 2n ** 64n,
    "string empty": "",
    "string ascii": "hello",
    "string ascii 63": "x".repeat(63),
    "string ascii 64": "x".repeat(64),
    "string utf8": "naïve €",
    "string emoji": "😀",
    "string nul": "\0",
    "string bom": "\ufeffx",
    "string lone surrogate": "a\ud800b",
    "string long utf8": "é".repeat(100),
    "date": new Date(86_400_000),
    "date invalid": new Date(NaN),
    "regexp": /a\/b(?<n>.)/giu,
    "boxed number": Object(-0),
    "boxed string": Object("s"),
    "boxed false": Object(false),
    "boxed true": Object(true),
    "boxed bigint": Object(5n),
    "ArrayBuffer": bytes.buffer.slice(0, 3),
    "ArrayBuffer resizable": resizable,
    "DataView": new DataView(bytes.buffer, 1, 2),
    "Int8Array": new Int8Array(bytes.buffer, 0, 2),
    "Uint8Array": new Uint8Array(bytes.buffer, 0, 2),
    "Uint8Array empty": new Uint8Array(0),
    "Uint8ClampedArray": new Uint8ClampedArray(bytes.buffer, 0, 2),
    "Int16Array": new Int16Array(bytes.buffer, 2, 1),
    "Uint16Array": new Uint16Array(bytes.buffer, 2, 1),
    "Int32Array": new Int32Array(bytes.buffer, 4, 1),
    "Uint32Array": new Uint32Array(bytes.buffer, 4, 1),
    "Float16Array": new Float16Array([1.5]),
    "Float32Array": new Float32Array([1.5]),
    "Float64Array": new Float64Array([1.5, -0]),
    "BigInt64Array": new BigInt64Array([-1n]),
    "BigUint64Array": new BigUint64Array([1n]),
    "Map": new Map<unknown, unknown>([["k", 1], [{ a: 1 }, null]]),
    "Set": new Set<unknown>(["k", 1, NaN]),
    "object empty": {},
    "object": { b: 1, a: "x" },
    "object other order": { a: "x", b: 1 },
    "object of class": new Point(),
    "object with getter": {
      get now() {
        return 5;
      },
    },
    "object without prototype": Object.assign(Object.create(null), { a: 1 }),
    "object with __proto__": JSON.parse('{"__proto__":{"polluted":true},"toString":1}'),
    "object with symbol": { [Symbol("hidden")]: 1, a: 1 },
    "object with undefined": { a: undefined },
    "object dictionary": Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, i])),
    "records": [{ a: 1, b: 2 }, { a: 3, b: 4 }, { b: 5, a: 6 }, { a: 7 }],
    "array empty": [],
    "array": [1, "x", null, undefined],
    "array with holes": holes,
    "array sparse": sparse,
    "array named": named,
    "array of as many names as holes": holeAndName,
    "arguments": (function (..._all: unknown[]) {
      return arguments;
    })(1, 2),
    "Error": fixed(new Error("boom")),
    "Error without message": noMessage,
    "Error with cause": withCause,
    "Error with undefined cause": fixed(new Error("x", { cause: undefined })),
    "Error with own data": coded,
    "Error with own data in other order": Object.assign(fixed(new Error("e")), { z: 1, a: 2 }),
    "Error without stack": noStack,
    "EvalError": fixed(new EvalError("e")),
    "ReferenceError": fixed(new ReferenceError("e")),
    "TypeError": fixed(new TypeError("e")),
    "URIError": fixed(new URIError("e")),
    "AggregateError": fixed(new AggregateError([fixed(new Error("one")), 2], "many")),
    "Error subclass": fixed(new HttpError("not found")),
    "DOMException": fixed(new DOMException("stop", "AbortError")),
    "shared": [shared, shared],
    "not shared": [{ a: 1 }, { a: 1 }],
    "cycle": cycle,
    "cycle of Map and Set": mapCycle,
    "many objects": Array.from({ length: 12 }, (_, i) => i % 3 === 2 ? shared : { a: i }),
  };
}

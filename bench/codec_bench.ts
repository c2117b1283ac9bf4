/** Speed of the codec: records, bytes and tiny values. Run with `deno bench bench/codec_bench.ts`. */

import { decode } from "../src/model/codec/decode.ts";
import { encode, encodeInto } from "../src/model/codec/encode.ts";

const records = Array.from({ length: 100_000 }, (_, id) => ({
  id,
  name: `item number ${id}`,
  price: id * 1.25,
  active: id % 2 === 0,
  kind: "thing",
}));
const nested = Array.from({ length: 100_000 }, (_, id) => ({
  id,
  name: `item ${id}`,
  price: id * 1.25,
  tags: ["a", `b${id % 10}`],
  at: { x: id, y: -id },
}));
const integers = Array.from({ length: 1_000_000 }, (_, i) => i);
const bytes = new Uint8Array(100e6).fill(7);
const tiny = { a: 1, b: 2 };
const canonical = { canonical: true };

const few = { n: 10, warmup: 3 };

for (const [name, value] of Object.entries({ records, nested, integers, bytes })) {
  const stored = encode(value);
  const group = `${name}, ${stored.length} bytes`;
  Deno.bench({ name: `encode ${name}`, group, ...few, fn: () => void encode(value) });
  Deno.bench({ name: `encode ${name}, canonical`, group, ...few, fn: () => void encode(value, canonical) });
  Deno.bench({ name: `decode ${name}`, group, ...few, fn: () => void decode(stored) });
}

const storedTiny = encode(tiny);
Deno.bench("encodeInto {a:1,b:2}", { group: "tiny" }, () => void encodeInto(tiny));
Deno.bench("encodeInto {a:1,b:2}, canonical", { group: "tiny" }, () => void encodeInto(tiny, canonical));
Deno.bench("encodeInto 7", { group: "tiny" }, () => void encodeInto(7));
Deno.bench("encodeInto [1,2,3]", { group: "tiny" }, () => void encodeInto([1, 2, 3]));
Deno.bench("encode {a:1,b:2}", { group: "tiny" }, () => void encode(tiny));
Deno.bench("decode {a:1,b:2}", { group: "tiny" }, () => void decode(storedTiny));

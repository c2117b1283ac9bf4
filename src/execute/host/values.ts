/** The values an attempt is given: its input, what `deps` named, upstream results by name. */
import { FUTURE, RECORD } from "../../model/brand.ts";
import { unlink } from "../../model/call.ts";
import { decode } from "../../model/codec/decode.ts";
import type { ResultStorage } from "../../model/storage.ts";
import type { BatchMessage } from "../protocol.ts";

/** A stored upstream result that is not there any more. */
export class LostValue extends Error {
  constructor(readonly index: number) {
    super("a stored result is gone");
  }
}

/** An upstream value of a batch. */
function valueAt(batch: BatchMessage, index: number, storage: ResultStorage): unknown {
  const upstream = batch.values[index]!;
  const bytes = upstream.bytes ?? storage.read(upstream.file!, upstream.digest);
  if (bytes === undefined) throw new LostValue(index);
  return decode(bytes);
}

/** The values of references, each decoded once for an attempt: what was one object stays one. */
function valuesOf(
  batch: BatchMessage,
  indices: readonly number[],
  storage: ResultStorage,
): (number: number) => unknown {
  let decoded: Map<number, unknown> | undefined;
  return (number) => {
    const index = indices[number]!;
    if (decoded?.has(index)) return decoded.get(index);
    const value = valueAt(batch, index, storage);
    (decoded ??= new Map()).set(index, value);
    return value;
  };
}

const NONE: readonly number[] = [];

/** The input of an item. */
export function inputOf(batch: BatchMessage, item: number, storage: ResultStorage): unknown {
  const start = item === 0 ? 0 : batch.ends[item * 2 - 1]!;
  return unlink(
    batch.bytes.subarray(start, batch.ends[item * 2]!),
    valuesOf(batch, batch.links[item]?.inputs ?? NONE, storage),
  );
}

/** The values of an item's `deps`. */
export function depsOf(batch: BatchMessage, item: number, storage: ResultStorage): unknown {
  const [start, end] = [batch.ends[item * 2]!, batch.ends[item * 2 + 1]!];
  if (start === end) return {};
  return unlink(batch.bytes.subarray(start, end), valuesOf(batch, batch.links[item]?.deps ?? NONE, storage));
}

/** The upstream results by name; a name that is no dependency is a mistake in the task, and throws. */
export function resultsOf(
  batch: BatchMessage,
  item: number,
  storage: ResultStorage,
): Readonly<Record<string, unknown>> {
  const places = new Map(batch.extras[item]?.names ?? []);
  const decoded = new Map<string, unknown>();
  const get = (name: string): unknown => {
    if (!decoded.has(name)) decoded.set(name, valueAt(batch, places.get(name)!, storage));
    return decoded.get(name);
  };
  // Whoever returns it, or puts it into an input, means a record.
  const copy = () => Object.fromEntries([...places.keys()].map((name) => [name, get(name)]));
  return new Proxy(Object.create(null) as Record<string, unknown>, {
    get: (_, name) => {
      if (name === RECORD) return copy;
      if (name === FUTURE) return "record";
      if (typeof name === "symbol" || name === "toJSON" || name === "then") return undefined;
      if (places.has(name)) return get(name);
      const there = places.size === 0 ? "there are none" : `there are ${[...places.keys()].join(", ")}`;
      throw new ReferenceError(`ctx.results[${JSON.stringify(name)}]: that is no dependency; ${there}`);
    },
    has: (_, name) => typeof name === "string" && places.has(name),
    ownKeys: () => [...places.keys()],
    getOwnPropertyDescriptor: (_, name) =>
      typeof name === "string" && places.has(name)
        ? { value: get(name), enumerable: true, configurable: true, writable: false }
        : undefined,
  });
}

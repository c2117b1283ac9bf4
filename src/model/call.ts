/** Calls: a task applied to an input, with its key, made once and never changed. */
import { FUTURE, RECORD, VALUE } from "./brand.ts";
import { decode } from "./codec/decode.ts";
import { CodecError } from "./codec/error.ts";
import { encodeInto } from "./codec/encode.ts";
import { keyOf } from "./digest.ts";
import { type Future, futureContent } from "./future.ts";
import type { Key } from "./id.ts";
import { readable, Reference } from "./readable.ts";
import { stored } from "./slab.ts";
import { type Definition, sameDefinition } from "./definition.ts";
import { DefinitionError } from "./failure.ts";
import { didYouMean } from "./suggest.ts";

/** How far a call reaches into the cache it is cleared from. */
export interface ClearOptions {
  /** The cache's folder; default `.runner/cache` of the working folder. */
  readonly cache?: string;
}

/** Removes entries from a cache; set by the wiring, since the model knows no store. */
export const clearing: {
  clear: ((task: string, keys: readonly Key[] | "all", options: ClearOptions) => Promise<number>) | undefined;
} = {
  clear: undefined,
};

/** A task applied to an input, lazily. Immutable: the input was copied when the call was made. */
export class Call<out T> implements Future<T> {
  /** Which kind of future this is. */
  declare readonly [FUTURE]: "call";
  /** Carries the type of the value for the compiler; never present. */
  declare readonly [VALUE]?: T;

  /** Made by applying a task; there is no reason to make one by hand. */
  constructor(
    /** What is called. */
    readonly task: Definition,
    /** The identity of the call. */
    readonly key: Key,
    /** The calls that the input refers to, by the numbers it uses for them. */
    readonly upstreams: readonly Call<unknown>[],
    private readonly slab: Uint8Array,
    private readonly start: number,
    private readonly end: number,
  ) {}

  /** The canonical bytes of the input; upstream calls stand in it as extensions. */
  get bytes(): Uint8Array {
    return this.slab.subarray(this.start, this.end);
  }

  /** How many bytes the input has. */
  get size(): number {
    return this.end - this.start;
  }

  /** Copies the bytes of the input into a buffer, without a view where that costs less. */
  copyTo(target: Uint8Array, at: number): void {
    if (this.size > 64) return target.set(this.bytes, at);
    for (let from = this.start; from < this.end; from++) target[at++] = this.slab[from]!;
  }

  /** One property of the value, itself a future. */
  pick<Property extends keyof T>(property: Property): Future<T[Property]> {
    return new Pick(this as Call<unknown>, [pickStep(property)]);
  }

  /**
   * Removes what the cache holds for this call, so that the next run computes it again; its dependents run only if the
   * result has changed.
   *
   * @returns how many entries were removed.
   */
  async clear(options: ClearOptions = {}): Promise<number> {
    return await clearing.clear!(this.task.name, [this.key], options);
  }
}
Object.defineProperty(Call.prototype, FUTURE, { value: "call" });

/** The steps of a pick into a value, outermost first. */
export type PickPath = readonly (string | number)[];

/** A part of a call's value. */
export class Pick<T> implements Future<T> {
  declare readonly [FUTURE]: "pick";
  declare readonly [VALUE]?: T;
  constructor(
    /** The call whose value holds the part. */
    readonly origin: Call<unknown>,
    /** The way to the part. */
    readonly path: PickPath,
  ) {}
  pick<Property extends keyof T>(property: Property): Future<T[Property]> {
    return new Pick(this.origin, [...this.path, pickStep(property)]);
  }
}

Object.defineProperty(Pick.prototype, FUTURE, { value: "pick" });

for (const { prototype } of [Call, Pick]) {
  Object.defineProperty(prototype, Symbol.toPrimitive, { value: noText });
}

/**
 * Where a text or a number is made of it, somebody has taken a call for its value.
 *
 * @throws {TypeError} always.
 */
function noText(this: Call<unknown> | Pick<unknown>): never {
  const { task } = this instanceof Pick ? this.origin : this;
  throw new TypeError(
    `A call of "${task.name}" is not its value, which is there only when it has run: it cannot be made a text or a number. ` +
      "Put it into an input or among the `deps` of a task, or say `await ctx.run(…)` inside of one",
  );
}

/**
 * Checks one step of a pick.
 *
 * @throws {TypeError} for a symbol: values that were stored have no such properties.
 */
export function pickStep(property: PropertyKey): string | number {
  if (typeof property === "symbol") {
    throw new TypeError(`pick(${String(property)}): a result has no symbol properties`);
  }
  return property;
}

/** A structure with futures as bytes, and the calls those bytes refer to by number. */
export interface Linked {
  /** The codec's bytes; valid until the next encoding unless copied. */
  readonly bytes: Uint8Array;
  /** The calls, in the order of their numbers. */
  readonly upstreams: readonly Call<unknown>[];
}

const NO_CALLS: readonly Call<unknown>[] = [];

/** Gives the calls of one structure their numbers. Used again and again: there may be a million structures. */
class Linker {
  readonly canonical: boolean;
  readonly brand: typeof FUTURE = FUTURE;
  root = "";
  busy = false;
  private upstreams: Call<unknown>[] | undefined;
  private numbers: Map<Key, number> | undefined;

  constructor(canonical: boolean) {
    this.canonical = canonical;
  }

  /** What stands in the bytes for a future. */
  readonly extend = (object: object): { readonly extension: unknown } | { readonly inline: unknown } => {
    const { [RECORD]: copy } = object as { readonly [RECORD]?: () => unknown };
    if (copy !== undefined) return { inline: copy() };
    const future = object as Future<unknown>;
    if (future[FUTURE] === "call") return { extension: this.numberOf(future as Call<unknown>) };
    if (future[FUTURE] === "pick") {
      const pick = object as Pick<unknown>;
      // As text: equal picks are to be equal bytes, whichever objects they are.
      return { extension: JSON.stringify([this.numberOf(pick.origin), ...pick.path]) };
    }
    return { inline: futureContent(future) };
  };

  /** The calls numbered so far; the linker is then as new. */
  take(): readonly Call<unknown>[] {
    const taken = this.upstreams ?? NO_CALLS;
    this.upstreams = undefined;
    this.numbers = undefined;
    return taken;
  }

  private numberOf(call: Call<unknown>): number {
    this.upstreams ??= [];
    // Only canonical bytes must give equal calls one number; the others end in a graph, which knows what is equal.
    if (!this.canonical) return this.upstreams.push(call) - 1;
    this.numbers ??= new Map();
    let number = this.numbers.get(call.key);
    if (number === undefined) {
      this.numbers.set(call.key, number = this.upstreams.length);
      this.upstreams.push(call);
    } else if (!sameDefinition(this.upstreams[number]!.task, call.task)) {
      // Equal keys of two tasks of one name: only one of them could be meant.
      const at = [this.upstreams[number]!.task, call.task].flatMap((task) => task.frames.slice(0, 1));
      throw new DefinitionError([{ kind: "duplicate-task", task: call.task.name, at }]);
    }
    return number;
  }
}

const canonicalLinker = new Linker(true);
const plainLinker = new Linker(false);

/**
 * Encodes a structure in which futures may stand anywhere.
 *
 * @throws {CodecError} naming the path of a value that cannot be cloned.
 */
export function link(
  structure: unknown,
  options: { readonly canonical: boolean; readonly root: string },
): Linked {
  let linker = options.canonical ? canonicalLinker : plainLinker;
  // A getter inside the structure may make calls of its own.
  if (linker.busy) linker = new Linker(options.canonical);
  linker.busy = true;
  linker.root = options.root;
  try {
    const bytes = encodeInto(structure, linker);
    return { bytes, upstreams: linker.take() };
  } catch (error) {
    // A stack holds ten frames, and those of the codec would be all of them: it is the caller who can do something.
    if (error instanceof CodecError) Error.captureStackTrace?.(error, link);
    throw error;
  } finally {
    linker.take();
    linker.busy = false;
  }
}

/** Makes the call of a task on an input. */
export function makeCall<T>(task: Definition, input: unknown): Call<T> {
  const { bytes, upstreams } = link(input, { canonical: true, root: "input" });
  const key = keyOf(task.name, bytes, upstreams);
  const place = stored(bytes);
  return new Call<T>(task, key, upstreams, place.slab, place.start, place.end);
}

/** A pick reached for something that the value does not have. */
export class PickError extends Error {
  override readonly name = "PickError";

  /** `number` is that of the call among those that the bytes refer to, `call` its text. */
  constructor(readonly number: number, path: PickPath, there: string, call?: string) {
    const picks = path.map((step) => `pick(${JSON.stringify(step)})`).join(".");
    const what = call === undefined ? picks : `${picks} of ${call}`;
    super(`${what} reaches for a property that is not there: ${there}`);
    this.of = (text) => new PickError(number, path, there, text);
    // It is no data of the error.
    Object.defineProperty(this, "of", { enumerable: false });
  }

  /** The same error, naming the call. */
  readonly of: (call: string) => PickError;
}

/** What is there instead of a property. */
function thereText(part: unknown, wanted: string): string {
  const names = typeof part === "object" && part !== null && !Array.isArray(part) ? Object.keys(part) : [];
  if (names.length === 0) return `the value is ${readable(part, 80)}`;
  const shown = names.slice(0, 10).join(", ") + (names.length > 10 ? ", …" : "");
  return `the value has ${shown}${didYouMean(wanted, names)}`;
}

/**
 * Decodes bytes made by `link`, with the values of the calls they refer to.
 *
 * @throws {PickError} when a pick does not fit the value.
 */
export function unlink(bytes: Uint8Array, valueOf: (number: number) => unknown): unknown {
  return decode(bytes, {
    revive: (reference: unknown) => {
      if (typeof reference === "number") return valueOf(reference);
      const [number, ...path] = JSON.parse(reference as string) as [number, ...PickPath];
      let part = valueOf(number);
      for (const [index, step] of path.entries()) {
        if (part instanceof Reference) {
          // Nobody wants the value: the structure is only being shown.
          part = new Reference(`${part.text}.${String(step)}`);
          continue;
        }
        if (part === null || part === undefined || !Object.hasOwn(Object(part), step)) {
          throw new PickError(number, path.slice(0, index + 1), thereText(part, String(step)));
        }
        part = (part as Readonly<Record<PropertyKey, unknown>>)[step];
      }
      return part;
    },
  });
}

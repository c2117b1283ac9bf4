/** Futures: values that are not computed yet, and the types that put them into inputs and take them out again. */
import { FUTURE, VALUE } from "./brand.ts";

/** A value not computed yet: a call, a constant, a pick or an aggregate. Never a thenable: `await` does not run it. */
export interface Future<out T> {
  /** Which kind of future this is. */
  readonly [FUTURE]: "call" | "constant" | "pick" | "aggregate";
  /** Carries the type of the value for the compiler; never present. */
  readonly [VALUE]?: T;
  /** One property of the value, itself a future. */
  pick<Property extends keyof T>(property: Property): Future<T[Property]>;
}

/** Values that hold no futures inside. */
export type Leaf =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | Date
  | RegExp
  | Error
  | ArrayBuffer
  | ArrayBufferView
  | ((...input: never[]) => unknown);

/** What may be given where a `T` is wanted: the value, a future of it, or a structure with futures anywhere inside. */
export type Deferred<T> =
  | T
  | Future<T>
  | (T extends Leaf ? never
    : T extends ReadonlyMap<infer K, infer V> ? ReadonlyMap<K, Deferred<V>>
    : T extends ReadonlySet<infer V> ? ReadonlySet<Deferred<V>>
    : T extends object ? { readonly [Property in keyof T]: Deferred<T[Property]> }
    : never);

/** What a structure with futures becomes once they are computed. */
export type Resolved<T> = 0 extends 1 & T ? T
  : T extends Future<infer V> ? V
  : T extends Leaf ? T
  : T extends ReadonlyMap<infer K, infer V> ? Map<K, Resolved<V>>
  : T extends ReadonlySet<infer V> ? Set<Resolved<V>>
  : T extends object ? { -readonly [Property in keyof T]: Resolved<T[Property]> }
  : T;

/** A constant. */
class Constant<T> implements Future<T> {
  declare readonly [FUTURE]: "constant";
  declare readonly [VALUE]?: T;
  constructor(readonly constant: T) {}
  pick<Property extends keyof T>(property: Property): Future<T[Property]> {
    return new Constant(this.constant[property]);
  }
}

/** A structure with futures anywhere inside. */
class Aggregate<T> implements Future<Resolved<T>> {
  declare readonly [FUTURE]: "aggregate";
  declare readonly [VALUE]?: Resolved<T>;
  constructor(readonly structure: T) {}
  pick<Property extends keyof Resolved<T>>(property: Property): Future<Resolved<T>[Property]> {
    const part = (this.structure as Readonly<Record<PropertyKey, unknown>>)[property];
    return (isFuture(part) ? part : new Aggregate(part)) as Future<Resolved<T>[Property]>;
  }
}

/** A structure that is made when it is asked for. */
class Late<T> implements Future<T> {
  declare readonly [FUTURE]: "aggregate";
  declare readonly [VALUE]?: T;
  constructor(private readonly make: () => unknown) {}
  get structure(): unknown {
    return this.make();
  }
  pick<Property extends keyof T>(property: Property): Future<T[Property]> {
    return new Late(() => {
      const part = this.make() as Readonly<Record<PropertyKey, unknown>>;
      if (Object.hasOwn(part, property)) return part[property];
      throw new TypeError(
        `pick(${JSON.stringify(property)}): there is no such part; there are ${Object.keys(part).join(", ")}`,
      );
    });
  }
}

// On the prototypes, so that 10^6 futures do not carry 10^6 brands.
Object.defineProperty(Constant.prototype, FUTURE, { value: "constant" });
Object.defineProperty(Aggregate.prototype, FUTURE, { value: "aggregate" });
Object.defineProperty(Late.prototype, FUTURE, { value: "aggregate" });

/**
 * A constant as a future, for places where some branches give a call and others a plain value.
 *
 * @example
 * ```ts
 * import { run, value } from "runner";
 *
 * const { value: five } = await run(value(5), { cache: "none" });
 * console.assert(five === 5);
 * ```
 */
export function value<T>(constant: T): Future<T> {
  return new Constant(constant);
}

/**
 * One future of a structure (record, array, Map, Set, nested) with futures anywhere inside.
 *
 * @example
 * ```ts
 * import { all, run, value } from "runner";
 *
 * const { value: both } = await run(all({ a: value(1), b: [value(2)] }), { cache: "none" });
 * console.assert(both.a === 1 && both.b[0] === 2);
 * ```
 */
export function all<const T>(structure: T): Future<Resolved<T>> {
  return new Aggregate(structure);
}

/** One future of a structure, in which futures may stand anywhere, that is made whenever somebody looks into it. */
export function late<T>(make: () => unknown): Future<T> {
  return new Late(make);
}

/** Whether a value is a future, made by this or any other copy of the module. */
export function isFuture(value: unknown): value is Future<unknown> {
  return value !== null && (typeof value === "object" || typeof value === "function") && FUTURE in value;
}

/** The structure inside a constant or an aggregate, as `all` or `value` was given it. */
export function futureContent(future: Future<unknown>): unknown {
  const holder = future as unknown as { readonly constant?: unknown; readonly structure?: unknown };
  return future[FUTURE] === "constant" ? holder.constant : holder.structure;
}

/** Encodes a value to bytes: see tags.ts for the format. Iterative, so that depth is limited by memory alone. */

import { isArrayBuffer, isDate, isMap, isNativeError, isProxy, isRegExp, isSet } from "node:util/types";
import { encodeArray } from "./encode_array.ts";
import { encodeBuffer, encodeView } from "./encode_bytes.ts";
import { encodeError } from "./encode_error.ts";
import { ENTRIES, EXTENSION, MAP_ITEMS, PROPERTIES, SET_ITEMS, SPARSE } from "./containers.ts";
import { EncodeState } from "./encode_state.ts";
import { CodecError } from "./error.ts";
import { refuseFunction, refuseObject, refuseProxy, refuseSymbol } from "./refuse.ts";
import {
  BOX_BIGINT,
  BOX_FALSE,
  BOX_NUMBER,
  BOX_STRING,
  BOX_TRUE,
  DATE,
  EXT,
  FALSE,
  FORMAT,
  MAP,
  NULL,
  REGEXP,
  SET,
  TRUE,
  UNDEFINED,
} from "./tags.ts";

/** What to write for a branded object: another value in its place, or an extension that `revive` reads. */
export type Extended = { readonly inline: unknown } | { readonly extension: unknown };

/** How to encode. */
export interface EncodeOptions {
  /** Sort string keys of objects by UTF-16 code units: equal values give equal bytes. Default false. */
  readonly canonical?: boolean;
  /** Name of the whole value in error paths. Default `value`. */
  readonly root?: string;
  /** Objects and functions on which this property is not undefined are given to `extend`. */
  readonly brand?: symbol;
  /** Says what to write for a branded object; what it throws comes out of the encoder as it is. */
  readonly extend?: (object: object) => Extended;
}

const NO_OPTIONS: EncodeOptions = {};
const MAX_EXTEND_HOPS = 100;
const toString = Object.prototype.toString;

class Encoder {
  busy = false;
  readonly #state = new EncodeState();
  #brand: symbol | undefined;
  #extend: ((object: object) => Extended) | undefined;
  #extending = false;

  run(value: unknown, options: EncodeOptions, fresh: boolean): Uint8Array<ArrayBuffer> {
    const state = this.#state;
    this.busy = true;
    try {
      state.canonical = options.canonical === true;
      state.root = options.root ?? "value";
      this.#extend = options.extend;
      this.#brand = options.extend === undefined ? undefined : options.brand;
      state.out.byte(FORMAT);
      this.#value(value);
      if (state.depth > 0) this.#loop();
      return state.out.result(fresh);
    } catch (error) {
      throw this.#located(error);
    } finally {
      state.reset();
      this.#extend = undefined;
      this.#extending = false;
      this.busy = false;
    }
  }

  /** Writes a value; a container only up to its first content, which is left to `#loop`. */
  #value(value: unknown): void {
    const out = this.#state.out;
    switch (typeof value) {
      case "number":
        return out.number(value);
      case "string":
        return out.string(value);
      case "boolean":
        return out.byte(value ? TRUE : FALSE);
      case "undefined":
        return out.byte(UNDEFINED);
      case "bigint":
        return out.bigint(value);
      case "symbol":
        return this.#state.fail(refuseSymbol(value));
      case "function":
        return this.#object(value);
      default:
        return value === null ? out.byte(NULL) : this.#object(value as object);
    }
  }

  /** Writes what is in the open containers, innermost first. */
  #loop(): void {
    const state = this.#state;
    while (state.depth > 0) {
      const depth = state.depth;
      const frame = state.frames[depth - 1]!;
      const { source, keys, length, kind } = frame;
      let index = frame.index + 1;
      switch (kind) {
        case PROPERTIES:
          while (index < length && state.depth === depth) {
            frame.index = index;
            this.#value(source[keys[index++]!]);
          }
          break;
        case ENTRIES:
          while (index < length && state.depth === depth) {
            frame.index = index;
            const key = keys[index++]!;
            state.key(key);
            this.#value(source[key]);
          }
          break;
        case SPARSE:
          while (index < length && state.depth === depth) {
            frame.index = index;
            const previous = index === 0 ? -1 : Number(keys[index - 1]);
            const key = keys[index++]!;
            state.out.varint(Number(key) - previous - 1);
            this.#value(source[key]);
          }
          break;
        default:
          while (index < length && state.depth === depth) {
            frame.index = index;
            this.#value(source[index++]);
          }
      }
      // The last value may have opened a container: this one is closed when that one is done.
      if (state.depth === depth) {
        if (kind === EXTENSION) state.openExtensions.delete(frame.id);
        state.pop();
      }
    }
  }

  #object(value: object): void {
    if (this.#brand !== undefined && (value as Record<symbol, unknown>)[this.#brand] !== undefined) {
      const id = this.#state.find(value);
      return id < 0 ? this.#branded(value) : this.#state.reference(id);
    }
    this.#plain(value);
  }

  /** Writes an object that is not for `extend`. */
  #plain(value: object): void {
    const state = this.#state;
    if (typeof value === "function") state.fail(refuseFunction(value));
    const id = state.visit(value);
    if (id >= 0) return state.reference(id);
    if (isProxy(value)) state.fail(refuseProxy());
    if (Array.isArray(value)) return encodeArray(state, value);
    // Says "Object" of class instances too, and tells apart what only looks plain, such as Math.
    const name = toString.call(value);
    if (name === "[object Object]") return state.object(value, Object.keys(value));
    this.#other(value, name.slice(8, -1));
  }

  #other(value: object, tag: string): void {
    const state = this.#state;
    const out = state.out;
    if (ArrayBuffer.isView(value)) return encodeView(state, value);
    if (isNativeError(value)) return encodeError(state, value);
    switch (tag) {
      case "Arguments":
        return state.object(value, Object.keys(value));
      case "Map":
        if (isMap(value)) return this.#map(value);
        break;
      case "Set":
        if (isSet(value)) return this.#set(value);
        break;
      case "Date":
        if (!isDate(value)) break;
        out.byte(DATE);
        return out.double(Date.prototype.getTime.call(value));
      case "RegExp":
        if (!isRegExp(value)) break;
        out.byte(REGEXP);
        out.string(value.source);
        return out.string(value.flags);
      case "ArrayBuffer":
        if (isArrayBuffer(value)) return encodeBuffer(state, value);
        break;
      case "DOMException":
        if (value instanceof DOMException) return encodeError(state, value);
        break;
      case "Number":
        out.byte(BOX_NUMBER);
        return out.double(Number.prototype.valueOf.call(value));
      case "String":
        out.byte(BOX_STRING);
        return out.string(String.prototype.valueOf.call(value));
      case "Boolean":
        return out.byte(Boolean.prototype.valueOf.call(value) ? BOX_TRUE : BOX_FALSE);
      case "BigInt":
        out.byte(BOX_BIGINT);
        return out.bigint(BigInt.prototype.valueOf.call(value));
    }
    state.fail(refuseObject(tag));
  }

  #map(map: ReadonlyMap<unknown, unknown>): void {
    // A copy: a getter inside may change the map, whose size is already written.
    const items: unknown[] = [];
    Map.prototype.forEach.call(map, (value, key) => items.push(key, value));
    this.#state.out.byte(MAP);
    this.#state.out.varint(items.length / 2);
    if (items.length > 0) this.#state.push(MAP_ITEMS, items, undefined, items.length);
  }

  #set(set: ReadonlySet<unknown>): void {
    const items: unknown[] = [];
    Set.prototype.forEach.call(set, (value) => items.push(value));
    this.#state.out.byte(SET);
    this.#state.out.varint(items.length);
    if (items.length > 0) this.#state.push(SET_ITEMS, items, undefined, items.length);
  }

  /** Writes what `extend` gives for an object, following it while it gives other branded objects. */
  #branded(value: object): void {
    const state = this.#state;
    const chain: object[] = [];
    for (let current = value; chain.length < MAX_EXTEND_HOPS;) {
      chain.push(current);
      this.#extending = true;
      const extended = this.#extend!(current);
      this.#extending = false;
      if ("extension" in extended) {
        const inner = extended.extension;
        if (inner === null || (typeof inner !== "object" && typeof inner !== "function")) {
          // Told by its inner value alone: whether it is the same object as an earlier one makes no difference.
          state.skip();
          state.out.byte(EXT);
          return this.#value(inner);
        }
        const id = state.add(current);
        for (const object of chain) if (object !== current) state.alias(object, id);
        state.out.byte(EXT);
        state.openExtensions.add(id);
        state.push(EXTENSION, [extended.extension], undefined, 1).id = id;
        return;
      }
      const next = extended.inline;
      if (next === null || (typeof next !== "object" && typeof next !== "function")) return this.#value(next);
      const known = next === current ? -1 : state.find(next);
      const brand = this.#brand!;
      if (known >= 0) {
        for (const object of chain) state.alias(object, known);
        return state.reference(known);
      }
      // An object given for itself is meant to be written as it is.
      if (next === current || (next as Record<symbol, unknown>)[brand] === undefined) {
        // Noted before the content is written, which may lead back to the branded object.
        for (const object of chain) if (object !== next) state.alias(object, state.nextId);
        return this.#plain(next);
      }
      current = next;
    }
    state.fail("is replaced by one extended object after another without end");
  }

  /** The error to throw for one that came up: with the place, unless it is not ours to touch. */
  #located(error: unknown): unknown {
    if (this.#extending) return error;
    const path = this.#state.path();
    if (error instanceof CodecError && this.#state.failure === error) return error;
    if (error instanceof CodecError && error.path === "") {
      return new CodecError(error.kind, path, error.message, { cause: error.cause });
    }
    const text = error instanceof Error ? error.message : typeof error === "string" ? error : typeof error;
    return new CodecError("unsupported", path, `cannot be read: ${text}`, { cause: error });
  }
}

const shared = new Encoder();

function idle(): Encoder {
  // `extend` and getters may encode while an encoding is under way.
  return shared.busy ? new Encoder() : shared;
}

/**
 * Encodes a value to bytes of its own. Throws `CodecError` for a value that has no stored form
 * (`unsupported`), for one beyond 2^32-1 bytes (`too-large`), and when a getter throws (`unsupported`, with
 * the cause).
 */
export function encode(value: unknown, options: EncodeOptions = NO_OPTIONS): Uint8Array<ArrayBuffer> {
  return idle().run(value, options, true);
}

/**
 * Like `encode`, but the bytes are a view on a buffer that the next call overwrites: use or copy them at
 * once. Throws the same errors.
 */
export function encodeInto(value: unknown, options: EncodeOptions = NO_OPTIONS): Uint8Array<ArrayBuffer> {
  return idle().run(value, options, false);
}

/** What the parts of the decoder share: input, objects by number, key tables and the stack of open containers. */

import { Reader } from "./reader.ts";

/** An open container: what is left to read of it. Frames are reused. */
export interface Frame {
  /** One of the constants above. */
  kind: number;
  /** The object, array, Map or Set being filled. */
  target: unknown;
  /** Property keys of a shape. */
  keys: readonly string[];
  /** How many values have been taken. */
  index: number;
  /** How many values there are. */
  length: number;
  /** A Map's key, an entry's key, the index in a sparse array, or an extension's object number. */
  key: unknown;
}

/** A key list, with an object that has these keys: a spread of it makes records at little cost. */
export interface Shape {
  /** The keys in the order of the values. */
  readonly keys: readonly string[];
  /** All keys, all undefined. */
  readonly template: Readonly<Record<string, unknown>>;
}

/** Stands in `objects` for an extension whose value is not complete. */
export const UNFINISHED: unique symbol = Symbol("unfinished");

const NO_KEYS: readonly string[] = [];
/** So many bytes of a key list are remembered, so that others are not compared with a long one in vain. */
const LATEST = 64;

/** The key list that was read last at the beginning of a value: the next one is mostly alike, and there may be a million. */
let latest: { readonly bytes: Uint8Array; readonly shape: Shape } | undefined;

/** State of one decoding. */
export class DecodeState {
  /** The input. */
  readonly in: Reader;
  /** Turns the value of an extension into what it stands for. */
  readonly revive: ((inner: unknown) => unknown) | undefined;
  /** Objects by number. */
  readonly objects: unknown[] = [];
  /** Property keys by number. */
  readonly keys: string[] = [];
  /** Shapes by number. */
  readonly shapes: Shape[] = [];
  /** The open containers are `frames[0..depth)`, outermost first. */
  readonly frames: Frame[] = [];
  /** Number of open containers. */
  depth = 0;
  /** Sum of the maxByteLength of all resizable buffers. */
  reserved = 0;

  /** State at the start of the bytes. */
  constructor(bytes: Uint8Array, revive: ((inner: unknown) => unknown) | undefined) {
    this.in = new Reader(bytes);
    this.revive = revive;
  }

  /** Gives an object the next number. */
  add<T>(object: T): T {
    this.objects.push(object);
    return object;
  }

  /** Opens a container. */
  push(kind: number, target: unknown, length: number, keys: readonly string[] = NO_KEYS): Frame {
    let frame = this.frames[this.depth];
    if (frame === undefined) {
      frame = { kind, target, keys, index: 0, length, key: undefined };
      this.frames[this.depth++] = frame;
      return frame;
    }
    this.depth++;
    frame.kind = kind;
    frame.target = target;
    frame.keys = keys;
    frame.index = 0;
    frame.length = length;
    frame.key = undefined;
    return frame;
  }

  /** A property key: inline or by number. */
  key(): string {
    const index = this.in.varint();
    if (index === 0) {
      const key = this.in.taggedString();
      this.keys.push(key);
      return key;
    }
    if (index > this.keys.length) this.in.fail(`there is no key ${index - 1}`);
    return this.keys[index - 1]!;
  }

  /** A shape, which gets the next number. */
  newShape(): Shape {
    // Only where nothing can be referred to yet do the bytes say all.
    const first = this.keys.length === 0 && this.shapes.length === 0;
    if (first && latest !== undefined && this.in.skip(latest.bytes)) {
      for (const key of latest.shape.keys) this.keys.push(key);
      this.shapes.push(latest.shape);
      return latest.shape;
    }
    const start = this.in.pos;
    const count = this.in.count();
    const keys: string[] = [];
    const template: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const key = this.key();
      if (Object.hasOwn(template, key)) this.in.fail("an object has a key twice");
      keys.push(key);
      setOwn(template, key, undefined);
    }
    const shape = { keys, template };
    this.shapes.push(shape);
    if (first && this.in.pos - start <= LATEST) {
      latest = { bytes: this.in.bytes.slice(start, this.in.pos), shape };
    }
    return shape;
  }
}

/** Sets a property as an object literal would: never a setter, never a prototype. */
export function setOwn(target: object, key: string, value: unknown): void {
  // `__proto__`, and whatever else a prototype has, is only safe to define.
  if (key in target) {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (target as Record<string, unknown>)[key] = value;
  }
}

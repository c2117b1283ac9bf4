/** What the parts of the encoder share: output, object numbers, key tables and the stack of open containers. */

import { ELEMENTS, ENTRIES, EXTENSION, MAP_ITEMS, PROPERTIES, SET_ITEMS, SPARSE } from "./containers.ts";
import { CodecError, type CodecErrorKind } from "./error.ts";
import { elementStep, mapKeyStep, mapValueStep, propertyStep, setStep } from "./path.ts";
import { type KeyEntry, type Shape, ShapeTable } from "./shapes.ts";
import {
  MAX_BYTES,
  MAX_OBJECTS,
  MAX_SHAPE_KEYS,
  OBJECT_DICT,
  OBJECT_NEW,
  OBJECT_SHAPE,
  REF,
  SHAPE_0,
} from "./tags.ts";
import { Writer } from "./writer.ts";

/** An open container: what is left to write of it. Frames are reused. */
export interface Frame {
  /** One of the constants above. */
  kind: number;
  /** Object or array the values are read from. */
  source: Readonly<Record<string | number, unknown>>;
  /** Property keys, for the kinds that have them. */
  keys: readonly string[];
  /** The value being written; -1 before the first. */
  index: number;
  /** How many values there are. */
  length: number;
  /** Object number, for an extension. */
  id: number;
}

/** Objects up to this many are searched one by one; only larger values pay for a Set or Map. */
const FEW = 8;
/** Frames kept from one encoding to the next. */
const KEEP_FRAMES = 256;

const NO_KEYS: readonly string[] = [];
const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/** State of one encoding, reusable for the next. */
export class EncodeState {
  /** The output. */
  readonly out = new Writer();
  /** Written keys and shapes. */
  readonly shapes = new ShapeTable();
  /** The open containers are `frames[0..depth)`, outermost first. */
  readonly frames: Frame[] = [];
  /** Number of open containers. */
  depth = 0;
  /** Whether property keys are sorted. */
  canonical = false;
  /** Name of the whole value in error paths. */
  root = "value";
  /** Numbers of the extensions being written, which nothing inside may refer to. */
  readonly openExtensions = new Set<number>();
  /** The error that `fail` threw: it has its path already. */
  failure: CodecError | undefined;
  #ids = 0;
  #reserved = 0;
  #fewCount = 0;
  readonly #fewObjects: unknown[] = new Array<unknown>(FEW).fill(undefined);
  readonly #fewIds: number[] = new Array<number>(FEW).fill(0);
  /** Objects in order of their numbers, beyond `FEW`: one look-up for each instead of the two of a Map. */
  #first: Set<unknown> | undefined;
  #many: Map<unknown, number> | undefined;

  /** Number of an object that was visited before; or gives it the next number and returns -1. */
  visit(object: unknown): number {
    if (this.#first === undefined || this.#many !== undefined) {
      const id = this.find(object);
      if (id < 0) this.add(object);
      return id;
    }
    if (this.#ids >= MAX_OBJECTS) this.#tooMany();
    const size = this.#first.size;
    this.#first.add(object);
    if (this.#first.size === size) return this.find(object);
    this.#ids++;
    return -1;
  }

  /** Number of an object that was visited before, or -1. */
  find(object: unknown): number {
    if (this.#first !== undefined) return this.#index().get(object) ?? -1;
    const objects = this.#fewObjects;
    for (let i = 0; i < this.#fewCount; i++) {
      if (objects[i] === object) return this.#fewIds[i]!;
    }
    return -1;
  }

  /** Gives a new object the next number. */
  add(object: unknown): number {
    const id = this.#ids;
    if (id >= MAX_OBJECTS) this.#tooMany();
    // Without aliases (as many objects as numbers) the position is the number, and a Set is enough.
    if (this.#fewCount === FEW && this.#first === undefined && id === FEW) {
      this.#first = new Set(this.#fewObjects).add(object);
    } else {
      this.alias(object, id);
    }
    this.#ids++;
    return id;
  }

  /** Uses up a number for something that is never referred to. */
  skip(): void {
    if (this.#ids >= MAX_OBJECTS) this.#tooMany();
    // From here on positions and numbers differ, so numbers have to be kept.
    if (this.#first !== undefined) this.#index();
    this.#ids++;
  }

  /** The number that the next object will get. */
  get nextId(): number {
    return this.#ids;
  }

  /** Makes `object` stand for the object with that number. */
  alias(object: unknown, id: number): void {
    if (this.#first !== undefined) {
      this.#index().set(object, id);
    } else if (this.#fewCount < FEW) {
      this.#fewObjects[this.#fewCount] = object;
      this.#fewIds[this.#fewCount++] = id;
    } else {
      this.#first = new Set();
      this.#many = new Map(this.#fewObjects.map((object, i) => [object, this.#fewIds[i]!]));
      this.#many.set(object, id);
    }
  }

  /** The numbers of all objects by object: made when an object is met again, which most values never need. */
  #index(): Map<unknown, number> {
    if (this.#many === undefined) {
      const many = new Map<unknown, number>();
      for (const object of this.#first!) many.set(object, many.size);
      this.#many = many;
    }
    return this.#many;
  }

  /** Writes a reference to an object that was visited before. */
  reference(id: number): void {
    if (this.openExtensions.size > 0 && this.openExtensions.has(id)) {
      this.fail("refers back to the extension object it is part of: break that cycle");
    }
    this.out.byte(REF);
    this.out.varint(id);
  }

  /** Opens a container. */
  push(kind: number, source: object, keys: readonly string[] | undefined, length: number): Frame {
    let frame = this.frames[this.depth];
    if (frame === undefined) {
      frame = { kind: 0, source: NOTHING, keys: NO_KEYS, index: -1, length: 0, id: -1 };
      this.frames[this.depth] = frame;
    }
    this.depth++;
    frame.kind = kind;
    frame.source = source as Frame["source"];
    frame.keys = keys ?? NO_KEYS;
    frame.index = -1;
    frame.length = length;
    return frame;
  }

  /** Closes the innermost container, and lets go of what it holds. */
  pop(): void {
    const frame = this.frames[--this.depth]!;
    frame.source = NOTHING;
    frame.keys = NO_KEYS;
  }

  /** Writes the header of an object with the given own keys, and opens it. */
  object(source: object, keys: readonly string[]): void {
    const out = this.out;
    const length = keys.length;
    if (length > MAX_SHAPE_KEYS) {
      out.byte(OBJECT_DICT);
      out.varint(length);
      this.push(ENTRIES, source, this.canonical ? keys.toSorted() : keys, length);
      return;
    }
    const shape = this.shapes.find(keys, this.canonical);
    if (shape.epoch !== this.shapes.epoch) {
      this.#newShape(shape);
    } else if (shape.index < 64) {
      out.byte(SHAPE_0 + shape.index);
    } else {
      out.byte(OBJECT_SHAPE);
      out.varint(shape.index);
    }
    if (length > 0) this.push(PROPERTIES, source, shape.keys, length);
  }

  /** Writes a property key: inline the first time, then by number. */
  key(text: string): void {
    const entry: KeyEntry = this.shapes.key(text);
    if (entry.epoch === this.shapes.epoch) {
      this.out.varint(entry.index + 1);
    } else {
      entry.epoch = this.shapes.epoch;
      entry.index = this.shapes.keyCount++;
      this.out.byte(0);
      this.out.string(text);
    }
  }

  /** Counts address space that decoding will reserve; the decoder has the same limit. */
  reserve(length: number): void {
    this.#reserved += length;
    if (this.#reserved > MAX_BYTES) {
      const problem =
        `brings the maxByteLength of all resizable buffers over ${MAX_BYTES}: make them smaller`;
      this.fail(problem, undefined, "too-large");
    }
  }

  /** Throws a `CodecError` for the value at the current place. */
  fail(problem: string, options?: ErrorOptions, kind: CodecErrorKind = "unsupported"): never {
    this.failure = new CodecError(kind, this.path(), problem, options);
    throw this.failure;
  }

  /** The current place inside the value. */
  path(): string {
    let path = this.root;
    for (let i = 0; i < this.depth; i++) {
      // A path of 100,000 steps would be no help; the end is what matters, the start says where to begin.
      if (this.depth > 64 && i === 24) {
        path += "…";
        i = this.depth - 40;
      }
      path += step(this.frames[i]!);
    }
    return path;
  }

  /** Makes the state ready for the next value, and lets go of everything of this one. */
  reset(): void {
    while (this.depth > 0) this.pop();
    if (this.frames.length > KEEP_FRAMES) this.frames.length = KEEP_FRAMES;
    for (let i = 0; i < this.#fewCount; i++) this.#fewObjects[i] = undefined;
    this.#fewCount = 0;
    this.#first = undefined;
    this.#many = undefined;
    this.#ids = 0;
    this.#reserved = 0;
    this.failure = undefined;
    if (this.openExtensions.size > 0) this.openExtensions.clear();
    this.shapes.reset();
    this.out.reset();
  }

  #tooMany(): never {
    const problem = `is one object more than the ${MAX_OBJECTS} that one value can hold: split it`;
    return this.fail(problem, undefined, "too-large");
  }

  #newShape(shape: Shape): void {
    shape.epoch = this.shapes.epoch;
    shape.index = this.shapes.shapeCount++;
    this.out.byte(OBJECT_NEW);
    this.out.varint(shape.keys.length);
    for (const key of shape.keys) this.key(key);
  }
}

function step(frame: Frame): string {
  const { kind, index, source, keys } = frame;
  if (index < 0) return "";
  switch (kind) {
    case ELEMENTS:
      return elementStep(index);
    case SPARSE:
      return elementStep(keys[index]!);
    case MAP_ITEMS: {
      const position = index >> 1;
      const key = source[position * 2];
      return index % 2 === 0 ? mapKeyStep(key, position) : mapValueStep(key, position);
    }
    case SET_ITEMS:
      return setStep(index);
    case EXTENSION:
      return "";
    default:
      return propertyStep(keys[index]!);
  }
}

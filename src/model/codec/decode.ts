/** Decodes bytes to the value they were made from: the inverse of encode.ts, iterative and bounded. */

import { decodeError } from "./decode_error.ts";
import { decodeExotic } from "./decode_exotic.ts";
import { ELEMENTS, ENTRIES, EXTENSION, MAP_ITEMS, PROPERTIES, SET_ITEMS, SPARSE } from "./containers.ts";
import { DecodeState, type Frame, setOwn, type Shape, UNFINISHED } from "./decode_state.ts";
import { corrupt } from "./error.ts";
import {
  ARRAY,
  ASCII,
  BIGINT,
  DOUBLE,
  ERROR,
  ERROR_FIELDS,
  EXT,
  FALSE,
  FORMAT,
  INT,
  INT_0,
  isArrayIndex,
  NULL,
  OBJECT_DICT,
  OBJECT_NEW,
  OBJECT_SHAPE,
  REF,
  SHAPE_0,
  SHORT_0,
  TRUE,
  UNDEFINED,
  UTF16,
  UTF8,
} from "./tags.ts";

/** How to decode. */
export interface DecodeOptions {
  /** Turns the value of an extension into what it stands for; what it throws comes out as it is. */
  readonly revive?: (inner: unknown) => unknown;
}

/** What `read` gives for an extension: its value comes later, when the inner one is complete. */
const LATER = UNFINISHED;

/**
 * Decodes what `encode` wrote. Runs no code but `revive`, and uses memory in proportion to the input. Throws
 * `CodecError` (`corrupt`) for bytes that `encode` did not write, or that hold an extension without `revive`.
 */
export function decode(bytes: Uint8Array, options?: DecodeOptions): unknown {
  const state = new DecodeState(bytes, options?.revive);
  if (state.in.byte() !== FORMAT) throw corrupt(0, "this is not a stored value, or one of another version");
  let value = read(state);
  if (state.depth > 0) {
    const revived = fill(state);
    if (value === LATER) value = revived;
  }
  if (state.in.left > 0) state.in.fail(`${state.in.left} bytes follow the value`);
  return value;
}

/** Fills the open containers, innermost first; returns the value of the outermost extension, if any. */
function fill(state: DecodeState): unknown {
  const frames = state.frames;
  // The value of the extension that has just been completed, for the container around it.
  let revived: unknown;
  let returning = false;
  while (state.depth > 0) {
    const depth = state.depth;
    const frame = frames[depth - 1]!;
    if (returning) {
      returning = false;
      store(state, frame, revived);
    }
    switch (frame.kind) {
      case PROPERTIES: {
        const target = frame.target as Record<string, unknown>;
        const { keys, length } = frame;
        let index = frame.index;
        while (index < length && state.depth === depth) {
          const value = read(state);
          // The template gave the object all its keys, so that this never reaches the prototype.
          if (value !== LATER) target[keys[index++]!] = value;
        }
        frame.index = index;
        break;
      }
      case ELEMENTS: {
        const target = frame.target as unknown[];
        const length = frame.length;
        let index = frame.index;
        while (index < length && state.depth === depth) {
          const value = read(state);
          if (value !== LATER) target[index++] = value;
        }
        frame.index = index;
        break;
      }
      default:
        while (frame.index < frame.length && state.depth === depth) {
          if (frame.kind === ENTRIES) frame.key = entryKey(state, frame);
          else if (frame.kind === SPARSE) frame.key = sparseIndex(state, frame);
          const value = read(state);
          if (value !== LATER) store(state, frame, value);
        }
    }
    if (state.depth === depth && frame.index === frame.length) {
      if (frame.kind === EXTENSION) {
        revived = state.revive!(frame.target);
        state.objects[frame.key as number] = revived;
        returning = true;
      }
      frame.target = undefined;
      state.depth--;
    }
  }
  return revived;
}

/** Puts the next value into a container. */
function store(state: DecodeState, frame: Frame, value: unknown): void {
  const index = frame.index++;
  switch (frame.kind) {
    case PROPERTIES:
      (frame.target as Record<string, unknown>)[frame.keys[index]!] = value;
      break;
    case ENTRIES:
      setOwn(frame.target as object, frame.key as string, value);
      break;
    case ELEMENTS:
      (frame.target as unknown[])[index] = value;
      break;
    case SPARSE:
      (frame.target as unknown[])[frame.key as number] = value;
      break;
    case MAP_ITEMS: {
      if (index % 2 === 0) {
        frame.key = value;
        break;
      }
      const map = frame.target as Map<unknown, unknown>;
      map.set(frame.key, value);
      if (map.size !== frame.index / 2) state.in.fail("a Map has a key twice");
      break;
    }
    case SET_ITEMS: {
      const set = frame.target as Set<unknown>;
      set.add(value);
      if (set.size !== frame.index) state.in.fail("a Set has a value twice");
      break;
    }
    case EXTENSION:
      frame.target = value;
      break;
  }
}

function entryKey(state: DecodeState, frame: Frame): string {
  const key = state.key();
  const target = frame.target as object;
  if (Object.hasOwn(target, key)) state.in.fail("an object has a key twice");
  if (Array.isArray(target) && isArrayIndex(key)) state.in.fail("an array has an index as a name");
  if (ERROR_FIELDS.has(key) && target instanceof Error) state.in.fail("an error has a part twice");
  return key;
}

function sparseIndex(state: DecodeState, frame: Frame): number {
  const index = (frame.key as number) + 1 + state.in.varint();
  if (index >= (frame.target as unknown[]).length) state.in.fail("an array index is beyond its length");
  return index;
}

/** Reads a value; a container only up to its first content, which is left to `fill`. */
function read(state: DecodeState): unknown {
  const input = state.in;
  const tag = input.byte();
  if (tag >= INT_0) return tag - INT_0;
  if (tag >= SHORT_0) return input.short(tag - SHORT_0);
  if (tag >= SHAPE_0) return object(state, state.shapes[tag - SHAPE_0]);
  switch (tag) {
    case INT:
      return input.int();
    case DOUBLE:
      return input.double();
    case TRUE:
      return true;
    case FALSE:
      return false;
    case NULL:
      return null;
    case UNDEFINED:
      return undefined;
    case ASCII:
    case UTF8:
    case UTF16:
      return input.string(tag);
    case OBJECT_NEW:
      return object(state, state.newShape());
    case ARRAY: {
      const length = input.count();
      const array: unknown[] = state.add([]);
      if (length > 0) state.push(ELEMENTS, array, length);
      return array;
    }
    case OBJECT_SHAPE:
      return object(state, state.shapes[input.varint()]);
    case OBJECT_DICT: {
      const length = input.count(2);
      const target = state.add({});
      if (length > 0) state.push(ENTRIES, target, length);
      return target;
    }
    case BIGINT:
      return input.bigint();
    case REF:
      return reference(state);
    case ERROR:
      return decodeError(state);
    case EXT:
      if (state.revive === undefined) input.fail("there is an extension, and no way to revive it");
      state.push(EXTENSION, undefined, 1).key = state.objects.push(UNFINISHED) - 1;
      return LATER;
    default:
      return decodeExotic(state, tag);
  }
}

function object(state: DecodeState, shape: Shape | undefined): unknown {
  if (shape === undefined) return state.in.fail("an object refers to a key list that is not there");
  const target = { ...shape.template };
  state.objects.push(target);
  if (shape.keys.length > 0) state.push(PROPERTIES, target, shape.keys.length, shape.keys);
  return target;
}

function reference(state: DecodeState): unknown {
  const id = state.in.varint();
  if (id >= state.objects.length) state.in.fail(`there is no object ${id}`);
  const object = state.objects[id];
  if (object === UNFINISHED) state.in.fail(`object ${id} refers to itself`);
  return object;
}

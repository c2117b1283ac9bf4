/** Decodes everything that is neither primitive, plain object nor dense array. */

import { ENTRIES, MAP_ITEMS, SET_ITEMS, SPARSE } from "./containers.ts";
import type { DecodeState } from "./decode_state.ts";
import * as tags from "./tags.ts";

/** Reads the value of an object tag, opening it when it has content; throws `CodecError` (corrupt). */
export function decodeExotic(state: DecodeState, tag: number): unknown {
  const input = state.in;
  switch (tag) {
    case tags.ARRAY_SPARSE:
      return sparseArray(state);
    case tags.MAP: {
      const size = entries(state, 2);
      const map = state.add(new Map<unknown, unknown>());
      if (size > 0) state.push(MAP_ITEMS, map, size * 2);
      return map;
    }
    case tags.SET: {
      const size = entries(state, 1);
      const set = state.add(new Set<unknown>());
      if (size > 0) state.push(SET_ITEMS, set, size);
      return set;
    }
    case tags.DATE:
      return state.add(new Date(input.double()));
    case tags.REGEXP:
      return state.add(regexp(state));
    case tags.BOX_NUMBER:
      return state.add(Object(input.double()));
    case tags.BOX_STRING:
      return state.add(Object(input.taggedString()));
    case tags.BOX_FALSE:
      return state.add(Object(false));
    case tags.BOX_TRUE:
      return state.add(Object(true));
    case tags.BOX_BIGINT:
      return state.add(Object(input.taggedBigint()));
    case tags.BUFFER:
      return state.add(input.raw(input.varint()).buffer);
    case tags.BUFFER_RESIZABLE:
      return state.add(resizable(state));
    case tags.VIEW:
      return state.add(view(state));
    default:
      input.pos--;
      return input.fail(`there is no tag 0x${tag.toString(16).padStart(2, "0")}`);
  }
}

function entries(state: DecodeState, bytes: number): number {
  const size = state.in.count(bytes);
  if (size > tags.MAX_OBJECTS) state.in.fail("a Map or Set has more entries than a runtime can hold");
  return size;
}

function sparseArray(state: DecodeState): unknown[] {
  const input = state.in;
  const length = input.varint();
  if (length > 0xffff_ffff) input.fail("an array is too long");
  const elements = input.count(2);
  const names = input.count(2);
  if (elements > length) input.fail("an array has more elements than its length");
  const array: unknown[] = state.add([]);
  // V8 gives `length` slots to an array whose length is set, unless it was longer once than it has slots for;
  // so only a length in proportion to the input may be set at once.
  if (length > elements * 8 + 64) array.length = 0xffff_ffff;
  array.length = length;
  if (names > 0) state.push(ENTRIES, array, names);
  if (elements > 0) state.push(SPARSE, array, elements).key = -1;
  return array;
}

function regexp(state: DecodeState): RegExp {
  const source = state.in.taggedString();
  const flags = state.in.taggedString();
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    return state.in.fail("a regular expression is not valid", { cause });
  }
}

function resizable(state: DecodeState): ArrayBuffer {
  const input = state.in;
  const length = input.varint();
  const maxByteLength = input.varint();
  state.reserved += maxByteLength;
  if (length > input.left || length > maxByteLength || state.reserved > tags.MAX_BYTES) {
    input.fail("a resizable buffer is too large");
  }
  let buffer: ArrayBuffer;
  try {
    buffer = new ArrayBuffer(length, { maxByteLength });
  } catch (cause) {
    return input.fail("a resizable buffer is more memory than there is", { cause });
  }
  new Uint8Array(buffer).set(input.bytes.subarray(input.pos, input.pos + length));
  input.pos += length;
  return buffer;
}

type ViewConstructor = new (buffer: ArrayBuffer) => ArrayBufferView;

/** Constructors by kind byte; Float16Array is not in every runtime. */
const VIEWS: readonly (ViewConstructor | undefined)[] = tags.VIEW_KINDS.map((name) =>
  (globalThis as unknown as Record<string, ViewConstructor | undefined>)[name]
);

function view(state: DecodeState): ArrayBufferView {
  const input = state.in;
  const kind = input.byte();
  if (kind >= VIEWS.length) input.fail(`there is no typed array kind ${kind}`);
  const constructor = VIEWS[kind];
  if (constructor === undefined) return input.fail(`this runtime has no ${tags.VIEW_KINDS[kind]}`);
  const { buffer } = input.raw(input.varint());
  try {
    return new constructor(buffer);
  } catch (cause) {
    return input.fail("the length of a typed array is not a multiple of its element size", { cause });
  }
}

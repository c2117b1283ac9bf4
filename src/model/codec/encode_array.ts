/** Encodes arrays: dense ones by their elements, others with explicit indexes and named properties. */

import { ELEMENTS, ENTRIES, SPARSE } from "./containers.ts";
import type { EncodeState } from "./encode_state.ts";
import { ARRAY, ARRAY_SPARSE, isArrayIndex } from "./tags.ts";

/** Writes the header of an array and opens its elements. */
export function encodeArray(state: EncodeState, array: readonly unknown[]): void {
  const out = state.out;
  const length = array.length;
  if (isPlain(array)) {
    out.byte(ARRAY);
    out.varint(length);
    if (length > 0) state.push(ELEMENTS, array, undefined, length);
    return;
  }
  const keys = Object.keys(array);
  let elements = 0;
  while (elements < keys.length && isArrayIndex(keys[elements]!)) elements++;
  const names = keys.splice(elements);
  if (state.canonical) names.sort();
  out.byte(ARRAY_SPARSE);
  out.varint(length);
  out.varint(elements);
  out.varint(names.length);
  // Opened in reverse: the innermost container is written first.
  if (names.length > 0) state.push(ENTRIES, array, names, names.length);
  if (elements > 0) state.push(SPARSE, array, keys, elements);
}

/** Whether an array has neither holes nor named properties. */
function isPlain(array: readonly unknown[]): boolean {
  const length = array.length;
  // `Object.values` is the cheapest way to learn how many own properties an array has: 2 ns each in V8,
  // where `Object.keys` must make a string of every index (60 ns).
  if (Object.values(array).length !== length) return false;
  // As many holes as named properties would also give that count; where nothing is undefined are no holes.
  if (length === 0 || !array.includes(undefined)) return true;
  const keys = Object.keys(array);
  // Indexes come first in the order of keys, so that the last one tells whether there are any names.
  return keys.length === length && keys[length - 1] === String(length - 1);
}

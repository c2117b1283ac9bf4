/** Encodes ArrayBuffer, typed arrays and DataView. */

import { isAnyArrayBuffer, isSharedArrayBuffer } from "node:util/types";
import type { EncodeState } from "./encode_state.ts";
import { refuseObject } from "./refuse.ts";
import { BUFFER, BUFFER_RESIZABLE, MAX_BYTES, VIEW, VIEW_KINDS } from "./tags.ts";

const TAG_OF_TYPED_ARRAY = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get as (this: ArrayBufferView) => string | undefined;

/** Writes an ArrayBuffer; throws `CodecError` when it is shared, detached or larger than 2^32-1 bytes. */
export function encodeBuffer(state: EncodeState, buffer: ArrayBuffer): void {
  if (!isAnyArrayBuffer(buffer)) state.fail(refuseObject("ArrayBuffer look-alike"));
  if (isSharedArrayBuffer(buffer)) state.fail(refuseObject("SharedArrayBuffer"));
  if (buffer.detached) state.fail("is a detached ArrayBuffer: its bytes were transferred elsewhere");
  const length = buffer.byteLength;
  checkSize(state, "ArrayBuffer", length);
  if (buffer.resizable) {
    checkSize(state, "resizable ArrayBuffer", buffer.maxByteLength);
    state.reserve(buffer.maxByteLength);
    state.out.byte(BUFFER_RESIZABLE);
    state.out.varint(length);
    state.out.varint(buffer.maxByteLength);
  } else {
    state.out.byte(BUFFER);
    state.out.varint(length);
  }
  state.out.raw(new Uint8Array(buffer, 0, length));
}

/**
 * Writes a typed array or DataView with its own bytes only: two views on one buffer are two values. Throws
 * `CodecError` when its buffer is shared or detached or it is larger than 2^32-1 bytes.
 */
export function encodeView(state: EncodeState, view: ArrayBufferView): void {
  const name = TAG_OF_TYPED_ARRAY.call(view) ?? "DataView";
  const kind = VIEW_KINDS.indexOf(name);
  if (kind < 0) state.fail(refuseObject(name));
  const buffer = view.buffer;
  if (isSharedArrayBuffer(buffer)) {
    state.fail(`is a ${name} on a SharedArrayBuffer, which cannot be stored: pass a copy, \`view.slice()\``);
  }
  if ((buffer as ArrayBuffer).detached) {
    state.fail(`is a ${name} on a detached ArrayBuffer: its bytes were transferred elsewhere`);
  }
  // The length of a DataView that lies outside its shrunk buffer throws; the caller reports that.
  const length = view.byteLength;
  checkSize(state, name, length);
  state.out.byte(VIEW);
  state.out.byte(kind);
  state.out.varint(length);
  state.out.raw(new Uint8Array(buffer as ArrayBuffer, view.byteOffset, length));
}

function checkSize(state: EncodeState, name: string, length: number): void {
  if (length <= MAX_BYTES) return;
  state.fail(
    `is ${
      /^[AI]/.test(name) ? "an" : "a"
    } ${name} of ${length} bytes, and at most ${MAX_BYTES} can be stored: ` +
      "split it, or store it in a file and pass the path",
    undefined,
    "too-large",
  );
}

/** Results of tasks with outputs as they are stored: what the output files are comes before the value. */
import { decode } from "./codec/decode.ts";
import { encode } from "./codec/encode.ts";
import { validityOf } from "./digest.ts";
import type { StoredFile } from "./files.ts";

/** The bytes of `undefined`: what tasks return that are there for the files they write. */
export const UNDEFINED: Uint8Array = encode(undefined);

/** Whether bytes are those of `undefined`. */
export function isUndefined(bytes: Uint8Array): boolean {
  return bytes.length === UNDEFINED.length && bytes.every((byte, at) => byte === UNDEFINED[at]);
}

/** The bytes to store: their digest then tells of the files as well as of the value. */
export function wrapOutputs(files: readonly StoredFile[], value: Uint8Array): Uint8Array {
  const head = encode(files);
  const all = new Uint8Array(4 + head.length + value.length);
  new DataView(all.buffer).setUint32(0, head.length, true);
  all.set(head, 4);
  all.set(value, 4 + head.length);
  return all;
}

/** Takes stored bytes apart. */
export function unwrapOutputs(
  bytes: Uint8Array,
): { readonly files: readonly StoredFile[]; readonly value: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return {
    files: decode(bytes.subarray(4, 4 + length)) as readonly StoredFile[],
    value: bytes.subarray(4 + length),
  };
}

/** Characters of a signature: as many as a record of an index has room for. */
const SIGNATURE = 26;

/** Equal for equal files; empty when not all of them are plain files. */
export function outputsSignature(files: readonly StoredFile[]): string {
  const [first] = files;
  if (first !== undefined && files.length === 1 && first.kind === "file") {
    // By far the most common case; its digest need not be digested once more.
    return first.digest.slice(0, SIGNATURE - 8) + hex(sum(first.path, first.mode), 8);
  }
  if (files.some((file) => file.kind !== "file")) return "";
  return validityOf(
    files.map((file) => file.kind === "file" ? `${file.path}\0${file.digest}\0${file.mode}` : "").join("\n"),
  ).slice(0, SIGNATURE);
}

/** A checksum of a text and a number: FNV-1a. */
function sum(text: string, number: number): number {
  let sum = 0x811c9dc5 ^ number;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return sum >>> 0;
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}

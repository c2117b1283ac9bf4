/** Digests and signatures of outputs: as text, and as indexes hold them. */
import type { Buffer } from "node:buffer";
import { node } from "../runtime/builtin.ts";

const scratch = new Uint8Array(32);

/** The digest that stands at a place, as hex characters: without a view for each, since there may be a million. */
export function digestAt(file: Uint8Array, start: number): string {
  for (let at = 0; at < scratch.length; at++) scratch[at] = file[start + at]!;
  return scratch.toHex();
}

/** A signature as an index holds it. */
export function signatureBytes(signature: string): Uint8Array | undefined {
  return signature === "" ? undefined : node.buffer.Buffer.from(signature, "latin1");
}

/** The same as text. What an index gives, and what it was given, are buffers; `toString` takes twenty times as long. */
export function signatureText(bytes: Uint8Array): string {
  return (bytes as Buffer & { latin1Slice(): string }).latin1Slice();
}

/** SHA-256, the one digest used for keys, validities, results and files. */
import { createHash, hash } from "node:crypto";
import { asDigest, asKey, asValidity, type Digest, type Key, type Validity } from "./id.ts";

/** The SHA-256 of bytes or of a text's UTF-8, as 64 hex characters. */
export function digestOf(content: Uint8Array | string): Digest {
  return asDigest(hash("sha256", content as Uint8Array<ArrayBuffer>, "hex"));
}

/** The validity that stands for a pre-image: half of its SHA-256. */
export function validityOf(preimage: string): Validity {
  return asValidity(hash("sha256", preimage, "hex").slice(0, 32));
}

/** Names the record type and the version of the encoding, so that no other use of SHA-256 can meet a key. */
const KEY_VERSION = "runner key 1";

const text = new TextEncoder();
const scratch = new Uint8Array(16_384);
const prefixes = new Map<string, Uint8Array>();

/** What comes before the input in the pre-image of a task's keys; the lengths make it injective. */
function keyPrefix(task: string): Uint8Array {
  let prefix = prefixes.get(task);
  if (prefix === undefined) {
    prefixes.set(task, prefix = text.encode(`${KEY_VERSION}\0${task.length}\0${task}\0`));
  }
  return prefix;
}

/**
 * The key of a call: SHA-256 over the key version, the task's name, the canonical input in which upstream calls stand as
 * numbers, and the keys those numbers mean.
 */
export function keyOf(task: string, input: Uint8Array, upstreams: readonly { readonly key: Key }[]): Key {
  const prefix = keyPrefix(task);
  const size = prefix.length + input.length;
  if (upstreams.length === 0 && size <= scratch.length) {
    scratch.set(prefix);
    scratch.set(input, prefix.length);
    return asKey(hash("sha256", scratch.subarray(0, size), "hex").slice(0, 40));
  }
  const sum = createHash("sha256").update(prefix).update(input as Uint8Array<ArrayBuffer>);
  for (const upstream of upstreams) sum.update(upstream.key);
  return asKey(sum.update(`\0${upstreams.length}`).digest("hex").slice(0, 40));
}

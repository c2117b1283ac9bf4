/** SHA-256, the one digest used for keys, validities, results and files. */
import { asDigest, asKey, asValidity, type Digest, type Key, type Validity } from "./id.ts";
import { sha256 } from "./sha256.ts";

/** Content up to this many bytes is digested in plain arithmetic, as long as that has not been done so often. */
const SHORT = 4_096, SELDOM = 100;

/** A function that gives the SHA-256 of bytes, or of a text's UTF-8, as 64 hex characters. */
export type Sha256 = (content: Uint8Array | string) => string;

let times = 0;
let native: Sha256 | undefined;

/** From now on the runtime's own SHA-256 is used from the start, if there is one that need not be loaded. */
export function digestBy(own: Sha256 | undefined): void {
  native ??= own;
}

/** The runtime's own SHA-256: ten times as fast once it is loaded, which takes 15 ms. What needs few digests starts without it. */
function nativeHash(): Sha256 {
  if (native !== undefined) return native;
  const { hash } = globalThis.process.getBuiltinModule("node:crypto");
  return native = (content) => hash("sha256", content as Uint8Array<ArrayBuffer>, "hex");
}

const text = new TextEncoder();
const scratch = new Uint8Array(16_384);

/** The SHA-256 of bytes or of a text's UTF-8, as 64 hex characters. */
export function digestOf(content: Uint8Array | string): Digest {
  const most = typeof content === "string" ? content.length * 3 : content.length;
  if (native !== undefined || most > SHORT || times++ > SELDOM) {
    return asDigest(nativeHash()(content));
  }
  if (typeof content !== "string") return asDigest(sha256(content));
  return asDigest(sha256(scratch, text.encodeInto(content, scratch).written));
}

/** The validity that stands for a pre-image: half of its SHA-256. */
export function validityOf(preimage: string): Validity {
  return asValidity(digestOf(preimage).slice(0, 32));
}

/** Names the record type and the version of the encoding, so that no other use of SHA-256 can meet a key. */
const KEY_VERSION = "runner key 1";

/** Hex characters of a key. */
const KEY_LENGTH = 40;
/** Room for the number of upstream calls. */
const COUNT_LENGTH = 24;

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
  const start = prefix.length + input.length;
  const size = start + (upstreams.length === 0 ? 0 : upstreams.length * KEY_LENGTH + COUNT_LENGTH);
  const bytes = size <= scratch.length ? scratch : new Uint8Array(size);
  bytes.set(prefix);
  bytes.set(input, prefix.length);
  if (upstreams.length === 0) return asKey(digestOf(bytes.subarray(0, start)).slice(0, KEY_LENGTH));
  let at = start;
  for (const { key } of upstreams) at += text.encodeInto(key, bytes.subarray(at)).written;
  at += text.encodeInto(`\0${upstreams.length}`, bytes.subarray(at)).written;
  return asKey(digestOf(bytes.subarray(0, at)).slice(0, KEY_LENGTH));
}

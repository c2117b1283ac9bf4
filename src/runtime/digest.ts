/** SHA-256 as every runtime has it from the start. */

interface BunDigest {
  readonly SHA256: { hash(content: Uint8Array | string, as: "hex"): string };
}

const bun = (globalThis as { Bun?: BunDigest }).Bun?.SHA256;

/** The SHA-256 of bytes, or of a text's UTF-8, as 64 hex characters: where that needs nothing to be loaded, as on Bun. */
export const digestAtOnce: ((content: Uint8Array | string) => string) | undefined = bun &&
  ((content) => bun.hash(content, "hex"));

/** The SHA-256 of bytes, as 64 hex characters; by another thread where this one would have to load something. */
export async function digestAside(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (digestAtOnce !== undefined) return digestAtOnce(bytes);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

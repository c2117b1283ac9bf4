/** SHA-256 as every runtime has it: asynchronous, and there from the start. */

/** The SHA-256 of bytes, as 64 hex characters. */
export async function digestAside(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

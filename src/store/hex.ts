/** Digests as text. */

const scratch = new Uint8Array(32);

/** The digest that stands at a place, as hex characters: without a view for each, since there may be a million. */
export function digestAt(file: Uint8Array, start: number): string {
  for (let at = 0; at < scratch.length; at++) scratch[at] = file[start + at]!;
  return scratch.toHex();
}

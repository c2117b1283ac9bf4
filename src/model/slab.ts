/** Many small byte sequences kept in few large buffers: a million calls would otherwise hold a million typed arrays. */

const SLAB = 262_144;
let slab = new Uint8Array(0);
let used = 0;

/** Copies bytes to a place that stays. */
export function stored(
  bytes: Uint8Array,
): { readonly slab: Uint8Array; readonly start: number; readonly end: number } {
  if (bytes.length > SLAB / 4) return { slab: bytes.slice(), start: 0, end: bytes.length };
  if (used + bytes.length > slab.length) {
    slab = new Uint8Array(SLAB);
    used = 0;
  }
  slab.set(bytes, used);
  const start = used;
  used += bytes.length;
  return { slab, start, end: used };
}

/**
 * SHA-256 (FIPS 180-4) of short content, in plain arithmetic: most of what is digested is shorter than what it costs to ask the
 * runtime for each of 10^5 digests, and loading its `node:crypto` takes longer than many programs run.
 */

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND = new Int32Array(64);
/** The same of the square roots of the first 8 primes. */
const START = new Int32Array(8);
for (let candidate = 2, found = 0; found < 64; candidate++) {
  let prime = true;
  for (let by = 2; by * by <= candidate; by++) if (candidate % by === 0) prime = false;
  if (!prime) continue;
  const root = Math.cbrt(candidate);
  ROUND[found] = (root - Math.floor(root)) * 2 ** 32;
  const square = Math.sqrt(candidate);
  if (found < 8) START[found] = (square - Math.floor(square)) * 2 ** 32;
  found++;
}

const BLOCK = 64;
const words = new Int32Array(64);
const state = new Int32Array(8);
/** The bytes that do not fill a block, and what ends a message. */
const rest = new Uint8Array(2 * BLOCK);
const digest = new Uint8Array(32);

/** The digest of the first `length` of some bytes, as 64 hex characters. */
export function sha256(bytes: Uint8Array, length: number = bytes.length): string {
  state.set(START);
  const whole = length - length % BLOCK;
  for (let at = 0; at < whole; at += BLOCK) compress(bytes, at);
  const left = length - whole;
  rest.fill(0);
  for (let at = 0; at < left; at++) rest[at] = bytes[whole + at]!;
  rest[left] = 0x80;
  const end = left < BLOCK - 8 ? BLOCK : 2 * BLOCK;
  // The length in bits, of which the upper half matters from 512 MiB on.
  putWord(end - 8, Math.floor(length / 2 ** 29));
  putWord(end - 4, length << 3);
  for (let at = 0; at < end; at += BLOCK) compress(rest, at);
  for (let index = 0, at = 0; index < 8; index++, at += 4) {
    const word = state[index]!;
    digest[at] = word >>> 24;
    digest[at + 1] = word >>> 16;
    digest[at + 2] = word >>> 8;
    digest[at + 3] = word;
  }
  return digest.toHex();
}

function putWord(at: number, word: number): void {
  rest[at] = word >>> 24;
  rest[at + 1] = word >>> 16;
  rest[at + 2] = word >>> 8;
  rest[at + 3] = word;
}

/** Takes one block into the state: section 6.2.2 of the standard. */
function compress(bytes: Uint8Array, start: number): void {
  for (let index = 0, at = start; index < 16; index++, at += 4) {
    words[index] = bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!;
  }
  for (let index = 16; index < 64; index++) {
    const x = words[index - 15]!;
    const y = words[index - 2]!;
    const small0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
    const small1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
    words[index] = words[index - 16]! + small0 + words[index - 7]! + small1;
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let index = 0; index < 64; index++) {
    const big1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const one = h + big1 + (e & f ^ ~e & g) + ROUND[index]! + words[index]! | 0;
    const big0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const two = big0 + (a & b ^ a & c ^ b & c) | 0;
    h = g;
    g = f;
    f = e;
    e = d + one | 0;
    d = c;
    c = b;
    b = a;
    a = one + two | 0;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
  state[5] = state[5]! + f;
  state[6] = state[6]! + g;
  state[7] = state[7]! + h;
}

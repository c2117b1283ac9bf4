/**
 * SHA-256 (FIPS 180-4) of short content, in plain arithmetic: most of what is digested is shorter than what it costs to ask the
 * runtime for each of 10^5 digests, and loading its `node:crypto` takes longer than many programs run.
 */

// deno-fmt-ignore
/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND = Int32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
);
// deno-fmt-ignore
/** The same of the square roots of the first 8 primes. */
const START = Int32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
);

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

/** The checksum of gzip (CRC-32, RFC 1952), of a few bytes: results that are too short to be compressed need no zlib. */

/** What four bits come to: so few that a process which stores one result has not to make a long table first. */
const TABLE = Int32Array.from({ length: 16 }, (_, bits) => {
  let sum = bits;
  for (let bit = 0; bit < 4; bit++) sum = sum & 1 ? sum >>> 1 ^ 0xedb88320 : sum >>> 1;
  return sum;
});

/** The checksum of bytes, or of what `before` is the checksum of and these bytes after it. */
export function crc32(bytes: Uint8Array, before: number = 0): number {
  let sum = ~before;
  for (let at = 0; at < bytes.length; at++) {
    sum ^= bytes[at]!;
    sum = TABLE[sum & 15]! ^ sum >>> 4;
    sum = TABLE[sum & 15]! ^ sum >>> 4;
  }
  return ~sum >>> 0;
}

/** The checksum of gzip (CRC-32, RFC 1952), of a few bytes: results that are too short to be compressed need no zlib. */

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? sum >>> 1 ^ 0xedb88320 : sum >>> 1;
  return sum;
});

/** The checksum of bytes, or of what `before` is the checksum of and these bytes after it. */
export function crc32(bytes: Uint8Array, before: number = 0): number {
  let sum = ~before;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 0xff]! ^ sum >>> 8;
  return ~sum >>> 0;
}

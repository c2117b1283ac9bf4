/** Messages over a pipe: each is its length (4 bytes, little endian) and the codec's bytes. */
import { decode } from "../../model/codec/decode.ts";
import { encode } from "../../model/codec/encode.ts";

/**
 * The descriptors of the pipes of a child process: by which it tells whoever started it, and is told. Not its standard input:
 * programs that a task starts may read that.
 */
export const UP = 3, DOWN = 4;

/** A message as a frame. */
export function frame(message: unknown): Uint8Array {
  const bytes = encode(message);
  const framed = new Uint8Array(bytes.length + 4);
  new DataView(framed.buffer).setUint32(0, bytes.length, true);
  framed.set(bytes, 4);
  return framed;
}

/**
 * Takes chunks as they come and calls back for each whole message.
 *
 * @throws when a message is longer than `most` bytes, or is none.
 */
export function unframer(
  received: (message: unknown) => void,
  most = Infinity,
): (chunk: Uint8Array) => void {
  let chunks: Uint8Array[] = [];
  let size = 0;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    while (size >= 4) {
      const head = joined(chunks, 4);
      const length = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
      if (length > most) throw new RangeError(`a message of ${length} bytes is longer than ${most}`);
      if (size < length + 4) return;
      const all = joined(chunks, size);
      chunks = all.length > length + 4 ? [all.subarray(length + 4)] : [];
      size -= length + 4;
      received(decode(all.subarray(4, length + 4)));
    }
  };
}

/** The first `size` bytes of some chunks, as one. */
function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && first.length >= size) return first;
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let used = 0;
  for (const chunk of chunks) {
    all.set(chunk, used);
    used += chunk.length;
  }
  return all;
}

/** Reading the beginning of a file. */
import fs from "node:fs";

/** The first bytes of a file, or as many as it has; `undefined` when it cannot be read. */
export function readStart(file: string, length: number): Uint8Array | undefined {
  try {
    const descriptor = fs.openSync(file, "r");
    try {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, length, 0));
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

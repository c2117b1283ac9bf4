/** Calls whose earlier results were given up, since an attempt to make one anew has failed: known as long as there is no other. */
import fs from "node:fs";

/** Stands in the folder of a call beside its entries, and goes with them when the cache is cleared. */
const FILE = "given-up";

/** Notes it of a call with this folder; it is only a hint, so what cannot be written is left. */
export function noteGivenUp(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(`${folder}/${FILE}`, "");
  } catch { /* Nobody will know why there is no result. */ }
}

/** Whether it is noted. */
export function isGivenUp(folder: string): boolean {
  return fs.existsSync(`${folder}/${FILE}`);
}

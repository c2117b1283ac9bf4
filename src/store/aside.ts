/** Putting damaged entries aside: out of the way of every lookup, but there for whoever wants to look. */
import { fs } from "../runtime/fs.ts";

let count = 0;

/** Moves a file to the cache's `damaged` folder; returns where it is now, or `undefined` if it could not be moved. */
export function setAside(cache: string, file: string): string | undefined {
  try {
    const folder = `${cache}/damaged`;
    fs.mkdirSync(folder, { recursive: true });
    const place = `${folder}/${Date.now().toString(36)}-${count++}-${file.slice(file.lastIndexOf("/") + 1)}`;
    fs.renameSync(file, place);
    return place;
  } catch {
    return undefined;
  }
}

/** Where the project is. */
import { fileURLToPath } from "node:url";

/** The top folder's URL, with a slash at its end. */
export const rootUrl: URL = new URL("../../", import.meta.url);

/** The path of a file URL. */
export function fromFileUrl(url: URL): string {
  return fileURLToPath(url);
}

/** Where the module is that makes a process a host of one attempt. */
import { hash, randomUUID } from "node:crypto";
import fs from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** Modules by their paths, one of them the host; and the configuration by which they find each other. */
export interface HeldFiles {
  /** The path of the host among them. */
  readonly host: string;
  /** What they hold, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** A module that lies in a file, or what an executable carries instead: what is held to permissions is not that executable. */
export type HeldModule = { readonly url: string } | { readonly carried: () => Promise<HeldFiles> };

/** The URL of the module, in a folder that is called by what it holds if it was carried. */
export async function placed(module: HeldModule, folder: string): Promise<string> {
  if ("url" in module) return module.url;
  const { host, files } = await module.carried();
  const place = join(folder, hash("sha256", JSON.stringify(files), "hex").slice(0, 32));
  if (!fs.existsSync(place)) unpack(files, place);
  return pathToFileURL(join(place, host)).href;
}

/** Writes files into a folder that is there whole, or not at all. */
function unpack(files: HeldFiles["files"], place: string): void {
  const stage = `${place}.${randomUUID()}`;
  for (const [path, text] of Object.entries(files)) {
    fs.mkdirSync(dirname(join(stage, path)), { recursive: true });
    fs.writeFileSync(join(stage, path), text);
  }
  try {
    fs.renameSync(stage, place);
  } catch (error) {
    // Another was quicker.
    fs.rmSync(stage, { recursive: true, force: true });
    if (!fs.existsSync(place)) throw error;
  }
}

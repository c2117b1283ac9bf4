/** What a specifier means in a module, by the runtime's own rules where it can be asked for them. */
import { node } from "./builtin.ts";

interface BunResolver {
  resolveSync(specifier: string, folder: string): string;
}

const bun = (globalThis as { Bun?: BunResolver }).Bun;
const deno = (globalThis as { Deno?: { readonly mainModule: string } }).Deno;

/**
 * What Bun makes of a specifier: endings left out, `paths` of `tsconfig.json`, `imports` of `package.json`, linked packages.
 * `undefined` on Deno, which tells only what its import map says everywhere.
 *
 * @throws when it means nothing and is no path.
 */
export function resolveAs(specifier: string, from: string, isPath: boolean): string | undefined {
  if (bun === undefined) return undefined;
  const { dirname, isAbsolute } = node.path;
  const { fileURLToPath, pathToFileURL } = node.url;
  try {
    const plain = specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier;
    const found = bun.resolveSync(plain, dirname(fileURLToPath(from)));
    return isAbsolute(found) ? pathToFileURL(found).href : found;
  } catch (error) {
    if (isPath) return undefined;
    throw error;
  }
}

/** The module that Deno was started with: its configuration holds for all others. */
export function mainModule(): string | undefined {
  try {
    return deno?.mainModule;
  } catch {
    // That takes a permission.
    return undefined;
  }
}

/** Import maps of Deno that say something else in one folder than in another: `scopes`, which the runtime does not tell. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { fs } from "../runtime/fs.ts";
import { configOf } from "../runtime/deno_config.ts";
import { mainModule } from "../runtime/specifiers.ts";

interface ImportMap {
  readonly scopes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly importMap?: string;
}

/** What a bare name means in a module by the scopes of the configuration that holds; `undefined` where none says anything. */
export function scopedMeaning(specifier: string, from: string): string | undefined {
  const main = mainModule();
  if (main === undefined || !from.startsWith("file:")) return undefined;
  const [config] = configOf(from);
  if (config === undefined || configOf(main)[0] !== config) return undefined;
  const base = pathToFileURL(config);
  const map = read(base);
  const other = map.importMap === undefined ? undefined : new URL(map.importMap, base);
  return inScopes(map, base, specifier, from) ??
    (other?.protocol === "file:" ? inScopes(read(other), other, specifier, from) : undefined);
}

/** The most special scope that has something to say comes first, as the standard of import maps has it. */
function inScopes(
  { scopes = {} }: ImportMap,
  base: URL,
  specifier: string,
  from: string,
): string | undefined {
  const prefixes = Object.keys(scopes).map((scope) => [new URL(scope, base).href, scopes[scope]!] as const)
    .filter(([prefix]) => prefix === from || prefix.endsWith("/") && from.startsWith(prefix))
    .sort(([a], [b]) => b.length - a.length);
  for (const [, names] of prefixes) {
    const exact = names[specifier];
    if (exact !== undefined) return new URL(exact, base).href;
    const folder = Object.keys(names).filter((name) => name.endsWith("/") && specifier.startsWith(name))
      .sort((a, b) => b.length - a.length)[0];
    if (folder !== undefined) return new URL(names[folder]! + specifier.slice(folder.length), base).href;
  }
  return undefined;
}

/** A map, or an empty one where it cannot be read; comments, which `deno.jsonc` may have, are left out. */
function read(url: URL): ImportMap {
  try {
    const text = fs.readFileSync(fileURLToPath(url), "utf8");
    const plain = text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "$1")
      .replace(/,(\s*[}\]])/g, "$1");
    return JSON.parse(plain) as ImportMap;
  } catch {
    return {};
  }
}

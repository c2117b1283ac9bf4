/** The configuration of Deno that goes for a module. */
import { node } from "./builtin.ts";
import { fs } from "./fs.ts";

/** The configuration that Deno finds for a module, as arguments that make it find the same for another one. */
export function configOf(module: string): readonly [config: string | undefined, ...flags: string[]] {
  if (!module.startsWith("file:")) return [undefined, "--no-config"];
  const { dirname, join } = node.path;
  const { fileURLToPath } = node.url;
  for (let folder = dirname(fileURLToPath(module));; folder = dirname(folder)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const file = join(folder, name);
      if (fs.existsSync(file)) return [file, `--config=${file}`];
    }
    if (dirname(folder) === folder) return [undefined, "--no-config"];
  }
}

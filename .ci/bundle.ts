/**
 * Makes the program as JavaScript that needs nothing else: `deno run -A .ci/bundle.ts <folder>`. It starts in a third less time
 * than the sources, since there are fewer files to read.
 */
import fs from "node:fs";
import { posix } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ENTRIES = ["cli.ts", "mod.ts", "workers/task_worker.ts", "workers/held_host.ts"];
/** What it loads without a permission, it must be seen to import: Deno reads that before anything runs. */
const HELD = "workers/held_host.js";
const CONFIG = `${JSON.stringify({ imports: { runner: "./mod.js" } })}\n`;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Name the folder to write: .ci/bundle.ts <folder>");
for (const name of filesIn(folder)) fs.rmSync(`${folder}/${name}`);

const { success, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["bundle", "--quiet", "--code-splitting", "--outdir", fs.realpathSync(made(folder)), ...ENTRIES],
  cwd: fileURLToPath(new URL("..", import.meta.url)),
}).output();
if (!success) throw new Error(new TextDecoder().decode(stderr));

for (const name of filesIn(folder)) {
  // What comes from a URL is fetched as one: this names all that is loaded late.
  if (name === HELD || name.startsWith("later-")) continue;
  const path = `${folder}/${name}`;
  fs.writeFileSync(path, late(fs.readFileSync(path, "utf8")));
}
// An executable cannot be held to permissions: it carries what `deno` starts instead.
fs.writeFileSync(`${folder}/held_files.js`, `export const held = ${JSON.stringify(carried())};\n`);
// Pipelines say `import … from "runner"`: that it is here, Deno knows before the first of them is loaded.
fs.writeFileSync(`${folder}/deno.json`, CONFIG);

/** The scripts of an earlier bundle, by their paths in the folder. */
function filesIn(at: string): string[] {
  const names = ["", "workers/"].flatMap((part) =>
    fs.existsSync(`${at}/${part}`) ? fs.readdirSync(`${at}/${part}`).map((name) => `${part}${name}`) : []
  );
  return names.filter((name) => name.endsWith(".js"));
}

function made(at: string): string {
  fs.mkdirSync(at, { recursive: true });
  return at;
}

/**
 * Keeps Deno from reading at each start what is loaded only when it is asked for, as `as string` does in the sources. The library
 * is what each pipeline imports.
 */
function late(text: string): string {
  return text.replaceAll(/\bimport\("(\.(?!\.?\/mod\.js")[^"]+)"\)/g, 'import("" + "$1")');
}

/** The host of sandboxed processes, the library, all that either imports at once, and the configuration. */
function carried(): { readonly host: string; readonly files: Readonly<Record<string, string>> } {
  const files: Record<string, string> = { "deno.json": CONFIG };
  const take = (path: string): void => {
    if (path in files) return;
    files[path] = fs.readFileSync(`${folder}/${path}`, "utf8");
    for (const [, name] of files[path].matchAll(/^(?:import|export|\}) ?[^;"]*"(\.[^"]+)";$/gm)) {
      take(posix.join(posix.dirname(path), name!));
    }
  };
  for (const path of [HELD, "mod.js"]) take(path);
  return { host: HELD, files };
}

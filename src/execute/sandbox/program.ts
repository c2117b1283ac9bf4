/** What a sandboxed process is started with: a module of its own, which names all it will load, and next to no environment. */
import { hash, randomUUID } from "node:crypto";
import fs from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import type { PermissionRule } from "../../model/permissions.ts";
import { configOf } from "../../runtime/deno_config.ts";
import { pipeEnv, sandboxProgram } from "../../runtime/sandbox_program.ts";
import { DOWN, UP } from "../members/frames.ts";
import type { TaskInfo } from "../protocol.ts";
import { permittedEnv } from "./flags.ts";
import { type HeldModule, placed } from "./held_module.ts";

/** What Deno needs to find its cache, its settings and the programs that it may run; the task cannot read it. */
const NEEDED = [
  "DENO_DIR",
  "DENO_V8_FLAGS",
  "HOME",
  "JSR_URL",
  "LD_LIBRARY_PATH",
  "LOCALAPPDATA",
  "NPM_CONFIG_REGISTRY",
  "PATH",
  "SystemRoot",
  "USERPROFILE",
  "XDG_CACHE_HOME",
];

/** How sandboxed processes are started. */
export interface Program {
  /** The program and its arguments, before permissions. */
  readonly command: readonly [string, ...string[]];
  /** The URL of the module that makes a process a host of one attempt. */
  readonly host: string;
  /** What the bare name `runner` means, where no configuration says. */
  readonly library: string | undefined;
  /** What the lock file says, if there is one. */
  readonly lock: string | undefined;
}

/** Finds out how; or, as a text, why there is no way. What an executable carries is written to a folder. */
export async function findProgram(
  module: HeldModule,
  { library, folder }: { readonly library: string; readonly folder: string },
): Promise<Program | string> {
  const program = sandboxProgram();
  if (typeof program === "string") return program;
  const host = await placed(module, folder);
  const [config, ...flags] = configOf(host);
  const lock = config === undefined ? "" : join(dirname(config), "deno.lock");
  return {
    command: [...program, ...flags],
    host,
    library: config === undefined ? library : undefined,
    lock: fs.existsSync(lock) ? fs.readFileSync(lock, "utf8") : undefined,
  };
}

/**
 * Writes what a process loads first, and gives the arguments that follow the permissions. The same is written once: Deno
 * remembers for good what it has compiled, by the name of the file.
 *
 * Deno looks through the texts in an `import(…)` before it starts, and asks for no permission to read what they name, nor what
 * that imports: so the task's modules load, and no other local file can be told from one that is not there.
 *
 * Each process has a location of its own, since what `localStorage` and `caches` keep goes by that: an attempt is to find nothing
 * that another has left.
 */
export function writeProgram(
  program: Program,
  folder: string,
  { frames, modules }: TaskInfo,
): readonly string[] {
  const urls = [...new Set([...frames.map(({ module }) => module), ...modules])];
  const loaders = urls.map((url) => `  ${JSON.stringify(url)}: () => import(${JSON.stringify(url)}),\n`);
  const main = writeOnce(
    folder,
    ".mjs",
    `import { heldHost } from ${JSON.stringify(program.host)};\nawait heldHost({\n${loaders.join("")}});\n`,
  );
  const names = program.library === undefined ? [] : [
    `--import-map=${writeOnce(folder, ".json", JSON.stringify({ imports: { runner: program.library } }))}`,
  ];
  // Deno itself notes in its lock file what a task imports, whatever may be written: that file is a copy.
  const lock = program.lock === undefined
    ? "--no-lock"
    : `--lock=${writeOnce(folder, ".lock", program.lock)}`;
  return [`--location=http://${randomUUID()}.invalid/`, lock, ...names, main];
}

/** Writes a text to a file that is called by what it says; gives the file. */
function writeOnce(folder: string, ending: string, text: string): string {
  const file = join(folder, `${hash("sha256", text, "hex").slice(0, 32)}${ending}`);
  if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === text) return file;
  fs.mkdirSync(folder, { recursive: true });
  const stage = `${file}.${randomUUID()}`;
  fs.writeFileSync(stage, text);
  fs.renameSync(stage, file);
  return file;
}

/** The environment of a process. */
export function programEnv({ env }: PermissionRule): Readonly<Record<string, string>> {
  return {
    ...permittedEnv(NEEDED, process.env),
    ...permittedEnv(env, process.env),
    ...pipeEnv(UP, DOWN),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
}

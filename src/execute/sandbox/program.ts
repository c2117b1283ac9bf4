/** What a sandboxed process is started with: a module of its own, which names all it will load, and next to no environment. */
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import process from "node:process";
import type { PermissionRule } from "../../model/permissions.ts";
import { configOf, sandboxProgram } from "../../runtime/runtime.ts";
import type { TaskInfo } from "../protocol.ts";
import { permittedEnv } from "./flags.ts";

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
  /** The URL of the command line's module. */
  readonly cli: string;
  /** What the bare name `runner` means, where no configuration says. */
  readonly library: string | undefined;
}

/** Finds out how; or, as a text, why there is no way. */
export function findProgram(cli: string, library: string): Program | string {
  const program = sandboxProgram(process.env["PATH"]);
  if (typeof program === "string") return program;
  const [config, ...flags] = configOf(cli);
  return { command: [...program, ...flags], cli, library: config === undefined ? library : undefined };
}

/** The files of one process: what it loads first, and what names mean to it. */
export interface ProgramFiles {
  /** What follows the command and the permissions. */
  readonly args: readonly string[];
  /** Removes them. */
  remove(): void;
}

/**
 * Writes what a process loads first. Each has a location of its own, since what `localStorage` and `caches` keep goes by that: an
 * attempt is to find nothing that another has left.
 *
 * Deno looks through the texts in an `import(…)` before it starts, and asks for no permission to read what they name, nor what
 * that imports: so the task's modules load, and no other local file can be told from one that is not there.
 */
export function writeProgram(program: Program, base: string, { frames, modules }: TaskInfo): ProgramFiles {
  const location = `--location=http://${randomUUID()}.invalid/`;
  const urls = [...new Set([...frames.map(({ module }) => module), ...modules])];
  const loaders = urls.map((url) => `  ${JSON.stringify(url)}: () => import(${JSON.stringify(url)}),\n`);
  const main = `${base}.mjs`;
  fs.writeFileSync(
    main,
    `import { heldHost } from ${JSON.stringify(program.cli)};\nawait heldHost({\n${loaders.join("")}});\n`,
  );
  if (program.library === undefined) {
    return {
      args: [location, main],
      remove: () => fs.rmSync(main, { force: true }),
    };
  }
  const map = `${base}.imports.json`;
  fs.writeFileSync(map, JSON.stringify({ imports: { runner: program.library } }));
  return {
    args: [location, `--import-map=${map}`, main],
    remove: () => {
      fs.rmSync(main, { force: true });
      fs.rmSync(map, { force: true });
    },
  };
}

/** The environment of a process. */
export function programEnv({ env }: PermissionRule): Readonly<Record<string, string>> {
  return {
    ...permittedEnv(NEEDED, process.env),
    ...permittedEnv(env, process.env),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
}

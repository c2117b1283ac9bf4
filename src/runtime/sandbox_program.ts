/** What starts a process that is held to permissions. Loaded when there is such a task. */
import { spawnSync } from "node:child_process";
import { execPath, isStandalone, runtime, V8_FLAGS } from "./runtime.ts";

/** The first version of Deno that can be held to permissions from another runtime: it hears of the pipe it is given. */
const HELD_DENO = [2, 9] as const;

/**
 * The program and leading arguments that start a module that may do only what flags after them permit; or, as a text, why there
 * is no such program. Only Deno can hold a process to permissions: where this is another program, the one on the PATH is taken.
 */
export function sandboxProgram(): readonly [string, ...string[]] | string {
  const program = runtime.name === "deno" && !isStandalone() ? execPath() : denoOnPath();
  if (typeof program !== "string") return program.missing;
  return [
    program,
    "run",
    "--no-prompt",
    // What is not there already would be fetched, and whoever can fetch can tell.
    "--cached-only",
    "--quiet",
    `--v8-flags=${V8_FLAGS}`,
  ];
}

let onPath: ReturnType<typeof findDeno> | undefined;

/** The `deno` that is installed, or why there is none that can be used; it is asked once. */
function denoOnPath(): ReturnType<typeof findDeno> {
  return onPath ??= findDeno();
}

function findDeno(): string | { readonly missing: string } {
  const version = HELD_DENO.join(".");
  const who = isStandalone() ? "an executable" : runtime.name;
  const { status, stdout } = spawnSync("deno", ["--version"], { encoding: "utf8" });
  const found = /^deno (\d+)\.(\d+)\S*/.exec(status === 0 ? stdout : "");
  const remedy = `install Deno ${version} or newer (https://docs.deno.com/runtime/)`;
  if (found === null) {
    return {
      missing:
        `${who} cannot hold a process to permissions, Deno does that, and there is no \`deno\` on the PATH: ${remedy}`,
    };
  }
  const [major, minor] = [Number(found[1]), Number(found[2])];
  if (major > HELD_DENO[0] || (major === HELD_DENO[0] && minor >= HELD_DENO[1])) return "deno";
  return {
    missing: `${who} cannot hold a process to permissions, Deno does that, and the \`deno\` on the PATH is ${
      found[0].slice(5)
    }: ${remedy}`,
  };
}

/** What tells Deno, in its environment, of the pipes that it is started with; Deno tells its own children. */
export function pipeEnv(...descriptors: readonly number[]): Readonly<Record<string, string>> {
  return runtime.name === "deno" ? {} : { DENO_EXTRA_STDIO_FDS: descriptors.join() };
}

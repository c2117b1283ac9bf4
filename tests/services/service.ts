/** Real components for tests: started by scripts of this folder, gone with the test file that needs them. */
import process from "node:process";
import { fromFileUrl } from "../support/paths.ts";

/** A component that tests run against. */
export interface Service {
  /** Why it is not there, and how to get it; `undefined` when it is. */
  readonly absent: string | undefined;
}

/** Runs a command; gives what it said and whether it went well. */
export function run(
  command: string,
  ...args: readonly string[]
): { readonly ok: boolean; readonly said: string } {
  try {
    const { success, stdout, stderr } = new Deno.Command(command, { args: [...args] }).outputSync();
    const text = new TextDecoder();
    return { ok: success, said: `${text.decode(stdout)}${text.decode(stderr)}`.trim() };
  } catch (error) {
    return { ok: false, said: (error as Error).message };
  }
}

/** Why programs that need root are not there, or nothing. */
export function missing(programs: readonly string[], packages: string): string | undefined {
  if (Deno.build.os !== "linux") return "needs Linux";
  if (process.getuid?.() !== 0) return "needs root";
  const absent = programs.filter((name) => !run("sh", "-c", `PATH=$PATH:/usr/sbin command -v ${name}`).ok);
  return absent.length === 0 ? undefined : `there is no ${absent.join(", ")}: apt-get install ${packages}`;
}

/** What a script of this folder is told. */
function script(name: string, ...args: readonly string[]): { readonly ok: boolean; readonly said: string } {
  return run("bash", fromFileUrl(`../services/${name}`), ...args);
}

/** A folder on disk, whose path is short enough for the sockets in it. Who made it takes it away. */
export function serviceFolder(): string {
  return Deno.makeTempDirSync({ dir: "/var/tmp", prefix: "rt" });
}

/** Starts a service by its script, in a folder that is gone with this test file. */
export function startService(name: string, ...more: readonly string[]): { folder: string; said?: string } {
  const folder = serviceFolder();
  const { ok, said } = script(`${name}.sh`, "start", folder, ...more);
  globalThis.addEventListener("unload", () => {
    script(`${name}.sh`, "stop", folder);
  });
  return ok ? { folder } : { folder, said };
}

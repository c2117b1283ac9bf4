/** The few things that Deno and Bun do differently. Only this room may call either by name. */
import { node } from "./builtin.ts";

interface DenoNamespace {
  readonly version: { readonly deno: string };
  readonly build: { readonly standalone?: boolean };
  execPath(): string;
  statSync(path: string): { readonly size: number; readonly mtime: Date | null; readonly ino: number | null };
}
interface BunNamespace {
  readonly version: string;
  readonly embeddedFiles?: readonly unknown[];
  plugin(plugin: { readonly name: string; setup(build: BunBuilder): void }): void;
}
interface BunBuilder {
  module(name: string, load: () => { readonly exports: object; readonly loader: "object" }): void;
}

const deno = (globalThis as { Deno?: DenoNamespace }).Deno;
const bun = (globalThis as { Bun?: BunNamespace }).Bun;

/** Which runtime this is, with its version. */
export const runtime: { readonly name: "deno" | "bun" | "node"; readonly version: string } =
  deno !== undefined
    ? { name: "deno", version: deno.version.deno }
    : bun !== undefined
    ? { name: "bun", version: bun.version }
    : { name: "node", version: globalThis.process.version };

/** Whether this process is a single executable that carries runner inside. */
export function isStandalone(): boolean {
  if (deno !== undefined) return deno.build.standalone === true;
  return /^(file:\/\/)?(\/\$bunfs\/|.*~BUN)/.test(import.meta.url) || import.meta.url.includes("$bunfs");
}

/** Size, time of last change (milliseconds) and inode of a file, or `undefined` when there is none. The fastest way there is. */
export function stamp(
  path: string,
): { readonly size: number; readonly mtime: number; readonly inode: number } | undefined {
  try {
    if (deno !== undefined) {
      const { size, mtime, ino } = deno.statSync(path);
      return { size, mtime: mtime?.getTime() ?? 0, inode: ino ?? 0 };
    }
    const { size, mtimeMs, ino } = node.fs.statSync(path);
    return { size, mtime: Math.floor(mtimeMs), inode: ino };
  } catch {
    return undefined;
  }
}

/**
 * How V8 is best set for this program: a small space for young objects. 10^5 trivial tasks take a third less
 * memory and 10 % less time with it, since pages that were just used are used again; long computations lose 2 %.
 * It can only be set when a process starts: `deno install`, `deno compile` and the first line of `cli.ts` say it too.
 */
export const V8_FLAGS = "--max-semi-space-size=4";

/** The program that runs this one: Deno, Bun, or the single executable itself. */
export function execPath(): string {
  return deno?.execPath() ?? globalThis.process.execPath;
}

/** The command and leading arguments that start this program's `cli.ts` again. */
export function selfCommand(cli: string): readonly [string, ...string[]] {
  const program = execPath();
  if (isStandalone()) return [program];
  return deno !== undefined
    ? [program, "run", "-A", "--quiet", `--v8-flags=${V8_FLAGS}`, cli]
    : [program, cli.startsWith("file:") ? node.url.fileURLToPath(cli) : cli];
}

/** The same command with a bound to the heap of V8, in megabytes, where the command says how V8 is set: Deno's does. */
export function withHeap<Command extends readonly string[]>(
  command: Command,
  heap: number | undefined,
): Command {
  if (heap === undefined) return command;
  const bounded = (word: string): string =>
    word.startsWith("--v8-flags=") ? `${word},--max-old-space-size=${heap}` : word;
  return command.map(bounded) as readonly string[] as Command;
}

/** How many processors this process may use. */
export function processors(): number {
  return Math.max(
    1,
    (globalThis.navigator as { hardwareConcurrency?: number } | undefined)?.hardwareConcurrency ?? 1,
  );
}

/** Whether a bare module name means something already. */
function resolves(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * Lets pipelines say `import { task } from "runner"`, whatever import map there is.
 *
 * @param name the bare name.
 * @param url what it means; used where modules are loaded by URL.
 * @param load the module itself; used where it lives inside the executable.
 */
export async function defineBareName(name: string, url: string, load: () => Promise<object>): Promise<void> {
  if (bun !== undefined) {
    const exports = await load();
    return bun.plugin({
      name: `bare ${name}`,
      setup: (build) => build.module(name, () => ({ exports, loader: "object" })),
    });
  }
  if (resolves(name)) return;
  const { registerHooks } = await import("node:module") as unknown as {
    registerHooks(hooks: {
      resolve(
        specifier: string,
        context: unknown,
        next: (specifier: string, context: unknown) => unknown,
      ): unknown;
      load(url: string, context: unknown, next: (url: string, context: unknown) => unknown): unknown;
    }): void;
  };
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === name ? { url, shortCircuit: true } : next(specifier, context),
    load: (address, context, next) => next(address, context),
  });
}

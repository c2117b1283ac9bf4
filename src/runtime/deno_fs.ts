/** The file system of `fs.ts` by Deno's own functions. */
import type { FileInfo, FileSystem } from "./file_system.ts";

/** A file that Deno has opened, or one of its standard streams. */
interface DenoFile {
  writeSync(bytes: Uint8Array): number;
  close(): void;
}
interface OpenOptions {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly append?: boolean;
  readonly truncate?: boolean;
  readonly create?: boolean;
  readonly createNew?: boolean;
}

/** What is used of Deno's namespace. */
export interface DenoFiles {
  readonly stdout: DenoFile;
  readonly stderr: DenoFile;
  copyFileSync(from: string, to: string): void;
  lstatSync(path: string): { readonly isDirectory: boolean; readonly isSymlink: boolean };
  mkdirSync(path: string, options?: { readonly recursive?: boolean }): void;
  openSync(path: string, options: OpenOptions): DenoFile;
  readDirSync(path: string): Iterable<{ readonly name: string }>;
  readFileSync(path: string): Uint8Array<ArrayBuffer>;
  readLinkSync(path: string): string;
  readTextFileSync(path: string): string;
  removeSync(path: string, options?: { readonly recursive?: boolean }): void;
  renameSync(from: string, to: string): void;
  statSync(
    path: string,
  ): { readonly size: number; readonly mtime: Date | null; readonly isDirectory: boolean };
  symlinkSync(target: string, path: string, options: { readonly type: "dir" | "file" }): void;
  truncateSync(path: string): void;
  writeFileSync(path: string, content: Uint8Array, options?: { readonly createNew?: boolean }): void;
  writeTextFileSync(path: string, content: string, options?: { readonly createNew?: boolean }): void;
}

const FLAGS: Readonly<Record<"r" | "w" | "wx" | "a", OpenOptions>> = {
  r: { read: true },
  w: { write: true, create: true, truncate: true },
  wx: { write: true, createNew: true },
  a: { append: true, create: true },
};

/** The file system of a Deno. */
export function denoFileSystem(deno: DenoFiles): FileSystem {
  // Bound as they were: tasks may put others in their place.
  const streams = [deno.stdout, deno.stderr].map((stream) => stream.writeSync.bind(stream));
  function readFileSync(path: string): Uint8Array<ArrayBuffer>;
  function readFileSync(path: string, encoding: "utf8"): string;
  function readFileSync(path: string, encoding?: "utf8"): Uint8Array<ArrayBuffer> | string {
    return encoding === undefined ? deno.readFileSync(path) : deno.readTextFileSync(path);
  }
  return coded({
    closeSync: (file) => (file as DenoFile).close(),
    copyFileSync: deno.copyFileSync,
    existsSync: (path) => {
      try {
        deno.statSync(path);
        return true;
      } catch {
        return false;
      }
    },
    mkdirSync: deno.mkdirSync,
    openSync: (path, flags) => deno.openSync(path, FLAGS[flags]),
    readFileSync,
    readdirSync: (path) => Array.from(deno.readDirSync(path), ({ name }) => name),
    readlinkSync: deno.readLinkSync,
    renameSync: deno.renameSync,
    rmSync: (path, { recursive = false, force = false } = {}) => {
      try {
        // Deno removes an empty folder, too, where node wants to be told that it is one.
        if (!recursive && isFolder(deno, path)) throw failure("EISDIR", `is a folder: remove '${path}'`);
        deno.removeSync(path, { recursive });
      } catch (error) {
        if (!force || (error as { code?: string }).code !== "ENOENT") throw error;
      }
    },
    rmdirSync: (path) => {
      if (!isFolder(deno, path)) throw failure("ENOTDIR", `is no folder: remove '${path}'`);
      deno.removeSync(path);
    },
    statSync: (path): FileInfo => {
      const { size, mtime, isDirectory } = deno.statSync(path);
      return { size, mtimeMs: mtime?.getTime() ?? 0, isDirectory: () => isDirectory };
    },
    symlinkSync: (target, path, type) => deno.symlinkSync(target, path, { type }),
    truncateSync: (path) => deno.truncateSync(path),
    writeFileSync: (path, content, options) => {
      const how = options?.flag === "wx" ? { createNew: true } : undefined;
      if (typeof content === "string") deno.writeTextFileSync(path, content, how);
      else deno.writeFileSync(path, content, how);
    },
    writeSync: (file, bytes, from = 0) => {
      const rest = from === 0 ? bytes : bytes.subarray(from);
      return typeof file === "number" ? streams[file - 1]!(rest) : (file as DenoFile).writeSync(rest);
    },
  });
}

/** The same functions; what they throw begins with its code, as it does in node: people look for it, and it tells more than words. */
function coded(functions: FileSystem): FileSystem {
  const calls = functions as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, call] of Object.entries(calls)) {
    calls[name] = (...args) => {
      try {
        return call(...args);
      } catch (error) {
        const { code, message } = error as Error & { readonly code?: string };
        if (code !== undefined && !message.startsWith(code)) (error as Error).message = `${code}: ${message}`;
        throw error;
      }
    };
  }
  return functions;
}

function isFolder(deno: DenoFiles, path: string): boolean {
  const { isDirectory, isSymlink } = deno.lstatSync(path);
  return isDirectory && !isSymlink;
}

function failure(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

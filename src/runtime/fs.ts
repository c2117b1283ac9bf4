/**
 * The file system, synchronously, as `node:fs` has it: its own functions, or on Deno the same by what Deno has, which is there
 * from the start (`builtin.ts` says what that saves). What fails has the `code` of the system on both: `ENOENT`, `EEXIST`, ….
 */
import { node } from "./builtin.ts";
import { type DenoFiles, denoFileSystem } from "./deno_fs.ts";
import type { FileSystem } from "./file_system.ts";

const deno = (globalThis as { Deno?: DenoFiles }).Deno;

/** The file system. */
export const fs: FileSystem = deno === undefined ? node.fs as unknown as FileSystem : denoFileSystem(deno);

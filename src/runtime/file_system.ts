/** What is used of `node:fs` where a start has to be quick. */

/** A file that is open. */
export type Descriptor = number | object;

/** What is told of a file. */
export interface FileInfo {
  /** Bytes. */
  readonly size: number;
  /** When its bytes were last changed, in milliseconds. */
  readonly mtimeMs: number;
  isDirectory(): boolean;
}

/** The functions of `node:fs` that are used where a start has to be quick. */
export interface FileSystem {
  closeSync(file: Descriptor): void;
  copyFileSync(from: string, to: string): void;
  existsSync(path: string): boolean;
  mkdirSync(path: string, options?: { readonly recursive?: boolean }): void;
  openSync(path: string, flags: "r" | "w" | "wx" | "a"): Descriptor;
  readFileSync(path: string): Uint8Array<ArrayBuffer>;
  readFileSync(path: string, encoding: "utf8"): string;
  readdirSync(path: string): string[];
  readlinkSync(path: string): string;
  renameSync(from: string, to: string): void;
  rmSync(path: string, options?: { readonly recursive?: boolean; readonly force?: boolean }): void;
  rmdirSync(path: string): void;
  statSync(path: string): FileInfo;
  symlinkSync(target: string, path: string, type: "dir" | "file"): void;
  truncateSync(path: string): void;
  writeFileSync(path: string, content: Uint8Array | string, options?: { readonly flag?: "w" | "wx" }): void;
  /** Writes bytes from `from` on; gives how many. A number stands for a stream of this process: 1 or 2. */
  writeSync(file: Descriptor, bytes: Uint8Array, from?: number): number;
}

/**
 * Node's built-in modules, loaded when they are asked for. On Deno `node:process` and `node:fs` take 20 ms to load, more than
 * all else that a short program does: what many programs never need is not imported, but asked for.
 */

/** The modules that are asked for. */
interface Builtins {
  readonly async_hooks: typeof import("node:async_hooks");
  readonly buffer: typeof import("node:buffer");
  readonly console: typeof import("node:console");
  readonly crypto: typeof import("node:crypto");
  readonly fs: typeof import("node:fs");
  readonly module: typeof import("node:module");
  readonly os: typeof import("node:os");
  readonly path: typeof import("node:path");
  readonly process: typeof import("node:process");
  readonly stream: typeof import("node:stream");
  readonly url: typeof import("node:url");
  readonly zlib: typeof import("node:zlib");
}

const NAMES: Readonly<Record<keyof Builtins, true>> = {
  async_hooks: true,
  buffer: true,
  console: true,
  crypto: true,
  fs: true,
  module: true,
  os: true,
  path: true,
  process: true,
  stream: true,
  url: true,
  zlib: true,
};

/** `node.fs` is what `import fs from "node:fs"` gives, and so on. */
export const node: Builtins = {} as Builtins;

for (const name of Object.keys(NAMES)) {
  Object.defineProperty(node, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = globalThis.process.getBuiltinModule(`node:${name}`);
      Object.defineProperty(node, name, { value, enumerable: true });
      return value;
    },
  });
}

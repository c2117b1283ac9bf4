/** The storage of a host that is held to permissions: it stores nothing. What it makes is stored by whoever started it. */
import { node } from "../../runtime/builtin.ts";
import type { HostFiles } from "../../model/file_ports.ts";
import type { ResultStorage } from "../../model/storage.ts";
import type { HeldHost } from "../protocol.ts";

/** Makes the storage; `files` only looks at files. */
export function heldStorage(files: HostFiles, cwd: string, held: HeldHost): ResultStorage {
  const absolute = (path: string): string => node.path.resolve(cwd, path);
  return {
    files: heldFiles(files, absolute),
    // Outputs are collected by whoever started this process.
    preparePatterns: () => Promise.resolve(),
    absolute,
    // The value of the last time comes with the call.
    latest: () => undefined,
    earlierUpstreams: () => held.earlier && new Map(held.earlier),
    earlierOutputs: () => [],
    leftovers: () => [],
    noteLeftovers: () => {},
    putTrace: stores,
    publish: stores,
    spill: stores,
    // So do the values of upstream calls.
    read: () => undefined,
    directory: () => {
      node.fs.mkdirSync(held.directory);
      return held.directory;
    },
    discard: () => {},
  };
}

/** Nobody who is held to permissions stores anything. */
function stores(): never {
  throw new Error("Internal error: a sandboxed process was to store a result");
}

/** Its files: what is to be done about outputs beforehand is done, and what has become of files is looked at by whoever stores the result. */
function heldFiles(inner: HostFiles, absolute: (path: string) => string): HostFiles {
  return {
    changed: () => [],
    later: () => [],
    whole: () => ({ folders: [], others: [] }),
    prepare: () => undefined,
    leftBy: () => [],
    collect: () => ({ kind: "stored", stored: [], seen: [], untouched: [], passedOver: [] }),
    see: (paths, trigger) => {
      const seen = inner.see(paths, trigger);
      for (const [index, { mark }] of seen.entries()) if (mark === "") lookFor(absolute(paths[index]!));
      return seen;
    },
  };
}

/** What may not be read is not the same as what is not there. */
function lookFor(path: string): void {
  try {
    node.fs.statSync(path);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
  }
}

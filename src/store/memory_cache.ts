/** Caches without a disk: one that lives as long as the process, and one that keeps nothing. */
import type { Cache, EarlierEntry, Fresh, Hit } from "./cache.ts";

/** Keeps results in memory; keeps them across runs for as long as somebody holds it. */
export class MemoryCache implements Cache {
  readonly writable = undefined;
  readonly keepsBytes = true;
  readonly reads = true;
  private readonly entries = new Map<string, Map<string, Hit>>();

  lookup(task: string, key: string, validity: string): Hit | undefined {
    return this.entries.get(task)?.get(`${key} ${validity}`);
  }
  add(task: string, key: string, validity: string, fresh: Fresh): void {
    if (fresh.bytes === undefined) return;
    let entries = this.entries.get(task);
    if (entries === undefined) this.entries.set(task, entries = new Map());
    entries.set(`${key} ${validity}`, {
      digest: fresh.digest,
      kind: fresh.kind,
      signature: fresh.signature,
      bytes: fresh.bytes.slice(),
      file: undefined,
    });
  }
  read(hit: { readonly bytes: Uint8Array | undefined }): Uint8Array | undefined {
    return hit.bytes;
  }
  readValue(hit: { readonly bytes: Uint8Array | undefined }): Uint8Array | undefined {
    return hit.bytes;
  }
  earlier(): undefined {
    return undefined;
  }
  earlierOf(): readonly EarlierEntry[] {
    return [];
  }
  clear(task: string, keys: readonly string[] | "all"): number {
    const entries = this.entries.get(task) ?? new Map<string, Hit>();
    const doomed = [...entries.keys()].filter((name) =>
      keys === "all" || keys.includes(name.slice(0, name.indexOf(" ")))
    );
    for (const name of doomed) entries.delete(name);
    return doomed.length;
  }
  close(): void {}
  warnings(): readonly string[] {
    return [];
  }
}

/** Keeps nothing. */
export const noCache: Cache = {
  writable: undefined,
  keepsBytes: false,
  reads: false,
  lookup: () => undefined,
  add: () => {},
  read: (hit) => hit.bytes,
  readValue: (hit) => hit.bytes,
  earlier: () => undefined,
  earlierOf: () => [],
  clear: () => 0,
  close: () => {},
  warnings: () => [],
};

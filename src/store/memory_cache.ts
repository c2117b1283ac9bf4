/** Caches without a disk: one that lives as long as the process, and one that keeps nothing. */
import { CALLS, OUTPUTS, TRACE } from "../model/stored_kind.ts";
import { unwrapOutputs } from "../model/stored_outputs.ts";
import type { Cache, EarlierEntry, Fresh, Hit } from "./cache.ts";

/** Keeps results in memory; keeps them across runs for as long as somebody holds it. */
export class MemoryCache implements Cache {
  readonly writable = undefined;
  readonly readable = undefined;
  readonly keepsBytes = true;
  readonly reads = true;
  private readonly entries = new Map<string, Map<string, Hit>>();
  /** The newest result of each call. */
  private readonly newest = new Map<string, Hit>();
  private readonly givenUp = new Set<string>();

  lookup(task: string, key: string, validity: string): Hit | undefined {
    return this.entries.get(task)?.get(`${key} ${validity}`);
  }
  add(task: string, key: string, validity: string, fresh: Fresh): void {
    if (fresh.bytes === undefined) return;
    let entries = this.entries.get(task);
    if (entries === undefined) this.entries.set(task, entries = new Map());
    const { digest, kind, signature } = fresh;
    const hit: Hit = { digest, kind, signature, bytes: fresh.bytes.slice(), file: undefined };
    entries.set(`${key} ${validity}`, hit);
    if ((kind & TRACE) === 0) this.newest.set(`${task}\0${key}`, hit);
  }
  read(hit: { readonly bytes: Uint8Array | undefined }): Uint8Array | undefined {
    return hit.bytes;
  }
  readValue(hit: { readonly bytes: Uint8Array | undefined }): Uint8Array | undefined {
    return hit.bytes;
  }
  latest(task: string, key: string): { readonly bytes: Uint8Array; readonly follow: boolean } | undefined {
    const newest = this.newest.get(`${task}\0${key}`);
    if (newest?.bytes === undefined) return undefined;
    const { bytes, kind } = newest;
    return { bytes: kind & OUTPUTS ? unwrapOutputs(bytes).value : bytes, follow: (kind & CALLS) !== 0 };
  }
  earlier(): readonly [] {
    return [];
  }
  earlierOf(): readonly EarlierEntry[] {
    return [];
  }
  outputs(): readonly [] {
    return [];
  }
  clear(task: string, keys: readonly string[] | "all"): number {
    const entries = this.entries.get(task) ?? new Map<string, Hit>();
    const doomed = [...entries.keys()].filter((name) =>
      keys === "all" || keys.includes(name.slice(0, name.indexOf(" ")))
    );
    for (const name of this.givenUp) {
      const [of, key] = name.split("\0");
      if (of === task && (keys === "all" || keys.includes(key!))) this.givenUp.delete(name);
    }
    for (const name of doomed) {
      entries.delete(name);
      this.newest.delete(`${task}\0${name.slice(0, name.indexOf(" "))}`);
    }
    return doomed.length;
  }
  giveUp(task: string, key: string): void {
    const noted = this.isGivenUp(task, key);
    if (this.clear(task, [key]) > 0 || noted) this.givenUp.add(`${task}\0${key}`);
  }
  isGivenUp(task: string, key: string): boolean {
    return this.givenUp.has(`${task}\0${key}`);
  }
  drop(task: string, key: string): void {
    this.clear(task, [key]);
  }
  close(): void {}
  warnings(): readonly string[] {
    return [];
  }
}

/** Keeps nothing. */
export const noCache: Cache = {
  writable: undefined,
  readable: undefined,
  latest: () => undefined,
  keepsBytes: false,
  reads: false,
  lookup: () => undefined,
  add: () => {},
  read: (hit) => hit.bytes,
  readValue: (hit) => hit.bytes,
  earlier: () => [],
  earlierOf: () => [],
  outputs: () => [],
  clear: () => 0,
  giveUp: () => {},
  isGivenUp: () => false,
  drop: () => {},
  close: () => {},
  warnings: () => [],
};

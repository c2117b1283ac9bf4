/** What runs inside each Web Worker: a host, wired to the store. */
/// <reference lib="deno.worker" />
import { tellApart } from "../src/execute/host/apart.ts";
import { Host } from "../src/execute/host/host.ts";
import type { ToHost } from "../src/execute/protocol.ts";
import { exitNow } from "../src/runtime/ends.ts";
import { defineBareName } from "../src/runtime/runtime.ts";
import { openStorage } from "../src/store/storage.ts";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

/** Resolves the lock that tells the main thread of this worker's end: never. */
function holdLock(name: string): void {
  const { locks } = navigator as unknown as {
    readonly locks?: { request(name: string, hold: () => Promise<never>): Promise<never> };
  };
  void locks?.request(name, () => new Promise(() => {}));
}

const host = new Host({
  openStorage,
  exit: exitNow(),
  prepare: async (open) => {
    holdLock(open.lock);
    tellApart();
    await defineBareName("runner", open.library, () => import("../mod.ts"));
  },
  send: (message, transfer) => scope.postMessage(message, transfer ?? []),
});

scope.onmessage = ({ data }: MessageEvent<ToHost>) => host.receive(data);

/** What runs inside each Web Worker: a host, wired to the store. */
/// <reference lib="deno.worker" />
import { tellApart } from "../src/execute/host/apart.ts";
import { Host } from "../src/execute/host/host.ts";
import type { ToHost, WarmMessage } from "../src/execute/protocol.ts";
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

/** Loads what pipelines import, as far as it is ours or the runtime's: those themselves may change until they are wanted. */
async function warm(): Promise<void> {
  await Promise.all([import("../mod.ts"), import("node:fs"), import("node:path"), import("node:process")]);
}

scope.onmessage = ({ data }: MessageEvent<ToHost | WarmMessage>) =>
  data.kind === "warm" ? void warm() : host.receive(data);

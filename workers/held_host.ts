/** A host in a process that is held to permissions: what it loads and does may take none but those of its one task. */
import { heldStorage } from "../src/execute/host/held_storage.ts";
import { Host } from "../src/execute/host/host.ts";
import { loadBy, type Loaders } from "../src/execute/host/modules.ts";
import { listenFor, sendUp } from "../src/execute/host/pipe.ts";
import type { HeldHost } from "../src/execute/protocol.ts";
import { exitNow } from "../src/runtime/ends.ts";
import { defineBareName } from "../src/runtime/runtime.ts";
import { openHostFiles } from "../src/store/files/host_files.ts";

/** Runs an attempt until the other side closes the pipe; modules come in ways that take no permission. */
export async function heldHost(loaders: Loaders): Promise<void> {
  const exit = exitNow();
  loadBy(loaders);
  let held: HeldHost | undefined;
  const host = new Host({
    openStorage: ({ cwd }) => heldStorage(openHostFiles({ cache: undefined, cwd }), cwd, held!),
    exit,
    prepare: async (open) => {
      held = open.held;
      await defineBareName("runner", open.library, () => import("../mod.ts"));
    },
    send: sendUp,
  });
  await listenFor(host);
  exit(0);
}

/** A host in a process that is held to permissions: what it loads and does may take none but those of its one task. */
import { heldStorage } from "../execute/host/held_storage.ts";
import { Host } from "../execute/host/host.ts";
import { loadBy, type Loaders } from "../execute/host/modules.ts";
import type { HeldHost } from "../execute/protocol.ts";
import { defineBareName, exitNow } from "../runtime/runtime.ts";
import { openHostFiles } from "../store/files/host_files.ts";
import { listenFor, sendUp } from "./pipe.ts";

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
      await defineBareName("runner", open.library, () => import("../../mod.ts"));
    },
    send: sendUp,
  });
  await listenFor(host);
  exit(0);
}

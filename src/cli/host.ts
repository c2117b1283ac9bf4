/** The hidden command that makes this process a host: it runs tasks for the process that started it. */
import { Host } from "../execute/host/host.ts";
import { defineBareName, exitNow } from "../runtime/runtime.ts";
import { openStorage } from "../store/storage.ts";
import { listenFor, sendUp } from "./pipe.ts";

/** Runs tasks until the other side closes the pipe. */
export async function hostCommand(): Promise<number> {
  const host = new Host({
    openStorage,
    exit: exitNow(),
    prepare: (open) => defineBareName("runner", open.library, () => import("../../mod.ts")),
    send: sendUp,
  });
  await listenFor(host);
  return 0;
}

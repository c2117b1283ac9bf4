/** The hidden command that makes this process a host: it runs tasks for the process that started it. */
import { tellApart } from "../execute/host/apart.ts";
import { Host } from "../execute/host/host.ts";
import { listenFor, sendUp } from "../execute/host/pipe.ts";
import { exitNow } from "../runtime/ends.ts";
import { defineBareName } from "../runtime/runtime.ts";
import { openStorage } from "../store/storage.ts";

/** Runs tasks until the other side closes the pipe. */
export async function command(): Promise<number> {
  const host = new Host({
    openStorage,
    exit: exitNow(),
    prepare: (open) => {
      tellApart();
      return defineBareName("runner", open.library, () => import("../../mod.ts"));
    },
    send: sendUp,
  });
  await listenFor(host);
  return 0;
}

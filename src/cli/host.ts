/** The hidden command that makes this process a host: it runs tasks for the process that started it. */
import fs from "node:fs";
import process from "node:process";
import { Host } from "../execute/host/host.ts";
import { frame, unframer } from "../execute/members/frames.ts";
import type { ToHost } from "../execute/protocol.ts";
import { defineBareName, exitNow } from "../runtime/runtime.ts";
import { openStorage } from "../store/storage.ts";

/** Runs tasks until the other side closes the pipe. */
export function hostCommand(): Promise<number> {
  const host = new Host({
    openStorage,
    exit: exitNow(),
    prepare: (open) => defineBareName("runner", open.library, () => import("../../mod.ts")),
    send: (message) => {
      const bytes = frame(message);
      for (let done = 0; done < bytes.length;) done += fs.writeSync(3, bytes, done);
    },
  });
  const receive = unframer((message) => host.receive(message as ToHost));
  process.stdin.on("data", (chunk: Uint8Array) => receive(chunk));
  return new Promise((resolve) => process.stdin.on("end", () => resolve(0)));
}

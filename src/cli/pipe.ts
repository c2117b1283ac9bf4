/** The pipe between this process, which runs tasks, and whoever started it. */
import fs from "node:fs";
import process from "node:process";
import type { Host } from "../execute/host/host.ts";
import { frame, unframer } from "../execute/members/frames.ts";
import type { FromHost, ToHost } from "../execute/protocol.ts";

/** Sends a message to whoever started this process. */
export function sendUp(message: FromHost): void {
  const bytes = frame(message);
  for (let done = 0; done < bytes.length;) done += fs.writeSync(3, bytes, done);
}

/** Gives messages to a host; resolves when there will be no more. */
export function listenFor(host: Host): Promise<void> {
  const receive = unframer((message) => host.receive(message as ToHost));
  process.stdin.on("data", (chunk: Uint8Array) => receive(chunk));
  return new Promise((resolve) => process.stdin.on("end", resolve));
}

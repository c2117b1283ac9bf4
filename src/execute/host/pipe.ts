/** The pipe between this process, which runs tasks, and whoever started it. */
import { node } from "../../runtime/builtin.ts";
import { frame, PIPE, unframer } from "../members/frames.ts";
import type { FromHost, ToHost } from "../protocol.ts";
import type { Host } from "./host.ts";

/** Sends a message to whoever started this process. */
export function sendUp(message: FromHost): void {
  const bytes = frame(message);
  for (let done = 0; done < bytes.length;) done += node.fs.writeSync(PIPE, bytes, done);
}

/** Gives messages to a host; resolves when there will be no more. */
export function listenFor(host: Host): Promise<void> {
  const { stdin } = node.process;
  const receive = unframer((message) => host.receive(message as ToHost));
  stdin.on("data", (chunk: Uint8Array) => receive(chunk));
  return new Promise((resolve) => stdin.on("end", resolve));
}

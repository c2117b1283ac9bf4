/** The pipes between this process, which runs tasks, and whoever started it. */
import type { ReadStream } from "node:fs";
import { node } from "../../runtime/builtin.ts";
import { DOWN, frame, unframer, UP } from "../members/frames.ts";
import type { FromHost, ToHost } from "../protocol.ts";

/** Sends a message to whoever started this process. */
export function sendUp(message: FromHost): void {
  const bytes = frame(message);
  for (let done = 0; done < bytes.length;) done += node.fs.writeSync(UP, bytes, done);
}

let told: ReadStream | undefined;

/** What this process is told. */
function fromAbove(): ReadStream {
  return told ??= node.fs.createReadStream("", { fd: DOWN, autoClose: false });
}

/** Gives messages to a host; resolves when there will be no more. */
export function listenFor(host: { receive(message: ToHost): void }): Promise<void> {
  const receive = unframer((message) => host.receive(message as ToHost));
  fromAbove().on("data", (chunk) => receive(chunk as Uint8Array));
  return new Promise((resolve) => onEndAbove(resolve));
}

/** Calls back when whoever started this process tells it nothing any more, or is gone. */
export function onEndAbove(listener: () => void): void {
  fromAbove().once("end", listener);
}

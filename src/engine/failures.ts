/** Making failures that people can read out of what hosts tell. */
import fs from "node:fs";
import { decode } from "../model/codec/decode.ts";
import type { FailedItem } from "../execute/protocol.ts";
import type { NodeFailure } from "../model/failure.ts";
import { userFrames } from "../model/source.ts";
import type { PlannedNode } from "../plan/graph.ts";

/** The most of a log that is taken into a failure, in bytes; the file has all of it. */
const MOST_OUTPUT = 1_048_576;

/** Describes a node's failure. */
export function nodeFailure(
  node: PlannedNode,
  call: string,
  attempts: number,
  failed: FailedItem,
  output: { readonly stdout?: string; readonly stderr?: string },
): NodeFailure {
  const error = decode(failed.error) as Error;
  const files = [output.stdout, output.stderr].filter((file) => file !== undefined);
  return {
    call,
    task: node.call.task.name,
    key: node.call.key,
    reason: failed.reason,
    attempts,
    error,
    at: failed.reason === "unclonable"
      ? node.call.task.frames[0]
      : userFrames(error.stack)[0] ?? node.call.task.frames[0],
    output: { stdout: tail(output.stdout), stderr: tail(output.stderr), files },
  };
}

/** The end of a file, or all of it. */
function tail(file: string | undefined): string {
  if (file === undefined) return "";
  try {
    const size = fs.statSync(file).size;
    if (size <= MOST_OUTPUT) return fs.readFileSync(file, "utf8");
    const descriptor = fs.openSync(file, "r");
    const bytes = new Uint8Array(MOST_OUTPUT);
    const length = fs.readSync(descriptor, bytes, 0, MOST_OUTPUT, size - MOST_OUTPUT);
    fs.closeSync(descriptor);
    return `… (the beginning is in ${file})\n${new TextDecoder().decode(bytes.subarray(0, length))}`;
  } catch {
    return "";
  }
}

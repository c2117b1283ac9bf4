/** Making failures that people can read out of what hosts tell. */
import fs from "node:fs";
import { unlink } from "../model/call.ts";
import { decode } from "../model/codec/decode.ts";
import type { FailedItem } from "../execute/protocol.ts";
import type { NodeFailure } from "../model/failure.ts";
import { readableDuration } from "../model/duration.ts";
import { userFrames } from "../model/source.ts";
import type { PlannedNode } from "../plan/graph.ts";
import type { Failing, OutputFiles } from "./run_state.ts";

/** The most of a log that is taken into a failure, in bytes; the file has all of it. */
const MOST_OUTPUT = 1_048_576;

/**
 * Describes a node's failure.
 *
 * @param directory where its folder was kept.
 * @param late the time of its task for all attempts, in milliseconds, when that is why there is no other.
 * @param before what the attempt before has failed by, if that is worth telling.
 */
export function nodeFailure(
  node: PlannedNode,
  call: string,
  attempts: number,
  failed: FailedItem,
  output: OutputFiles,
  late?: number,
  directory?: string,
  before?: Pick<Failing, "failed" | "output">,
): NodeFailure {
  const error = decode(failed.error) as Error;
  return {
    call,
    task: node.call.task.name,
    key: node.call.key,
    reason: failed.reason,
    ...(failed.timeout !== undefined && { timeout: failed.timeout }),
    attempts,
    error,
    ...(before !== undefined && before.failed.error.length > 0 && {
      before: { error: decode(before.failed.error) as Error, files: filesOf(before.output) },
    }),
    at: failed.reason === "unclonable"
      ? node.call.task.frames[0]
      : userFrames(error.stack)[0] ?? node.call.task.frames[0],
    ...(late !== undefined && {
      notAgain: `its timeout of ${
        readableDuration(late)
      } for all attempts together leaves no time for another`,
    }),
    ...(directory !== undefined && { directory }),
    ...(failed.where !== undefined && { where: failed.where }),
    ...(node.call.upstreams.length === 0 && { input: unlink(node.call.bytes, () => undefined) }),
    ...(node.call.task.logIgnore.length > 0 && { logIgnore: node.call.task.logIgnore }),
    output: { stdout: tail(output.stdout), stderr: tail(output.stderr), files: filesOf(output) },
  };
}

function filesOf({ stdout, stderr }: OutputFiles): readonly string[] {
  return [stdout, stderr].filter((file) => file !== undefined);
}

/** A file, or its beginning and end: what went wrong is said first or last. */
function tail(file: string | undefined): string {
  if (file === undefined) return "";
  try {
    const size = fs.statSync(file).size;
    if (size <= MOST_OUTPUT) return fs.readFileSync(file, "utf8");
    const descriptor = fs.openSync(file, "r");
    const half = MOST_OUTPUT / 2;
    const part = (at: number): string => {
      const bytes = new Uint8Array(half);
      return new TextDecoder().decode(bytes.subarray(0, fs.readSync(descriptor, bytes, 0, half, at)));
    };
    const text = `… (the beginning is in ${file})\n${part(0)}\n… (the middle is left out)\n${
      part(size - half)
    }`;
    fs.closeSync(descriptor);
    return text;
  } catch {
    return "";
  }
}

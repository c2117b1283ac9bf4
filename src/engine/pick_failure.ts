/** What is said of picks that reach for what their call's result does not have. */
import { PickError, unlink } from "../model/call.ts";
import { callText } from "../model/call_text.ts";
import { readableFrame } from "../model/source.ts";
import type { RunState } from "./run_state.ts";

/** The error for people: which call it was, and where its task is defined. `nodes` are those that the picks refer to. */
export function worded(run: RunState, error: PickError, nodes: readonly number[]): Error {
  const { call } = run.node(nodes[error.number]!);
  const { message, name } = error.of(callText(call));
  const [at] = call.task.frames;
  const place = at === undefined ? "" : `\n    ${call.task.name} is defined at ${readableFrame(at)}`;
  // Where it came up is a place of ours.
  return Object.assign(new Error(message + place), { name, stack: `${name}: ${message}` });
}

/** Why a node's input, or what its `deps` name, cannot be put together; `undefined` when it can. */
export function pickFailure(run: RunState, id: number): Error | undefined {
  const { call, inputs, deps } = run.node(id);
  for (
    const { bytes, nodes } of [{ bytes: call.bytes, nodes: inputs }, ...deps === undefined ? [] : [deps]]
  ) {
    try {
      unlink(bytes, (number) => run.valueOf(nodes[number]!));
    } catch (error) {
      return error instanceof PickError ? worded(run, error, nodes) : undefined;
    }
  }
  return undefined;
}

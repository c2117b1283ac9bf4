/** Why a result is given, but not kept, for people. */
import type { RunState } from "./run_state.ts";

/** A task has left what lay there before as it was. */
export function untouchedText(run: RunState, node: number, files: readonly string[]): string {
  return `${some(files)}: there before ${
    nameOf(run, node)
  } ran, and not written by it: its result is given, but not kept; remove ` +
    "that, or declare output(…, { precious: true }) if it is to find what it wrote before";
}

/** Something that a task rests on has changed. */
export function outdatedText(run: RunState, node: number, files: readonly string[]): string {
  return `${some(files)} changed while ${
    nameOf(run, node)
  } was running: its result is given, but not kept; run again to be sure of it`;
}

/** Another run has written the same outputs at the same time. */
export function mixedText(run: RunState, node: number, rival: string): string {
  return `${
    nameOf(run, node)
  } was made by run ${rival} at the same time, and both wrote its outputs: its result is given, but not ` +
    "kept, and so it is with all that both make; run again when only one run is under way";
}

function nameOf(run: RunState, node: number): string {
  return run.graph.describe(run.node(node));
}

function some(paths: readonly string[]): string {
  return paths.slice(0, 3).join(", ") + (paths.length > 3 ? `, +${paths.length - 3} more` : "");
}

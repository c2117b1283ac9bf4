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

/** Code was loaded for a call that is not what the run has read. */
export function codeChangedText(run: RunState, node: number, files: readonly string[]): string {
  const call = nameOf(run, node);
  const one = files.length === 1;
  const { sent } = run.variantOf(node);
  const kept = run.ports.cache.writable === undefined
    ? ""
    : " What had begun before is kept, as made by the code of then.";
  // Where the files of the two are not the same, no edit is to blame.
  const shared = sent === undefined
    ? ""
    : " If nobody has changed anything: where jobs run, the same files must be there";
  return `${some(files)} ${one ? "was" : "were"} changed after this run had read ${
    one ? "it" : "them"
  }, and before ${sent === undefined ? "a worker or process" : "the job"} of ${call} loaded ${
    one ? "it" : "them"
  }: ${call} was not run, since its code is not the one that this run knows.${kept} ` +
    `Run it again: only what the change concerns runs.${shared}`;
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

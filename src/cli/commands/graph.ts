/** `runner graph`. */
import process from "node:process";
import type { PreviewNode } from "../../engine/preview.ts";
import { styleFor } from "../../report/style.ts";
import { renderTree, type TreeNode } from "../../report/tree.ts";
import type { Entry } from "../../wire.ts";
import { readArguments, usage } from "../arguments.ts";
import { COMMAND_HELP } from "../help.ts";
import { loadPipeline } from "../pipeline.ts";
import { PLAN_OPTIONS, takeForced } from "../run_options.ts";
import { settingsOf } from "../settings.ts";
import { forcedNames, wanted } from "../targets.ts";
import { previewOf } from "./explain.ts";
import { print } from "../output.ts";

/** Prints the graph of targets with the state of each call. Runs nothing, writes nothing. */
export async function command(args: readonly string[], entry: Entry): Promise<number> {
  const { forced, rest } = takeForced(args);
  const parsed = readArguments(rest, PLAN_OPTIONS);
  const [path, ...names] = parsed.words;
  if (parsed.flags.has("help")) {
    print(COMMAND_HELP.graph);
    return 0;
  }
  if (path === undefined) throw usage("Name a pipeline: runner graph <pipeline.ts> [target …]");
  const pipeline = await loadPipeline(path, entry);
  const { future } = await wanted(pipeline, names, parsed, "graph");
  const { roots, nodes } = await previewOf(
    pipeline,
    future,
    parsed,
    forcedNames(pipeline, forced),
    settingsOf(pipeline),
    entry,
  );
  const shown = nodes.map(treeNode);
  if (parsed.flags.has("json")) print(`${JSON.stringify({ roots, nodes: shown })}\n`);
  else print(renderTree(shown, roots, styleFor(process.stdout.isTTY === true, process.env)));
  return 0;
}

/** A node as the tree shows it. */
function treeNode(node: PreviewNode): TreeNode & { readonly task: string; readonly key: string } {
  const { call, task, key, state, upstreams } = node;
  return {
    call,
    task,
    key,
    upstreams,
    state: state === "up-to-date" || state === "failed" ? state : "wanted",
  };
}

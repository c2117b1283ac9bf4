/** `runner graph`. */
import fs from "node:fs";
import process from "node:process";
import { preview, type PreviewNode } from "../../engine/preview.ts";
import { styleFor } from "../../report/style.ts";
import { renderTree, type TreeNode } from "../../report/tree.ts";
import { type Entry, openPorts } from "../../wire.ts";
import { readArguments, usage } from "../arguments.ts";
import { COMMAND_HELP } from "../help.ts";
import { loadPipeline } from "../pipeline.ts";
import { cacheFolder, settingsOf } from "../settings.ts";
import { wanted } from "../targets.ts";

const OPTIONS = { values: ["cache", "input"], flags: ["json", "help"] };

/** Prints the graph of targets with the state of each call. Runs nothing, writes nothing. */
export async function graphCommand(args: readonly string[], entry: Entry): Promise<number> {
  const parsed = readArguments(args, OPTIONS);
  const [path, ...names] = parsed.words;
  if (parsed.flags.has("help")) {
    process.stdout.write(COMMAND_HELP.graph);
    return 0;
  }
  if (path === undefined) throw usage("Name a pipeline: runner graph <pipeline.ts> [target …]");
  const pipeline = await loadPipeline(path, entry);
  const { future } = await wanted(pipeline, names, parsed);
  const folder = cacheFolder(parsed.values["cache"], settingsOf(pipeline).cache);
  const cache = folder === undefined || !fs.existsSync(folder) ? "none" : { path: folder, readOnly: true };
  const { roots, nodes } = await preview(
    future,
    await openPorts(entry, [pipeline.url], { cache, history: false }, true),
  );
  if (parsed.flags.has("json")) process.stdout.write(`${JSON.stringify({ roots, nodes })}\n`);
  else {process.stdout.write(
      renderTree(nodes.map(treeNode), roots, styleFor(process.stdout.isTTY === true, process.env)),
    );}
  return 0;
}

/** A node as the tree shows it. */
function treeNode({ call, state, upstreams }: PreviewNode): TreeNode {
  return { call, upstreams, state: state === "up-to-date" || state === "failed" ? state : "wanted" };
}

/** `runner list`. */
import type { Entry } from "../../wire.ts";
import { readArguments, refuseFields, usage } from "../arguments.ts";
import { COMMAND_HELP } from "../help.ts";
import { describePipeline, listing } from "../listing.ts";
import { loadPipeline } from "../pipeline.ts";
import { print } from "../output.ts";

const OPTIONS = { values: [], flags: ["json", "help"] };

/** Lists the tasks and calls of a pipeline. */
export async function command(args: readonly string[], entry: Entry): Promise<number> {
  const parsed = readArguments(args, OPTIONS);
  const { words: [path, ...more], flags } = parsed;
  if (flags.has("help")) {
    print(COMMAND_HELP.list);
    return 0;
  }
  refuseFields(parsed);
  if (path === undefined || more.length > 0) throw usage("Name one pipeline: runner list <pipeline.ts>");
  const pipeline = await loadPipeline(path, entry);
  print(
    flags.has("json") ? `${JSON.stringify(await listing(pipeline))}\n` : await describePipeline(pipeline),
  );
  return 0;
}

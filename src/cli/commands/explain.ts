/** `runner explain`, and `runner run --dry`: what a run would do, and why. Touches nothing. */
import fs from "node:fs";
import process from "node:process";
import type { RunOptions } from "../../engine/options.ts";
import { type Preview, preview } from "../../engine/preview.ts";
import { causeText } from "../../model/cause.ts";
import type { Future } from "../../model/future.ts";
import { renderExplanation, renderPlan } from "../../report/explain.ts";
import { styleFor } from "../../report/style.ts";
import { type Entry, machine, openPorts } from "../../wire.ts";
import { type Arguments, readArguments, usage } from "../arguments.ts";
import { loadPipeline, type Pipeline } from "../pipeline.ts";
import { laidOver, PLAN_OPTIONS, planOptions, takeForced } from "../run_options.ts";
import { cacheFolder, settingsOf } from "../settings.ts";
import { forcedNames, wanted } from "../targets.ts";
import { print } from "../output.ts";

/** The help of `explain`. */
export const EXPLAIN_HELP =
  `Usage: runner explain <pipeline.ts> [target …] [--<field> value …] [--param k=v] [--cache folder] [--json]

Says of each target whether it would run, and why: what differs from the closest earlier result, down to the root cause.
The decisions are those of a run. Nothing is run, written or restored.
`;

/** Explains why targets would run. */
export async function command(args: readonly string[], entry: Entry): Promise<number> {
  const { forced, rest } = takeForced(args);
  const parsed = readArguments(rest, PLAN_OPTIONS);
  const [path, ...names] = parsed.words;
  if (parsed.flags.has("help")) {
    print(EXPLAIN_HELP);
    return 0;
  }
  if (path === undefined) throw usage("Name a pipeline: runner explain <pipeline.ts> [target …]");
  const pipeline = await loadPipeline(path, entry);
  const settings = settingsOf(pipeline);
  const { future } = await wanted(pipeline, names, parsed, "explain");
  const plan = await previewOf(pipeline, future, parsed, forcedNames(pipeline, forced), settings, entry);
  const style = styleFor(process.stdout.isTTY === true, process.env);
  print(
    parsed.flags.has("json") ? jsonPlan(plan) : renderExplanation(plan.nodes, plan.roots, style),
  );
  return 0;
}

/** Prints what a run would do. */
export async function tellPlan(
  pipeline: Pipeline,
  target: Future<unknown>,
  parsed: Arguments,
  forced: readonly string[],
  settings: RunOptions,
  entry: Entry,
): Promise<number> {
  const plan = await previewOf(pipeline, target, parsed, forced, settings, entry);
  const style = styleFor(process.stdout.isTTY === true, process.env);
  print(
    parsed.flags.has("json") ? jsonPlan(plan) : renderPlan(plan.nodes, plan.restored, style),
  );
  // As the run would end.
  if (plan.problem !== undefined) throw plan.problem;
  return plan.nodes.some((node) => node.state === "failed") ? 1 : 0;
}

/** What a run would do, by the options and settings it would have. */
export async function previewOf(
  pipeline: Pipeline,
  target: Future<unknown>,
  parsed: Arguments,
  forced: readonly string[],
  settings: RunOptions,
  entry: Entry,
): Promise<Preview> {
  const folder = cacheFolder(parsed.values["cache"], settings.cache);
  const told = parsed.values["cache"] ?? settings.cache;
  // A folder that is not there yet is a cache with nothing in it, and so is the memory of a process that begins.
  const cache = told === "none"
    ? "none"
    : folder === undefined || !fs.existsSync(folder)
    ? "memory"
    : { path: folder, readOnly: true };
  const options: RunOptions = {
    ...laidOver(settings, planOptions(parsed, forced, settings)),
    cache,
    history: false,
  };
  return await preview(target, await openPorts(entry, [pipeline.url], options, undefined), machine, options);
}

/** A plan as one line of JSON. */
function jsonPlan({ roots, nodes, restored }: Preview): string {
  const told = nodes.map((node) => ({
    ...node,
    causes: node.causes.map((cause) => ({ ...cause, text: causeText(cause) })),
  }));
  return `${JSON.stringify({ roots, nodes: told, restored })}\n`;
}

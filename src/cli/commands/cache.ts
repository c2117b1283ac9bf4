/** `runner cache`. */
import fs from "node:fs";
import process from "node:process";
import { FUTURE } from "../../model/brand.ts";
import type { Call } from "../../model/call.ts";
import { futureContent, isFuture } from "../../model/future.ts";
import { folderName } from "../../model/name.ts";
import { didYouMean } from "../../model/suggest.ts";
import { DEFAULT_CACHE, type Entry, openCache } from "../../wire.ts";
import { type Arguments, readArguments, refuseFields, usage } from "../arguments.ts";
import { COMMAND_HELP } from "../help.ts";
import { loadPipeline } from "../pipeline.ts";
import { wanted } from "../targets.ts";

const OPTIONS = { values: ["cache", "input"], flags: ["json", "help"] };

/** Removes results. */
export async function cacheCommand(args: readonly string[], entry: Entry): Promise<number> {
  const parsed = readArguments(args, OPTIONS);
  const [verb, what, ...names] = parsed.words;
  if (parsed.flags.has("help")) {
    process.stdout.write(COMMAND_HELP.cache);
    return 0;
  }
  if (verb !== "clear") {
    throw usage(
      verb === undefined
        ? "Say what to do with the cache: runner cache clear <task>"
        : `There is no command "cache ${verb}"; there is: runner cache clear`,
    );
  }
  if (what === undefined) {
    throw usage(
      "Say what to clear: runner cache clear <task>, or runner cache clear <pipeline.ts> <target …>",
    );
  }
  const path = parsed.values["cache"] ?? DEFAULT_CACHE;
  if (!fs.existsSync(path)) throw usage(`There is no cache at ${path}`);
  const cache = openCache(path);
  const isPipeline = /\.[cm]?[jt]sx?$/.test(what);
  const count = isPipeline
    ? await clearCalls(what, names, parsed, entry, cache)
    : clearTasks([what, ...names], path, parsed, cache);
  cache.close();
  process.stdout.write(
    parsed.flags.has("json")
      ? `${JSON.stringify({ cleared: count })}\n`
      : `cleared ${count} ${count === 1 ? "result" : "results"}\n`,
  );
  return 0;
}

/** Clears all results of tasks, by the names of their folders. */
function clearTasks(
  names: readonly string[],
  path: string,
  parsed: Arguments,
  cache: ReturnType<typeof openCache>,
): number {
  refuseFields(parsed.fields, OPTIONS);
  const known = fs.readdirSync(path, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory() && fs.existsSync(`${path}/${entry.name}/results`)
  ).map((entry) => decodeURIComponent(entry.name));
  for (const name of names) {
    if (!fs.existsSync(`${path}/${folderName(name)}/results`)) {
      throw usage(
        `The cache ${path} has no results of a task "${name}"${didYouMean(name, known)}${
          known.length === 0 ? "; it is empty" : ""
        }`,
      );
    }
  }
  return names.reduce((sum, name) => sum + cache.clear(name, "all"), 0);
}

/** Clears the results of single calls. */
async function clearCalls(
  path: string,
  names: readonly string[],
  parsed: Arguments,
  entry: Entry,
  cache: ReturnType<typeof openCache>,
): Promise<number> {
  const pipeline = await loadPipeline(path, entry);
  const { future } = wanted(pipeline, names, parsed);
  const calls: Call<unknown>[] = [];
  const collect = (value: unknown): void => {
    if (isFuture(value)) {
      if (value[FUTURE] === "call") calls.push(value as Call<unknown>);
      else if (value[FUTURE] === "pick") {
        calls.push((value as unknown as { readonly origin: Call<unknown> }).origin);
      } else collect(futureContent(value));
    } else if (typeof value === "object" && value !== null) Object.values(value).forEach(collect);
  };
  collect(future);
  return calls.reduce((sum, call) => sum + cache.clear(call.task.name, [call.key]), 0);
}

/** `runner cache`. */
import fs from "node:fs";
import { FUTURE } from "../../model/brand.ts";
import type { Call } from "../../model/call.ts";
import { futureContent, isFuture } from "../../model/future.ts";
import { matchTemplate } from "../../model/name.ts";
import { didYouMean } from "../../model/suggest.ts";
import { type Entry, openCache } from "../../wire.ts";
import { type Arguments, readArguments, refuseFields, usage } from "../arguments.ts";
import { COMMAND_HELP } from "../help.ts";
import { loadPipeline, targetNames } from "../pipeline.ts";
import { cacheFolder, settingsOf } from "../settings.ts";
import { wanted } from "../targets.ts";
import { print } from "../output.ts";

const OPTIONS = { values: ["cache", "input"], flags: ["json", "help"] };

/** Removes results. */
export async function command(args: readonly string[], entry: Entry): Promise<number> {
  const parsed = readArguments(args, OPTIONS);
  const [verb, what, ...names] = parsed.words;
  if (parsed.flags.has("help")) {
    print(COMMAND_HELP.cache);
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
  const count = /\.[cm]?[jt]sx?$/.test(what)
    ? await clearCalls(what, names, parsed, entry)
    : clearTasks([what, ...names], parsed);
  print(
    parsed.flags.has("json")
      ? `${JSON.stringify({ cleared: count })}\n`
      : `cleared ${count} ${count === 1 ? "result" : "results"}\n`,
  );
  return 0;
}

/** Clears all results of tasks, by the names of their folders. */
function clearTasks(names: readonly string[], parsed: Arguments): number {
  refuseFields(parsed);
  const folder = existing(cacheFolder(parsed.values["cache"], undefined));
  const cache = openCache(folder);
  const known = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory() && fs.existsSync(`${folder}/${entry.name}/results`)
  ).map((entry) => decodeURIComponent(entry.name));
  for (const name of names) {
    if (known.includes(name)) continue;
    const template = known.find((one) => matchTemplate(one, name) !== undefined);
    const hint = template !== undefined
      ? `; it is a call of "${template}": clear that, or name the pipeline too: runner cache clear <pipeline.ts> ${name}`
      : didYouMean(name, known);
    throw usage(
      `The cache ${folder} has no results of a task "${name}"${hint}${
        known.length === 0
          ? "; it is empty"
          : hint === ""
          ? `\n    it has: ${known.slice(0, 20).join(", ")}${known.length > 20 ? ", …" : ""}`
          : ""
      }`,
    );
  }
  const count = names.reduce((sum, name) => sum + cache.clear(name, "all"), 0);
  cache.close();
  return count;
}

/** The folder of a cache that is there. */
function existing(folder: string | undefined): string {
  if (folder === undefined) throw usage("Only a cache in a folder has something to clear");
  if (!fs.existsSync(folder)) throw usage(`There is no cache at ${folder}`);
  return folder;
}

/** Clears the results of single calls. */
async function clearCalls(
  path: string,
  names: readonly string[],
  parsed: Arguments,
  entry: Entry,
): Promise<number> {
  const pipeline = await loadPipeline(path, entry);
  if (names.length === 0) {
    throw usage(
      `Say what to clear of ${path}: runner cache clear ${path} <target …>\n    there are: ${
        targetNames(pipeline).slice(0, 20).join(", ")
      }`,
    );
  }
  const { future } = await wanted(pipeline, names, parsed, "cache");
  const cache = openCache(existing(cacheFolder(parsed.values["cache"], settingsOf(pipeline).cache)));
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
  const count = calls.reduce((sum, call) => sum + cache.clear(call.task.name, [call.key]), 0);
  cache.close();
  return count;
}

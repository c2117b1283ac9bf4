/** `runner run`. */
import { inspect } from "node:util";
import process from "node:process";
import type { RunOptions } from "../../engine/options.ts";
import { didYouMean } from "../../model/suggest.ts";
import { HumanReporter } from "../../report/human.ts";
import type { JsonReporter } from "../../report/json.ts";
import { COLOURED, styleFor } from "../../report/style.ts";
import { type Entry, wireRun } from "../../wire.ts";
import { type Arguments, positive, readArguments, usage } from "../arguments.ts";
import { errorText, exitCodeOf } from "../errors.ts";
import { loadPipeline, type Pipeline } from "../pipeline.ts";
import { cacheFolder, settingsOf } from "../settings.ts";
import { listenToSignals } from "../signals.ts";
import { wanted } from "../targets.ts";
import { stderrTerminal } from "../terminal.ts";

const OPTIONS = {
  values: ["cache", "workers", "parallel", "input"],
  flags: ["cache-read-only", "keep-going", "stop", "kill", "force", "json", "quiet", "help"],
};

/** Runs targets of a pipeline, and prints the value. */
export async function runCommand(args: readonly string[], entry: Entry): Promise<number> {
  const own = args.slice(0, args.indexOf("--") < 0 ? args.length : args.indexOf("--"));
  if (!own.includes("--json")) return await runTargets(args, entry, undefined);
  const { JsonReporter } = await import("../../report/json.ts");
  const json = new JsonReporter((text) => process.stdout.write(text));
  try {
    return await runTargets(args, entry, json);
  } catch (error) {
    json.error((error as Error | undefined)?.name ?? "Error", errorText(error));
    return exitCodeOf(error);
  }
}

async function runTargets(
  args: readonly string[],
  entry: Entry,
  json: JsonReporter | undefined,
): Promise<number> {
  const { forced, rest } = takeForced(args);
  const parsed = readArguments(rest, OPTIONS);
  const [path, ...names] = parsed.words;
  if (parsed.flags.has("help")) return await tellHelp(path, entry);
  if (path === undefined) throw usage("Name a pipeline: runner run <pipeline.ts> [target …]");
  const pipeline = await loadPipeline(path, entry);
  const settings = settingsOf(pipeline);
  const target = await wanted(pipeline, names, parsed);
  refuseUnknownForced(pipeline, forced);
  const options = { ...settings, ...runOptions(parsed, forced, settings.cache) };
  const human = new HumanReporter(stderrTerminal(), parsed.flags.has("quiet"));
  // From here on only: while a pipeline loads, a signal ends the program as it ends any other.
  const signals = listenToSignals((text) => json === undefined ? human.note(text) : say(text));
  try {
    const { value, notStored } = await wireRun(entry, [pipeline.url])(target.future, {
      ...options,
      reporter: json ?? human,
      signal: signals.ask,
      kill: signals.kill,
    });
    if (json !== undefined) json.value(value);
    else if (value !== undefined) process.stdout.write(`${valueText(value)}\n`);
    return notStored === undefined ? 0 : 3;
  } catch (error) {
    if (!signals.ask.aborted || exitCodeOf(error) === 3) throw error;
    // Whoever asked for the end wants to know that it was the end, whatever else went wrong on the way.
    json?.error((error as Error).name, errorText(error));
    return signals.exitCode();
  } finally {
    signals.close();
  }
}

/** What can be said of the command, and of a pipeline if one is named. */
async function tellHelp(path: string | undefined, entry: Entry): Promise<number> {
  const [{ RUN_HELP }, { describePipeline }] = await Promise.all([
    import("../help.ts"),
    import("../listing.ts"),
  ]);
  const offers = path === undefined ? "" : `\n${await describePipeline(await loadPipeline(path, entry))}`;
  process.stdout.write(`${RUN_HELP}${offers}`);
  return 0;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The value for people; a terminal gets the beginning of what is long, a file or a pipe gets all of it. */
function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  const terminal = process.stdout.isTTY === true;
  return inspect(value, {
    depth: terminal ? 6 : 100,
    colors: styleFor(terminal, process.env) === COLOURED,
    maxArrayLength: terminal ? 100 : null,
    maxStringLength: terminal ? 10_000 : null,
    breakLength: 100,
  });
}

/** A task that is not there cannot be run again: most likely its name is misspelt. */
function refuseUnknownForced(pipeline: Pipeline, forced: readonly string[]): void {
  const names = pipeline.tasks.map((task) => task.name);
  for (const name of forced) {
    if (names.includes(name)) continue;
    throw usage(
      name === ""
        ? "--force= needs the name of a task; --force alone is everything"
        : `--force=${name}: there is no task "${name}"${didYouMean(name, names)}`,
    );
  }
}

/** `--force=task` names tasks; `--force` alone is everything. */
function takeForced(
  args: readonly string[],
): { readonly forced: readonly string[]; readonly rest: readonly string[] } {
  const end = args.indexOf("--");
  const names = (arg: string, index: number) => arg.startsWith("--force=") && (end < 0 || index < end);
  return {
    forced: args.filter(names).map((arg) => arg.slice("--force=".length)),
    rest: args.filter((arg, index) => !names(arg, index)),
  };
}

/** The options of the command line, as `run()` takes them. */
function runOptions(
  { values, flags }: Arguments,
  forced: readonly string[],
  set: RunOptions["cache"],
): RunOptions {
  const policies = (["stop", "keep-going", "kill"] as const).filter((policy) => flags.has(policy));
  if (policies.length > 1) throw usage(`--${policies.join(" and --")} contradict each other`);
  const workers = positive("workers", values["workers"]);
  const parallel = positive("parallel", values["parallel"]);
  const cache = values["cache"];
  const readOnly = flags.has("cache-read-only");
  const folder = cacheFolder(cache, set);
  if (readOnly && folder === undefined) {
    throw usage(`--cache-read-only is for a cache in a folder, not for "${cache ?? String(set)}"`);
  }
  return {
    ...(readOnly ? { cache: { path: folder!, readOnly } } : cache !== undefined && { cache }),
    ...(workers !== undefined && { workers }),
    ...(parallel !== undefined && { parallel }),
    ...(policies[0] !== undefined && { onFailure: policies[0] }),
    ...(flags.has("force") ? { force: true } : forced.length > 0 && { force: forced }),
  };
}

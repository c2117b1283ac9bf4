/** `runner run`. */
import { inspect } from "node:util";
import process from "node:process";
import type { RunOptions } from "../../engine/options.ts";
import { DefinitionError } from "../../model/failure.ts";
import { didYouMean } from "../../model/suggest.ts";
import { HumanReporter } from "../../report/human.ts";
import { JsonReporter } from "../../report/json.ts";
import { type Entry, wireRun } from "../../wire.ts";
import { type Arguments, positive, readArguments, usage } from "../arguments.ts";
import { errorText, exitCodeOf } from "../errors.ts";
import { RUN_HELP } from "../help.ts";
import { describePipeline } from "../listing.ts";
import { loadPipeline, type Pipeline } from "../pipeline.ts";
import { listenToSignals } from "../signals.ts";
import { wanted } from "../targets.ts";
import { stderrTerminal } from "../terminal.ts";

const OPTIONS = {
  values: ["cache", "workers", "parallel", "input"],
  flags: ["cache-read-only", "keep-going", "stop", "kill", "force", "json", "quiet", "help"],
};
/** What a pipeline's `settings` may hold. */
const SETTINGS = ["cache", "workers", "parallel", "onFailure"];

/** Runs targets of a pipeline, and prints the value. */
export async function runCommand(args: readonly string[], entry: Entry): Promise<number> {
  const { forced, rest } = takeForced(args);
  const parsed = readArguments(rest, OPTIONS);
  const [path, ...names] = parsed.words;
  if (path === undefined) {
    if (!parsed.flags.has("help")) throw usage("Name a pipeline: runner run <pipeline.ts> [target …]");
    process.stdout.write(RUN_HELP);
    return 0;
  }
  const reporter = parsed.flags.has("json")
    ? new JsonReporter((text) => process.stdout.write(text))
    : new HumanReporter(stderrTerminal(), parsed.flags.has("quiet"));
  const signals = listenToSignals();
  try {
    const pipeline = await loadPipeline(path, entry);
    if (parsed.flags.has("help")) {
      process.stdout.write(`${RUN_HELP}\n${describePipeline(pipeline)}`);
      return 0;
    }
    const target = wanted(pipeline, names, parsed);
    const run = wireRun(entry, [pipeline.url]);
    const options = {
      ...settings(pipeline),
      ...runOptions(parsed, forced),
      reporter,
      signal: signals.ask,
      kill: signals.kill,
    };
    const { value, notStored } = await run(target.future, options);
    if (reporter instanceof JsonReporter) reporter.value(value);
    else if (value !== undefined) {
      process.stdout.write(
        `${
          typeof value === "string" ? value : inspect(value, {
            depth: 6,
            colors: process.stdout.isTTY,
            maxArrayLength: 100,
            breakLength: 100,
          })
        }\n`,
      );
    }
    return notStored === undefined ? 0 : 3;
  } catch (error) {
    if (reporter instanceof JsonReporter) reporter.error((error as Error).name, errorText(error));
    if ((error as Error).name === "RunCancelled") return signals.exitCode();
    if (reporter instanceof JsonReporter) return exitCodeOf(error);
    throw error;
  } finally {
    signals.close();
  }
}

/** `--force=task` names tasks; `--force` alone is everything. */
function takeForced(
  args: readonly string[],
): { readonly forced: readonly string[]; readonly rest: readonly string[] } {
  const forced = args.filter((arg) => arg.startsWith("--force=")).map((arg) => arg.slice("--force=".length));
  return { forced, rest: args.filter((arg) => !arg.startsWith("--force=")) };
}

/** The options of the command line, as `run()` takes them. */
function runOptions({ values, flags }: Arguments, forced: readonly string[]): RunOptions {
  const policies = (["stop", "keep-going", "kill"] as const).filter((policy) => flags.has(policy));
  if (policies.length > 1) throw usage(`--${policies.join(" and --")} contradict each other`);
  const workers = positive("workers", values["workers"]);
  const parallel = positive("parallel", values["parallel"]);
  const cache = values["cache"];
  const readOnly = flags.has("cache-read-only");
  return {
    ...(readOnly
      ? { cache: { path: cache ?? ".runner/cache", readOnly } }
      : cache !== undefined && { cache }),
    ...(workers !== undefined && { workers }),
    ...(parallel !== undefined && { parallel }),
    ...(policies[0] !== undefined && { onFailure: policies[0] }),
    ...(flags.has("force") ? { force: true } : forced.length > 0 && { force: forced }),
  };
}

/** What the pipeline says of how it wants to be run. */
function settings(pipeline: Pipeline): RunOptions {
  const given = pipeline.exports["settings"];
  if (given === undefined) return {};
  const refuse = (problem: string): never => {
    throw new DefinitionError([{ kind: "bad-option", problem: `\`export const settings\`: ${problem}` }]);
  };
  if (typeof given !== "object" || given === null) {
    return refuse("it must be an object, as in { workers: 4 }");
  }
  for (const name of Object.keys(given)) {
    if (!SETTINGS.includes(name)) refuse(`there is no setting "${name}"${didYouMean(name, SETTINGS)}`);
  }
  return given as RunOptions;
}

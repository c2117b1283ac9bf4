/** `runner run`. */
import type * as attachedModule from "../../dispatch/attached/processes.ts";
import type * as helpModule from "../help.ts";
import type * as listingModule from "../listing.ts";
import type * as watchModule from "../watch_command.ts";
import type * as jsonModule from "../../report/json.ts";
import type * as explainModule from "./explain.ts";
import process from "node:process";
import { descendantsOf } from "../../runtime/processes.ts";
import { HumanReporter } from "../../report/human.ts";
import type { JsonReporter } from "../../report/json.ts";
import { type Entry, wireRun } from "../../wire.ts";
import { typed } from "../../wire/typed.ts";
import { readArguments, usage } from "../arguments.ts";
import { errorText, exitCodeOf } from "../errors.ts";
import { loadPipeline } from "../pipeline.ts";
import { forcedNames } from "../targets.ts";
import { commandLine, rerunCommand, RESUMES } from "../rerun.ts";
import { laidOver, RUN_OPTIONS, runOptions, takeForced } from "../run_options.ts";
import { settingsOf } from "../settings.ts";
import { listenToSignals } from "../signals.ts";
import { wanted } from "../targets.ts";
import { stderrTerminal } from "../terminal.ts";
import { valueText } from "../value_text.ts";
import { complain } from "../../runtime/program.ts";
import { print } from "../output.ts";

/** So often it is looked for processes to end: one may just have been starting another. */
const ROUNDS = 5;

/** Runs targets of a pipeline, and prints the value. */
export async function command(words: readonly string[], entry: Entry): Promise<number> {
  const resumes = words[0]?.startsWith(RESUMES) ? words[0].slice(RESUMES.length) : undefined;
  const args = resumes === undefined ? words : words.slice(1);
  const own = args.slice(0, args.indexOf("--") < 0 ? args.length : args.indexOf("--"));
  if (own.includes("--watch")) {
    const { watchRun }: typeof watchModule = await import("../watch_command.ts" as string);
    return await watchRun(args, entry);
  }
  if (!own.includes("--json")) return await runTargets(args, entry, resumes, undefined);
  const { JsonReporter }: typeof jsonModule = await import("../../report/json.ts" as string);
  const json = new JsonReporter(print);
  try {
    return await runTargets(args, entry, resumes, json);
  } catch (error) {
    json.error((error as Error | undefined)?.name ?? "Error", errorText(error));
    return exitCodeOf(error);
  }
}

async function runTargets(
  args: readonly string[],
  entry: Entry,
  resumes: string | undefined,
  json: JsonReporter | undefined,
): Promise<number> {
  const { forced, rest } = takeForced(args);
  const parsed = readArguments(rest, RUN_OPTIONS);
  const [path, ...names] = parsed.words;
  if (parsed.flags.has("help")) return await tellHelp(path, entry);
  if (path === undefined) throw usage("Name a pipeline: runner run <pipeline.ts> [target …]");
  const pipeline = await loadPipeline(path, entry);
  const settings = settingsOf(pipeline);
  const target = await wanted(pipeline, names, parsed, "run");
  const force = forcedNames(pipeline, forced);
  if (parsed.flags.has("dry")) {
    const { tellPlan }: typeof explainModule = await import("./explain.ts" as string);
    return await tellPlan(pipeline, target.future, parsed, force, settings, entry);
  }
  const options = laidOver(settings, runOptions(parsed, force, settings));
  const tasks = pipeline.tasks.map(({ name }) => name);
  const program = typed(entry.cli);
  const human = new HumanReporter(stderrTerminal(), {
    quiet: parsed.flags.has("quiet"),
    fullLog: parsed.flags.has("full-log"),
    rerun: (failure) => rerunCommand({ args, parsed, tasks, program }, failure),
  });
  // From here on only: while a pipeline loads, a signal ends the program as it ends any other.
  const signals = listenToSignals((text) => json === undefined ? human.note(text) : say(text));
  try {
    const { value, notStored, notNoted } = await wireRun(entry, [pipeline.url])(target.future, {
      ...options,
      command: commandLine(args),
      args: ["run", ...args],
      ...(resumes !== undefined && { resumes }),
      reporter: json ?? human,
      signal: signals.ask,
      kill: signals.kill,
    });
    if (json !== undefined) json.value(value);
    else if (value !== undefined) print(`${valueText(value)}\n`);
    return notStored === undefined && notNoted === undefined ? 0 : 3;
  } catch (error) {
    if (!signals.ask.aborted || exitCodeOf(error) === 3) throw error;
    // Whoever asked for the end wants to know that it was the end, whatever else went wrong on the way.
    json?.error((error as Error).name, errorText(error));
    return signals.exitCode();
  } finally {
    signals.close();
    // A thread that is busy keeps what it has started; whoever wants the end now wants that ended too.
    if (signals.kill.aborted) await endDescendants();
  }
}

/** Ends all that this program has started and that has not ended. */
async function endDescendants(): Promise<void> {
  const { killAll }: typeof attachedModule = await import("../../dispatch/attached/processes.ts" as string);
  for (let round = 0; round < ROUNDS; round++) {
    const left = descendantsOf(process.pid);
    if (left.length === 0) return;
    killAll(left);
  }
}

/** What can be said of the command, and of a pipeline if one is named. */
async function tellHelp(path: string | undefined, entry: Entry): Promise<number> {
  const { RUN_HELP }: typeof helpModule = await import("../help.ts" as string);
  const { describePipeline }: typeof listingModule = await import("../listing.ts" as string);
  const offers = path === undefined ? "" : `\n${await describePipeline(await loadPipeline(path, entry))}`;
  print(`${RUN_HELP}${offers}`);
  return 0;
}

function say(text: string): void {
  complain(`${text}\n`);
}

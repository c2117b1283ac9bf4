/** The process that watches: loads the pipeline once, runs its targets again and again, and ends when the pipeline changes. */
import fs from "node:fs";
import process from "node:process";
import { resolve } from "node:path";
import { didOnlyEnd, listenWhileWatching } from "./watch_signals.ts";
import { HumanReporter } from "../report/human.ts";
import { styleFor } from "../report/style.ts";
import { JsonReporter } from "../report/json.ts";
import type { RunOptions } from "../engine/options.ts";
import type { Duration } from "../model/duration.ts";
import type { NodeFailure } from "../model/failure.ts";
import type { Future } from "../model/future.ts";
import { allRegistered } from "../model/registry.ts";
import type { Iteration, WatchEvent } from "../watch/loop.ts";
import { debounceOf } from "../watch/watch.ts";
import { type Entry, openLoop } from "../wire.ts";
import { typed } from "../wire/typed.ts";
import { type Arguments, readArguments, usage } from "./arguments.ts";
import { errorText, printError } from "./errors.ts";
import { missingModules } from "./load_problem.ts";
import { loadPipeline } from "./pipeline.ts";
import { commandLine, rerunCommand } from "./rerun.ts";
import { duration, laidOver, RUN_OPTIONS, runOptions, takeForced } from "./run_options.ts";
import { debounceSetting, settingsOf } from "./settings.ts";
import { forcedNames, wanted } from "./targets.ts";
import { stderrTerminal } from "./terminal.ts";
import { valueText } from "./value_text.ts";
import { RELOAD } from "./watch_exit.ts";
import { type Keys, listenToKeys } from "./watch_keys.ts";
import { complain } from "../runtime/program.ts";
import { print } from "./output.ts";

/** What was loaded, or why nothing was. */
interface Loaded {
  readonly target: () => Future<unknown>;
  readonly options: RunOptions;
  readonly debounce: Duration | undefined;
  readonly modules: readonly string[];
}

/** Watches until somebody ends it or the pipeline changes; gives the exit code. */
export async function watchChild(
  args: readonly string[],
  entry: Entry,
  parent: number,
  generation: number,
): Promise<number> {
  const loadedAt = Date.now();
  const { forced, rest } = takeForced(args);
  const parsed = readArguments(rest, RUN_OPTIONS);
  const [path, ...names] = parsed.words;
  if (path === undefined) throw usage("Name a pipeline: runner run <pipeline.ts> [target …] --watch");
  if (parsed.flags.has("dry")) throw usage("--dry and --watch contradict each other: --dry runs nothing");
  const { debounce } = parsed.values;
  const told = debounce === undefined ? undefined : duration("debounce", debounce);
  // What is wrong with the command line alone no edit can mend.
  runOptions(parsed, [], {});
  if (generation === 0 && !/^[a-z]+:/.test(path) && !fs.existsSync(path)) await loadPipeline(path, entry);
  const screen = new Screen(parsed, rerunOf(parsed, args, typed(entry.cli)));
  const loaded = await load(path, names, parsed, generation === 0 ? forced : [], generation === 0, entry);
  const loop = await openLoop(entry, loaded.modules, loaded.target, {
    ...loaded.options,
    command: commandLine(args),
    reporter: screen.reporter,
  }, {
    debounce: debounceOf(told ?? loaded.debounce),
    onModules: "end",
    loadedAt,
    code: /^[a-z]+:/.test(path) ? [] : [resolve(path)],
    tell: (event) => screen.tell(event),
  });
  let code = 0;
  screen.keys = listenToKeys({
    run: (force) => loop.again(force),
    quit: () => loop.end(),
    interrupt: () => process.emit("SIGINT"),
  });
  const signals = listenWhileWatching(parent, (hard, given) => {
    code = given;
    if (screen.busy && !hard) screen.note(didOnlyEnd);
    loop.end(hard);
  });
  try {
    const end = await loop.go((iteration) => screen.show(iteration));
    return end === "reload" ? RELOAD : code;
  } finally {
    screen.keys.close();
    signals.close();
  }
}

/** Loads the pipeline; what is wrong with it is said by the first run, which then watches until it is mended. */
async function load(
  path: string,
  names: readonly string[],
  parsed: Arguments,
  forced: readonly string[],
  first: boolean,
  entry: Entry,
): Promise<Loaded> {
  try {
    const pipeline = await loadPipeline(path, entry);
    // A setting of the watch is none of a run.
    const settings = settingsOf(pipeline);
    const { future } = await wanted(pipeline, names, parsed, "run");
    const told = runOptions(parsed, forcedNames(pipeline, forced), settings);
    const { force, ...options } = laidOver(settings, told);
    return {
      target: () => future,
      options: { ...options, ...(first && force !== undefined && { force }) },
      debounce: debounceSetting(pipeline),
      modules: [pipeline.url],
    };
  } catch (error) {
    const target = (): never => {
      throw error;
    };
    // What it imports and is not there may come back.
    const modules = missingModules(errorText(error));
    return { target, options: { cache: "none" }, debounce: undefined, modules };
  }
}

function rerunOf(parsed: Arguments, args: readonly string[], program: () => string) {
  const asked = { args: args.filter((arg) => arg !== "--watch"), parsed, program };
  return (failure: NodeFailure) => {
    // Nothing else is loaded in this process.
    const tasks = allRegistered().map(({ name }) => name);
    return rerunCommand({ ...asked, tasks }, failure);
  };
}

/** What is shown, for people or for programs. */
class Screen {
  readonly reporter: HumanReporter | JsonReporter;
  keys: Keys | undefined;
  /** Whether a run is under way. */
  busy = true;
  private readonly json: JsonReporter | undefined;
  private readonly quiet: boolean;

  constructor({ flags }: Arguments, rerun: ReturnType<typeof rerunOf>) {
    this.quiet = flags.has("quiet");
    this.json = flags.has("json") ? new JsonReporter(print) : undefined;
    this.reporter = this.json ??
      new HumanReporter(stderrTerminal(), { quiet: this.quiet, fullLog: flags.has("full-log"), rerun });
  }

  /** Something for people, whatever the form. */
  note(text: string): void {
    complain(`${text}\n`);
  }

  /** What a run came to. */
  show({ value, error }: Iteration<unknown>): void {
    if (error !== undefined) {
      if (this.json === undefined) printError(error);
      else this.json.error(error.name, errorText(error));
    } else if (this.json !== undefined) this.json.value(value);
    else if (value !== undefined) print(`${valueText(value)}\n`);
  }

  /** What happens between runs. */
  tell(event: WatchEvent): void {
    this.busy = event.kind !== "watch-waiting";
    if (this.busy) this.keys?.off();
    else this.keys?.on();
    if (this.json !== undefined) {
      print(`${JSON.stringify({ v: 1, ...event })}\n`);
      return;
    }
    if (event.kind === "watch-warning") return this.note(`warning: ${event.message}`);
    if (this.quiet) return;
    const { dim } = styleFor(process.stderr.isTTY === true, process.env);
    if (event.kind === "watch-waiting") {
      const keys = this.keys?.active ? " · enter runs, r runs all again, q quits" : "";
      this.note(dim(`watching ${event.files} file${event.files === 1 ? "" : "s"}${keys}`));
      return;
    }
    const [one, ...more] = event.paths;
    this.note(
      `${one} changed${more.length > 0 ? `, and ${more.length} more` : ""}${
        event.kind === "watch-reload" ? ": loading the pipeline again" : ""
      }`,
    );
  }
}

/** A working folder with a cache, runs in it, and what they told: who ran, in which order, why, and how all ended. */
import fs from "node:fs";
import {
  type Cause,
  type Definition,
  run,
  type RunOptions,
  type RunResult,
  type RunStats,
  TASK,
} from "../../mod.ts";
import { type Preview, preview } from "../../src/engine/preview.ts";
import { causeText } from "../../src/model/cause.ts";
import { type Entry, machine, openPorts } from "../../src/wire.ts";
import { nothingLeft } from "../support/leaks.ts";
import { Recorder } from "../support/recorder.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

/** The value type of what `run` makes of a target. */
type ValueOf<Target> = Awaited<ReturnType<typeof run<Target>>>["value"];

/** What a run told. */
export interface Told {
  /** The calls whose tasks ran, in the order they began. */
  readonly ran: readonly string[];
  /** By call: its last state. */
  readonly states: Readonly<Record<string, string>>;
  /** By call: why it ran. */
  readonly causes: Readonly<Record<string, readonly Cause[]>>;
  readonly warnings: readonly string[];
  readonly stats: RunStats;
  /** Everything, as a line for each change of a state: `call to`. */
  readonly story: readonly string[];
}

/** Where the entry points are. */
export const ENTRY: Entry = {
  worker: new URL("../../workers/task_worker.ts", import.meta.url).href,
  cli: new URL("../../cli.ts", import.meta.url).href,
  library: new URL("../../mod.ts", import.meta.url).href,
};

/** Listens to a run; what can only be read while it goes on is read then. */
class Listening extends Recorder {
  readonly story: string[] = [];
  readonly causes: Record<string, readonly Cause[]> = {};
  override handle(event: Parameters<Recorder["handle"]>[0]): void {
    if (event.kind === "transition") {
      this.story.push(`${event.call} ${event.to}`);
      if (event.to === "running") this.causes[event.call] ??= event.causes ?? [];
    }
    super.handle(event);
  }
  told(): Told {
    const ended = this.events.at(-1);
    if (ended?.kind !== "run-ended") throw new Error("the run did not tell its end");
    const { story, causes, warnings } = this;
    const states = Object.fromEntries(story.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), line.slice(at + 1)];
    }));
    // Who waits for calls goes on later, and is running then once more.
    const ran = [
      ...new Set(story.filter((line) => line.endsWith(" running")).map((line) => line.slice(0, -8))),
    ];
    return { ran, states, causes, warnings, stats: ended.stats, story };
  }
}

/** A folder that is the working folder as long as it is there. */
export class Place implements Disposable {
  private readonly temp: TempFolder = tempFolder();
  private readonly home = Deno.cwd();
  readonly folder: string = `${this.temp.path}/work`;
  readonly cache: string = `${this.temp.path}/cache`;
  readonly state: string = `${this.temp.path}/state`;
  /** What the run under way tells. */
  recorder: Listening = new Listening();
  constructor() {
    fs.mkdirSync(this.folder);
    Deno.chdir(this.folder);
  }
  /** Options of a run here. */
  options(more: RunOptions = {}): RunOptions {
    this.recorder = new Listening();
    return { cache: this.cache, state: this.state, workers: 2, reporter: this.recorder, ...more };
  }
  /** Runs a target; nothing may be left behind. */
  async run<const Target>(
    target: Target,
    options: RunOptions = {},
  ): Promise<RunResult<ValueOf<Target>> & Told> {
    const given = this.options(options);
    const { recorder } = this;
    const result = await run(target, given);
    await nothingLeft(this.cache);
    return { ...result, ...recorder.told() } as RunResult<ValueOf<Target>> & Told;
  }
  /** Runs a target that fails while it runs. */
  async fails(target: unknown, options: RunOptions = {}): Promise<Told & { readonly error: Error }> {
    const given = this.options(options);
    const { recorder } = this;
    const error = await run(target, given).then(
      () => new Error("it did not fail"),
      (error: Error) => error,
    );
    await nothingLeft(this.cache);
    return { ...recorder.told(), error };
  }
  /** The text of the error of a run that does not begin. */
  async refused(target: unknown, options: RunOptions = {}): Promise<string> {
    const error = await run(target, this.options(options)).then(
      () => new Error("it was not refused"),
      (error: Error) => error,
    );
    return `${error.name}: ${error.message}`.replaceAll(
      /(file:\/\/)?\/?[^ "]*\/(tests\/[\w/.]+:\d+):\d+/g,
      "$2",
    );
  }
  /** What a run would do. */
  async preview(target: unknown, options: RunOptions = {}): Promise<Preview> {
    const cache = fs.existsSync(this.cache) ? { path: this.cache, readOnly: true } : "none" as const;
    const given = { cache, state: this.state, workers: 2, history: false, ...options };
    return await preview(target, await openPorts(ENTRY, [], given, undefined), machine, given);
  }
  /** Writes files; a text that is `undefined` removes one. */
  write(files: Readonly<Record<string, string | undefined>>): void {
    for (const [path, text] of Object.entries(files)) {
      const full = `${this.folder}/${path}`;
      if (text === undefined) fs.rmSync(full, { recursive: true, force: true });
      else {
        fs.mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true });
        fs.writeFileSync(full, text);
      }
    }
  }
  /** Reads a file; `undefined` when it is not there. */
  read(path: string): string | undefined {
    const full = `${this.folder}/${path}`;
    return fs.existsSync(full) ? fs.readFileSync(full, "utf8") : undefined;
  }
  [Symbol.dispose](): void {
    Deno.chdir(this.home);
    this.temp[Symbol.dispose]();
  }
}

/** Registers a test in a folder of its own. */
export function test(what: string, body: (place: Place) => Promise<void>): void {
  Deno.test(what, async () => {
    using place = new Place();
    await body(place);
  });
}

/** Causes by call, as people read them. */
export function texts(causes: Told["causes"]): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(causes).map(([call, list]) => [call, list.map(causeText)]));
}

/** Where a task of a fixture is defined, as messages have it here: an edit of the fixture moves it. */
export function placeOf(task: { readonly [TASK]: Definition }): string {
  const [frame] = task[TASK].frames;
  return `${frame!.module.replace(/^.*\/(tests\/)/, "$1")}:${frame!.line}`;
}

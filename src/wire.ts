/** The one place where ports meet their adapters. */
import type * as promptModule from "./report/prompt.ts";
import type * as launchersModule from "./dispatch/launchers.ts";
import type * as filesModule from "./store/files/files.ts";
import type * as globsModule from "./store/files/globs.ts";
import type * as chokidarModule from "./watch/chokidar_watcher.ts";
import type * as openModule from "./watch/open.ts";
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { join, resolve } from "node:path";
import { unseenInputs } from "./dispatch/docker/unseen.ts";
import { taskSource } from "./engine/code.ts";
import type { RunOptions } from "./engine/options.ts";
import type { Work } from "./engine/work.ts";
import { FilesNeeded } from "./engine/files_needed.ts";
import type { RunPorts } from "./engine/ports.ts";
import type { History } from "./history/history.ts";
import type { Files } from "./model/file_ports.ts";
import { type Machine, type Run, runIn } from "./engine/run.ts";
import type { Clock } from "./execute/member.ts";
import { digestBy } from "./model/digest.ts";
import { RunCancelled } from "./model/failure.ts";
import type { Resolved } from "./model/future.ts";
import { allRegistered } from "./model/registry.ts";
import { after } from "./runtime/after.ts";
import { hostCapacity } from "./runtime/capacity.ts";
import { digestAtOnce } from "./runtime/digest.ts";
import { processors, selfCommand } from "./runtime/runtime.ts";
import { makeExecutor } from "./wire/executors.ts";
import { NO_NOTES, openNotes } from "./wire/run_notes.ts";
import { folderKeeper, forgetOldRuns, newRunId } from "./wire/past_runs.ts";
import { LateJobs } from "./wire/jobs.ts";
import { openSharedLimits } from "./wire/shared_limits.ts";
import { typed } from "./wire/typed.ts";
import type { Cache } from "./store/cache.ts";
import { CodeReader } from "./store/code_reader.ts";
import { DiskCache } from "./store/disk_cache.ts";
import { jobsFolder, leasesFolder, memoryFolder } from "./store/layout.ts";
import { MemoryCache, noCache } from "./store/memory_cache.ts";
import { openStorage } from "./store/storage.ts";
import type { Held } from "./watch/held.ts";
import type { Loop, LoopParts } from "./watch/loop.ts";
import type { WatchOptions } from "./watch/watch.ts";

/** Where the program's entry points are: known only to the files that are entry points themselves. */
export interface Entry {
  /** The URL of the module that Web Workers run. */
  readonly worker: string;
  /** The URL of the command line's module. */
  readonly cli: string;
  /** The URL of the library's module. */
  readonly library: string;
}

/** The cache's folder, if nothing else is said. */
export const DEFAULT_CACHE = ".runner/cache";

digestBy(digestAtOnce);

const memory = new MemoryCache();

/** The real clock. */
export const clock: Clock = { after };

/** The machine that this program is on. */
export const machine: Machine = {
  processors,
  capacity: hostCapacity,
  unseen: (rule, inputs) => unseenInputs(rule, inputs, process.cwd()),
};

/** Opens the cache that was asked for. */
export function openCache(choice: RunOptions["cache"]): Cache {
  if (choice === "memory") return memory;
  if (choice === "none") return noCache;
  if (typeof choice === "object") return new DiskCache(choice.path, choice.readOnly ?? false);
  return new DiskCache(choice ?? DEFAULT_CACHE);
}

/** The sources of local modules, for whoever asks for the fields of tasks. */
export function openSources(): Promise<CodeReader> {
  return CodeReader.analysing();
}

/** The sources of local modules, for a run with this cache: what its tasks' digests were is remembered there. */
function runSources(choice: RunOptions["cache"], cache: Cache): Promise<CodeReader> {
  const tasks = allRegistered();
  const asked = (task: number) => cache.reads && tasks[task]!.cache && tasks[task]!.version === undefined;
  const path = typeof choice === "object" ? choice.path : choice ?? DEFAULT_CACHE;
  const place = choice === "memory" || choice === "none"
    ? undefined
    : { folder: memoryFolder(resolve(path)), writable: cache.writable !== undefined, now: Date.now() };
  return CodeReader.open(tasks.map(taskSource), asked, place);
}

/** `run` for a program with these entry points; `modules` are loaded by workers that do not find a task in its own module. */
export function wireRun(entry: Entry, modules: readonly string[] = []): Run {
  return runIn((options, work) => openPorts(entry, modules, options, work), machine);
}

/** The outside world of a run; one without work only looks. */
export async function openPorts(
  entry: Entry,
  modules: readonly string[],
  options: RunOptions,
  work: Work | undefined,
  held?: Held,
): Promise<RunPorts> {
  const cache = held === undefined ? openCache(options.cache) : held.cache(openCache(options.cache));
  const sources = await runSources(options.cache, cache);
  // Nobody listens to the signals before the engine is there.
  if (options.signal?.aborted || options.kill?.aborted) {
    throw new RunCancelled("The run was cancelled before it began");
  }
  const state = resolve(options.state ?? ".runner");
  const run = newRunId();
  const logs = `${state}/runs/${run}`;
  const spill = join(os.tmpdir(), `runner-${run}`);
  const cwd = process.cwd();
  const reader = openStorage({ cache: cache.writable, spill, host: 0, run, cwd });
  const files = held?.files ?? lateFiles(cache, options, cwd);
  const history = await openRunHistory(options, state);
  const folder = cache.writable === undefined ? `${state}/jobs` : jobsFolder(cache.writable);
  const leases = cache.writable === undefined ? undefined : leasesFolder(cache.writable);
  const program = typed(entry.cli);
  const jobs = new LateJobs({ folder, run, cwd, self: selfCommand(entry.cli), program, clock });
  const notes = work === undefined || cache.writable === undefined
    ? NO_NOTES
    : openNotes({ state, run, cwd, jobs: folder, leases, clock, work }, options);
  if (work !== undefined) forgetOldRuns(state, run);
  return {
    cache,
    makeExecutor: makeExecutor({ entry, logs, held, jobs }),
    checkRule: async (rule) => {
      const { checkRule }: typeof launchersModule = await import("./dispatch/launchers.ts" as string);
      return await checkRule(rule, { cwd });
    },
    shared: work === undefined ? undefined : await openSharedLimits(options, {
      folder: leases,
      jobs: folder,
      run,
      cwd,
      clock,
      own: jobs,
      program,
    }),
    onCancel: notes.onCancel,
    clock,
    now: Date.now,
    random: Math.random,
    env: process.env,
    sources,
    cwd,
    ...files,
    durations: () => history?.durations() ?? { task: new Map(), call: new Map() },
    history,
    ask: askPerson,
    run,
    logs,
    spill,
    keepFolder: folderKeeper({ cache: cache.writable, spill, logs, run }),
    library: entry.library,
    modules,
    readFile: (result) =>
      result.bytes ??
        (result.file?.startsWith(`${spill}/`)
          ? reader.read(result.file, result.digest)
          : cache.readValue(result)),
    turn: () => new Promise((done) => setImmediate(done)),
    remade: notes.remade,
    making: notes.making,
    notNoted: notes.notNoted,
    cleanUp: (ended) => {
      const warnings = notes.close(ended);
      jobs.close(ended === "failed");
      removeIfAllowed(spill);
      sources.remember();
      return warnings;
    },
  };
}

/** The files that tasks declare, loaded when they are needed. */
function lateFiles(
  cache: Cache,
  options: RunOptions,
  cwd: string,
): Pick<RunPorts, "files" | "loadFiles" | "closeFiles"> {
  let loaded: Files | undefined;
  return {
    files: (globs = false) => {
      if (loaded === undefined || globs && !globsReady) throw new FilesNeeded("files are not loaded");
      return loaded;
    },
    loadFiles: async () => {
      const [{ openFiles }, { prepareGlobs }] = await Promise.all([
        import("./store/files/files.ts"),
        import("./store/files/globs.ts"),
      ]);
      if (loaded === undefined) {
        loaded = openFiles({
          cache: cacheFolderOf(options.cache),
          writable: cache.writable !== undefined,
          cwd,
        });
      } else {
        await prepareGlobs();
        globsReady = true;
      }
    },
    closeFiles: () => {
      loaded?.close();
      return loaded?.warnings() ?? [];
    },
  };
}

let globsReady = false;

/** The folder of a cache on disk. */
function cacheFolderOf(choice: RunOptions["cache"]): string | undefined {
  if (choice === "memory" || choice === "none") return undefined;
  return resolve(typeof choice === "object" ? choice.path : choice ?? DEFAULT_CACHE);
}

/** Opens the watch of a program with these entry points. */
export function openWatching<const Target>(
  entry: Entry,
  target: Target | (() => Target | Promise<Target>),
  options: WatchOptions,
  debounce: number,
): Promise<Loop<Resolved<Target>>> {
  return openLoop(entry, [], target, options, { debounce, onModules: "run", tell: () => {} });
}

/** What sets one watch apart from another, besides its options. */
export interface WatchManner
  extends Pick<LoopParts<unknown>, "debounce" | "onModules" | "tell" | "loadedAt"> {
  /** What else is the pipeline's code. */
  readonly code?: readonly string[];
}

/** Opens a watch. */
export async function openLoop<const Target>(
  entry: Entry,
  modules: readonly string[],
  target: Target | (() => Target | Promise<Target>),
  { watcher, debounce: _, ...options }: WatchOptions,
  manner: WatchManner,
): Promise<Loop<Resolved<Target>>> {
  const { openFiles }: typeof filesModule = await import("./store/files/files.ts" as string);
  const { prepareGlobs }: typeof globsModule = await import("./store/files/globs.ts" as string);
  const { openWatch }: typeof openModule = await import("./watch/open.ts" as string);
  const { chokidarWatcher }: typeof chokidarModule = await import("./watch/chokidar_watcher.ts" as string);
  await prepareGlobs();
  const cwd = process.cwd();
  const folder = cacheFolderOf(options.cache);
  const writable = typeof options.cache !== "object" || options.cache.readOnly !== true;
  return openWatch<Resolved<Target>>({
    ...manner,
    cwd,
    files: openFiles({ cache: folder, writable, cwd }),
    clock,
    makeWatcher: typeof watcher === "function" ? watcher : chokidarWatcher(watcher === "poll"),
    ignored: [resolve(options.state ?? ".runner"), ...(folder === undefined ? [] : [folder])],
    code: [...modules, ...manner.code ?? []],
    options,
    run: async (held, manner, told) => {
      const open = (given: RunOptions, work: Work) => openPorts(entry, modules, given, work, held);
      const wanted = typeof target === "function" ? await (target as () => Target)() : target;
      return await runIn(open, machine, { rerunOutdated: true, ...manner })(wanted, told);
    },
  });
}

/** The history that a run is noted in: beside its logs, where results are kept on disk, unless told otherwise. */
async function openRunHistory(options: RunOptions, state: string): Promise<History | undefined> {
  const onDisk = options.cache !== "memory" && options.cache !== "none" &&
    !(typeof options.cache === "object" && options.cache.readOnly === true);
  const { history = onDisk } = options;
  if (history === false) return undefined;
  const [{ openHistory }, { historyFile }] = await Promise.all([
    import("./history/sqlite_history.ts"),
    import("./history/database.ts"),
  ]);
  return openHistory(typeof history === "string" ? resolve(history) : historyFile(state));
}

/** Asks whoever sits at the terminal. */
const askPerson: RunPorts["ask"] = async (question, tell) => {
  const { askAtTerminal }: typeof promptModule = await import("./report/prompt.ts" as string);
  return await askAtTerminal(question, tell);
};

/** Removes a folder for what did not fit elsewhere. Where it may not be removed it was not made either. */
function removeIfAllowed(folder: string): void {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch { /* The run is over, and whatever else is wrong was told. */ }
}

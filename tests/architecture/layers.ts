/** The layers of the project as data: which room stands where, which files are ports and adapters, and what is excepted and why. */

/** The rooms, and the rank of the layer that each stands in. A file imports from lower ranks or from its own room. */
export const RANKS: Readonly<Record<string, number>> = {
  model: 0,
  plan: 1,
  schedule: 2,
  store: 3,
  execute: 3,
  dispatch: 3,
  queue: 3,
  report: 3,
  history: 3,
  engine: 4,
  watch: 4.5,
  serve: 5,
  wire: 4.8,
  "wire.ts": 5,
  "later.ts": 5.5,
  cli: 6,
};

/** What stands beside `model`, knows nothing above it, and is for `BESIDE_FROM` and up. */
export const BESIDE: readonly string[] = ["runtime", "std.ts"];
/** The lowest rank that may use what stands beside `model`. */
export const BESIDE_FROM = 3;

/** What a file at the top, or in `workers/`, may import, by rooms. */
export const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  "mod.ts": ["model", "schedule", "dispatch", "engine", "watch", "wire.ts", "later.ts"],
  "cli.ts": ["cli", "runtime"],
  workers: ["mod.ts", "model", "runtime", "store", "execute"],
};
/** The rooms that may import an entry point, always by `import()`: a pipeline's `runner` is `mod.ts` itself. */
export const ENTRY_USERS: Readonly<Record<string, readonly string[]>> = { "mod.ts": ["cli"] };

/** The rooms without I/O, clock, chance or promise. */
export const PURE_ROOMS: readonly string[] = ["model", "plan", "schedule"];

/** What a pure file does not say, by what it would be. */
export const IMPURE: Readonly<Record<string, RegExp>> = {
  "a runtime's namespace": /\b(?:Deno|Bun)\b/,
  "the process": /\bprocess\./,
  "a timer": /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
  "the clock": /\bDate\.now\b|\bperformance\.now\b|\bnew Date\(/,
  "chance": /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/,
  "the network": /\bfetch\(/,
  "a worker": /\bnew (?:Shared)?Worker\(/,
  "a promise": /\bawait\b|\basync\b|\bPromise\b/,
  "the console": /\bconsole\./,
};
/** What a pure file does not import. */
export const IMPURE_MODULES =
  /^node:(?:fs|os|child_process|process|worker_threads|net|http|https|dns|timers|cluster|sqlite)(?:\/|$)/;

/** An exception from purity, and why it is one. */
export interface PureException {
  readonly path: string;
  readonly what: string;
  /** The code that is excepted; everything else in the file is held to the rule. */
  readonly code: RegExp;
  readonly reason: string;
}

/** The exceptions from purity. */
export const PURE_EXCEPTIONS: readonly PureException[] = [
  {
    path: "src/model/call.ts",
    what: "a promise",
    code:
      /\bclear: \(\(.*\) => Promise<number>\)|async clear\(.*\): Promise<number>|return await clearing\.clear!/g,
    reason: "`call.clear()` is for users, who await it; the work is the wiring's",
  },
  {
    path: "src/model/task.ts",
    what: "a promise",
    code: /clearAll\(.*\): Promise<number>|clearAll: async \(.*\) => await clearing\.clear!/g,
    reason: "`task.clearAll()` is for users, who await it; the work is the wiring's",
  },
  {
    path: "src/model/definition.ts",
    what: "a promise",
    code: /\): Promise<[^;]*>;|^ *\): Promise<|\| Promise<StandardResult<Output>>/gm,
    reason: "types of what tasks are given and of foreign schemas: tasks await, the model does not",
  },
  {
    path: "src/model/digest.ts",
    what: "the process",
    code: /globalThis\.process\.getBuiltinModule\(/g,
    reason: "an import that is made when it is needed; what it gives is a pure function",
  },
  {
    path: "src/model/storage.ts",
    what: "a promise",
    code: /preparePatterns\(\): Promise<void>/g,
    reason: "the type of what hosts await",
  },
  {
    path: "src/model/job.ts",
    what: "a promise",
    code: /close\(\): Promise<readonly string\[\]>|standing\(.*\): Promise<readonly JobStanding\[\]>/g,
    reason: "the types of what executors await, and whoever asks about the jobs of others",
  },
  {
    path: "src/model/codec/refuse.ts",
    what: "a promise",
    code: /\bPromise: ""/g,
    reason: "a table of the classes whose values cannot be stored, promises among them",
  },
  {
    path: "src/model/codec/",
    what: "the clock",
    code: /\bnew Date\((?!\))/g,
    reason: "a Date is made from the number that was stored, never from the clock",
  },
];

/** Ports: only types, so that whoever uses one does not load an adapter. */
export const PORTS: readonly string[] = [
  "src/store/cache.ts",
  "src/execute/executor.ts",
  "src/execute/member.ts",
  "src/engine/ports.ts",
  "src/watch/watcher.ts",
  "src/model/storage.ts",
  "src/model/file_ports.ts",
  "src/model/job.ts",
  "src/history/history.ts",
];

/** Adapters: what stands behind a port. A path that ends in `/` is all of a folder. */
export const ADAPTERS: readonly string[] = [
  "src/store/disk_cache.ts",
  "src/store/memory_cache.ts",
  "src/store/code_reader.ts",
  "src/store/storage.ts",
  "src/store/files/files.ts",
  "src/store/files/host_files.ts",
  "src/execute/late.ts",
  "src/execute/jobs/job_executor.ts",
  "src/execute/pool.ts",
  "src/execute/members/",
  "src/execute/sandbox/executor.ts",
  "src/report/human.ts",
  "src/report/json.ts",
  "src/watch/chokidar_watcher.ts",
  "src/history/sqlite_history.ts",
  "src/history/reader.ts",
];
/** Files in an adapter's folder that are no adapters. */
export const NOT_ADAPTERS: readonly string[] = [
  "src/execute/members/drained.ts",
  "src/execute/members/frames.ts",
];
/** The port interfaces: a class that implements one is an adapter and stands in the list above. */
export const PORT_NAMES =
  /\bimplements [^{]*\b(?:Cache|Executor|Queue|Reporter|Clock|SourceReader|ResultStorage|Files|HostFiles|History)\b/;

/** Who may import an adapter, besides `src/wire.ts`, `src/wire/`, `workers/` and tests. */
export const ADAPTER_USERS: readonly {
  readonly from: RegExp;
  readonly to: RegExp;
  readonly reason: string;
}[] = [
  {
    from: /^src\/cli\/(?:host|commands\/exec)\.ts$/,
    to: /^src\/store\/storage\.ts$/,
    reason: "the entries of a child process and of a job: what `workers/task_worker.ts` is to a thread",
  },
  {
    from: /^workers\/held_host\.ts$/,
    to: /^src\/store\/files\/host_files\.ts$/,
    reason: "the entry of a sandboxed process, which looks at files and may not store anything",
  },
  {
    from: /^src\/execute\/sandbox\/(?:executor|sitting)\.ts$/,
    to: /^src\/execute\/(?:pool|members\/child_process)\.ts$/,
    reason: "a pool whose members start a child process for each attempt: one executor made of others",
  },
  {
    from: /^src\/cli\//,
    to: /^src\/report\/(?:human|json)\.ts$/,
    reason: "the command line chooses how a run is shown, and hands the reporter to `run()`",
  },
  {
    from: /^src\/store\/storage\.ts$/,
    to: /^src\/store\/files\/host_files\.ts$/,
    reason: "one thing to open in a host: what it stores, and the files that are stored with it",
  },
  {
    from: /^src\/later\.ts$/,
    to: /./,
    reason: "it loads nothing; it names what `src/wire.ts` and the adapters load later",
  },
  {
    from: /^src\/cli\/commands\/history\.ts$/,
    to: /^src\/history\/reader\.ts$/,
    reason: "the command asks what runs have noted; no run has a part in it",
  },
];

/** Files that only hand on what others export, and why each does. */
export const BARRELS: Readonly<Record<string, string>> = {
  "src/std.ts": "the one place that names what is used of Deno's standard library (DESIGN.md, 8)",
};

/** The files that name all that is loaded by `import("…" as string)`. */
export const LATE_LISTS: readonly string[] = ["src/later.ts", "src/cli/later.ts"];

/** What has to start quickly: the command line, a job, a worker, a program that imports the library. */
export const QUICK: readonly string[] = [
  "cli.ts",
  "mod.ts",
  "src/cli/commands/exec.ts",
  "workers/held_host.ts",
  "workers/task_worker.ts",
];
/** Modules that take long to load (src/runtime/builtin.ts); what is not among them takes less than 3 ms. */
export const SLOW_MODULES = /^(?:npm:|node:(?!async_hooks$|util\/types$))/;

/** The one file that changes the state of a node. */
export const STATE_SETTER = "src/schedule/set.ts";

/** Lines a file may have. */
export const MOST_LINES = 320;

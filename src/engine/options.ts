/** What a run can be told, and what it gives back. */
import type { RunEvent, RunStats, Transition } from "../model/event.ts";
import type { Duration } from "../model/duration.ts";
import type { NodeState } from "../model/state.ts";
import type { DispatchRule } from "../dispatch/rules.ts";
import type { ResourcesOption } from "../model/resources.ts";
import type { Override } from "./manner.ts";
import type { FailurePolicy, StartOrder } from "../schedule/state.ts";

/** Where results are kept: a folder, the memory of this process, or nowhere. */
export type CacheChoice = string | "memory" | "none" | {
  /** The folder. */
  readonly path: string;
  /** Use its entries, but store none; default `false`. */
  readonly readOnly?: boolean;
};

/** Listens to a run. What it throws is reported once and hurts nothing. */
export interface Reporter {
  /** Takes an event. */
  handle(event: RunEvent): void;
  /**
   * Whether it is to be told when nodes go from one state to another; asked for each such pair before a run begins. Without
   * this it is told of all transitions: several for each call of a run, also of one with nothing to do.
   */
  wants?(from: NodeState, to: NodeState): boolean;
}

/** How a run is to go. */
export interface RunOptions {
  /** Where results are kept; default the folder `.runner/cache`. */
  readonly cache?: CacheChoice;
  /** How many threads; default as many as processors. */
  readonly workers?: number;
  /** How many tasks may run at once; default as many as workers. */
  readonly parallel?: number;
  /** How many tasks with a label may run at once, in this run. */
  readonly limits?: Readonly<Record<string, number>>;
  /**
   * The same over all runs that use the cache, in whatever process. What a dead process held is free again within 10 s, what it held
   * for a job when that is over.
   */
  readonly sharedLimits?: Readonly<Record<string, number>>;
  /** Commands that start tasks with a label elsewhere: `{ gpu: "srun --gres=gpu:{gpu}" }`; of several labels the leftmost counts. */
  readonly prefixes?: Readonly<Record<string, string | readonly string[]>>;
  /** The same through backends that know their engine: `{ gpu: slurm({ partition: "gpu" }) }`; `prefixes` come before it. */
  readonly dispatch?: Readonly<Record<string, DispatchRule>>;
  /** How many tasks with a label run at once on threads or processes of their own, besides `parallel`. */
  readonly pools?: Readonly<Record<string, number>>;
  /** How much there is of what tasks ask for with `resources`; default what this machine and its control group have. */
  readonly capacity?: ResourcesOption;
  /** Options of single calls: by a name, a glob, `tag:` and a label; `...x` is x with its dependencies. Later ones win. */
  readonly overrides?: Readonly<Record<string, Override>>;
  /** After a failure: start nothing new (`"stop"`, the default), go on with what does not depend on it, or end what runs. */
  readonly onFailure?: FailurePolicy;
  /** So many tasks may fail before nothing new starts; this goes with `onFailure: "keep-going"`, and means it where nothing is said. */
  readonly maxFailures?: number;
  /**
   * The folders (`ctx.directory`) of attempts that fail are kept: of each task so many, the last ones; `true` is 5; default
   * `false`: they are removed.
   */
  readonly keepFailed?: boolean | number;
  /** Run again what is up to date: everything, or only these calls, by names, globs, `tag:` and a label, `x...`; default `false`. */
  readonly force?: boolean | readonly string[];
  /** What tasks find in `ctx.params`; one that reads a parameter runs again when that changes. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** What must stand between the placeholders of names; by default anything may, and `::` is usual. */
  readonly separator?: string;
  /** A dependency that nothing is called fails only the task that names it; default `false`: an error before anything runs. */
  readonly allowMissingDeps?: boolean;
  /** Files that are no inputs, of no task: paths, folders or globs. */
  readonly inputsIgnore?: string | readonly string[];
  /** What starts first: what the longest chain of dependents waits for (the default), or what was ready first. */
  readonly schedule?: StartOrder;
  /** How long the whole run may take; then it is cancelled. */
  readonly timeout?: Duration;
  /** Only these calls may run: names, globs, `tag:` and a label; `x...` is x with its dependents, `...x` with its dependencies. */
  readonly only?: string | readonly string[];
  /** These calls, and what depends on them, may not run. */
  readonly omit?: string | readonly string[];
  /** Only these calls and what they depend on may run. */
  readonly until?: string | readonly string[];
  /** Only these calls and what depends on them may run. */
  readonly from?: string | readonly string[];
  /** Where durations and outcomes of runs are recorded; default `history.db` beside the logs, or nowhere when there is no cache on disk. */
  readonly history?: boolean | string;
  /** What was asked for, as a command: for the history. */
  readonly command?: string;
  /** The words of that command behind `runner`, by which `runner resume` starts it again. */
  readonly args?: readonly string[];
  /** Those of `params` that somebody has typed: that no task has read one of them is told. */
  readonly typedParams?: readonly string[];
  /** The id of a run that was cut off, and that this one goes on with: what that has forced and done is not forced again. */
  readonly resumes?: string;
  /** Where runs keep their logs; default `.runner`. */
  readonly state?: string;
  /** Cancels the run: nothing starts any more, and running tasks are asked to stop (`ctx.signal`). */
  readonly signal?: AbortSignal;
  /** Ends the run at once: running tasks are ended, not asked. */
  readonly kill?: AbortSignal;
  /** Who is told what happens. */
  readonly reporter?: Reporter | readonly Reporter[];
  /** Told of every change of a node's state. */
  readonly onTransition?: (transition: Transition) => void;
}

/** What a run gives. */
export interface RunResult<Value> {
  /** The value of what was wanted, in the shape it was wanted in. */
  readonly value: Value;
  /** The counts. */
  readonly stats: RunStats;
  /** The id of the run. */
  readonly run: string;
  /** Why results were not stored in the cache, if that failed; the value is right all the same. */
  readonly notStored?: string;
  /** Why the run could not be noted in the folder of state, if that failed; the value is right all the same. */
  readonly notNoted?: string;
}

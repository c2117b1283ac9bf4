/**
 * runner: a pipeline is a TypeScript module. Define tasks, apply them to inputs, and run what you want: in parallel on Web
 * Workers, with every result kept in a cache that is never wrong.
 *
 * @module
 */
import type { Run } from "./src/engine/run.ts";
import type { Watch } from "./src/watch/watch.ts";
import type * as wire from "./src/wire.ts";
import { clearing } from "./src/model/call.ts";
import { debounceOf, handleOf } from "./src/watch/watch.ts";

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const entry = {
  worker: new URL(`./workers/task_worker.${extension}`, import.meta.url).href,
  cli: new URL(`./cli.${extension}`, import.meta.url).href,
  library: import.meta.url,
};

/** The engine: loaded when something is run, since workers and jobs load this module for the tasks alone. */
const wiring = async (): Promise<typeof wire> => {
  // What comes from a URL is fetched as one.
  if (/^https?:/.test(import.meta.url)) await import("./src/later.ts" as string);
  return await import("./src/wire.ts" as string);
};
clearing.clear = async (task, keys, { cache }) => (await wiring()).openCache(cache).clear(task, keys);

function lateRun(): Run {
  return async (target, options) => await (await wiring()).wireRun(entry)(target, options);
}

function lateWatch(): Watch {
  return (target, options = {}) => {
    const debounce = debounceOf(options.debounce);
    return handleOf(wiring().then(({ openWatching }) => openWatching(entry, target, options, debounce)));
  };
}

/**
 * Runs what it takes to know the value of a future, or of an array or record of futures.
 *
 * @throws {RunFailed} when tasks failed; it carries every failure.
 * @throws {DefinitionError} when the pipeline is not right; it says everything that is wrong, before anything runs.
 * @throws {EnvironmentError} when the cache or the workers do not work.
 * @throws {RunCancelled} when the run was cancelled.
 * @example
 * ```ts
 * import { run, task } from "runner";
 *
 * const add = task("add", { run: ({ a, b }: { a: number; b: number }) => a + b, isolation: "inline" });
 * const { value } = await run(add({ a: 1, b: add({ a: 2, b: 3 }) }), { cache: "none" });
 * console.assert(value === 6);
 * ```
 */
export const run: Run = lateRun();

/**
 * Runs a target again and again: whenever a file that its calls read changes, what that concerns is run. The first iteration
 * begins when the first one is asked for.
 *
 * @example
 * ```ts ignore
 * import { watch } from "runner";
 *
 * await using watching = watch(site());
 * for await (const { changed, error } of watching) console.log(changed, error ?? "is up to date");
 * ```
 */
export const watch: Watch = lateWatch();

export type { CacheChoice, Reporter, RunOptions, RunResult } from "./src/engine/options.ts";
export type { Run } from "./src/engine/run.ts";
export { FUTURE, TASK, VALUE } from "./src/model/brand.ts";
export type { Call, ClearOptions } from "./src/model/call.ts";
export type { Cause, Change } from "./src/model/cause.ts";
export type { Duration } from "./src/model/duration.ts";
export type {
  AttemptEnded,
  CallsNotRun,
  Estimate,
  NodeFailed,
  NodeRestarted,
  NodesAdded,
  NodeSkipped,
  OutputsRestored,
  PromptBegan,
  PromptEnded,
  RunEnded,
  RunEvent,
  RunStarted,
  RunStats,
  StopAsked,
  Transition,
  Warning,
} from "./src/model/event.ts";
export { docker, podman } from "./src/dispatch/docker/rule.ts";
export type { ContainerOptions, DockerRule } from "./src/dispatch/docker/rule.ts";
export { generic } from "./src/dispatch/generic/rule.ts";
export type { GenericOptions, GenericRule, GenericState } from "./src/dispatch/generic/rule.ts";
export { lsf } from "./src/dispatch/lsf/rule.ts";
export type { LsfOptions, LsfRule } from "./src/dispatch/lsf/rule.ts";
export { prefix } from "./src/dispatch/prefix/rule.ts";
export type { AttachedOptions, Pack, PrefixOptions, PrefixRule } from "./src/dispatch/prefix/rule.ts";
export type { Backend, DispatchRule } from "./src/dispatch/rules.ts";
export { slurm } from "./src/dispatch/slurm/rule.ts";
export type { QueueOptions, SlurmOptions, SlurmRule } from "./src/dispatch/slurm/rule.ts";
export { ssh } from "./src/dispatch/ssh/rule.ts";
export type { SshOptions, SshRule } from "./src/dispatch/ssh/rule.ts";
export type { Override } from "./src/engine/manner.ts";
export { DefinitionError, EnvironmentError, RunCancelled, RunFailed } from "./src/model/failure.ts";
export type { Issue, NodeFailure } from "./src/model/failure.ts";
export type {
  FileRules,
  InputFile,
  InputRule,
  OutputFile,
  OutputRule,
  RegexFiles,
  Rules,
  Trigger,
} from "./src/model/files.ts";
export { all, isFuture, value } from "./src/model/future.ts";
export type { Deferred, Future, Leaf, Resolved } from "./src/model/future.ts";
export type { Branded, Key } from "./src/model/id.ts";
export type {
  DeclaredCallInput,
  DeclaredRunInput,
  FieldInput,
  FieldOption,
  FieldOutput,
  FieldsOption,
  FieldValues,
  MayBeAbsent,
  SchemaInput,
  SchemaOutput,
  TemplateCallInput,
  TemplateFields,
  TemplateRunInput,
} from "./src/model/input_type.ts";
export type { PlaceholderOf, TemplateInput } from "./src/model/name.ts";
export type { PermissionName, PermissionRule, Permissions } from "./src/model/permissions.ts";
export type { Amount, Resources, ResourcesOption } from "./src/model/resources.ts";
export { named } from "./src/model/named.ts";
export type { FailureReason, RetryPolicy, RetryRule } from "./src/model/retry.ts";
export { optional, output, regexFiles, whenScheduled, whenTargetScheduled } from "./src/model/rules.ts";
export type { FileOptions, ReverseTarget } from "./src/model/rules.ts";
export type { SourceFrame } from "./src/model/source.ts";
export type { NodeState } from "./src/model/state.ts";
export type { TimeoutKind, TimeoutPolicy, TimeoutRule } from "./src/model/timeout.ts";
export { task } from "./src/model/task.ts";
export type {
  ChoicesOption,
  Dependency,
  DependencyValue,
  DepsOf,
  Outcome,
  Task,
  TaskInput,
  TaskOptions,
  Template,
} from "./src/model/task.ts";
export { NO_FAILURES } from "./src/model/definition.ts";
export type {
  Context,
  Definition,
  FieldChoices,
  FieldRule,
  FieldType,
  Isolation,
  LogRule,
  PreviousAttempt,
  ResourceQuestion,
  ReverseDependency,
  StandardResult,
  StandardSchema,
  Wanted,
  WantedValue,
} from "./src/model/definition.ts";
export type { FailurePolicy, StartOrder } from "./src/schedule/state.ts";
export type { Iteration } from "./src/watch/loop.ts";
export type { Watch, WatchHandle, WatchOptions } from "./src/watch/watch.ts";
export type { MakeWatcher, Watcher, WatchSet } from "./src/watch/watcher.ts";

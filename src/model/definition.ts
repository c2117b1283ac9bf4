/** What a task is, once it is defined: what calls, plans and hosts know of it. */
import type { FileRules } from "./files.ts";
import type { Future, Resolved } from "./future.ts";
import type { PermissionRule } from "./permissions.ts";
import type { Resources, ResourcesOption } from "./resources.ts";
import type { FailureReason, RetryRule } from "./retry.ts";
import type { SourceFrame } from "./source.ts";
import type { TimeoutKind, TimeoutRule } from "./timeout.ts";

/** What stands for a name or a call where work is asked for. */
export type Wanted = string | Future<unknown> | readonly unknown[] | Readonly<Record<string, unknown>>;

/** What work asked for from inside a task gives: by name unknown, by future the future's type. */
export type WantedValue<Target> = Target extends string ? unknown : Resolved<Target>;

/** What a running task is given besides its input. */
export interface Context<Deps = Record<never, never>> {
  /** Aborted when the attempt is cancelled or out of time; its reason says which. */
  readonly signal: AbortSignal;
  /** The absolute path of a folder of this attempt's own: empty at first, kept with the result. Made when first read. */
  readonly directory: string;
  /** The values of the upstream calls that `deps` named, in the shape it named them in. */
  readonly deps: Deps;
  /** The values of the same calls by their names: `ctx.results["build::prod"]`. A name that is no dependency throws. */
  readonly results: Readonly<Record<string, unknown>>;
  /** What the run was told with `params` or `--param`. A parameter that is read counts: the task re-runs when it changes. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The input, as `run` has it. */
  readonly input: unknown;
  /** The paths of the input files that `inputs` named, sorted. */
  readonly inputs: readonly string[];
  /** The paths and globs that `outputs` named. */
  readonly outputs: readonly string[];
  /** One digest of all input files: equal as long as none of them has changed. Empty when there are none. */
  readonly inputFingerprint: string;
  /** Whether a dependency's result differs from what this call was last computed from; `true` the first time. */
  readonly depsChanged: boolean;
  /** The names of those dependencies. */
  readonly changedDeps: readonly string[];
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** The task's name, placeholders filled out. */
  readonly name: string;
  /** The identity of the call: 40 hex characters. */
  readonly key: string;
  /** Writes a line to the task's captured output, as `console.log` does. */
  log(...data: readonly unknown[]): void;
  /** Ends the attempt: there is nothing to do. Counts as success, with the value `undefined`, and is not stored. */
  skip(why: string): never;
  /** Ends the attempt with the result that this call had the last time: dependents see that nothing has changed. */
  unchanged(why?: string): never;
  /** Notes files that the task reads, as found out while it runs: they are inputs from now on. Gives the absolute path of the first. */
  dep(...paths: readonly string[]): string;
  /** Asks whoever sits at the terminal, one task at a time. Rejects where there is no terminal. */
  prompt(message: string): Promise<string>;
  /** The same, without showing what is typed. */
  promptSecret(message: string): Promise<string>;
  /** The names of the calls that a pattern (`"build::*"`) means; none of them is started. */
  create(pattern: string): Promise<readonly string[]>;
  /** Starts calls without waiting for them; the run ends when they have ended. */
  start(...targets: readonly Wanted[]): Promise<void>;
  /** Runs calls and gives their values; this task gives its place away while it waits. */
  run<const Target>(target: Target): Promise<WantedValue<Target>>;
  /** Waits for calls by name, starting those that were not, and gives their values by name. */
  wait(...names: readonly string[]): Promise<Readonly<Record<string, unknown>>>;
  /** Applies a task to many items: `chunk` of them are sent out together (`"auto"`: as many as seem right), each is stored by itself. */
  map<Item, Value>(
    items: Iterable<Item>,
    task: (item: Item) => Future<Value>,
    options?: { readonly chunk?: number | "auto" },
  ): Promise<Value[]>;
}

/** Where a task runs: on a Web Worker, in a child process, in one that may do only what the task declares, or on the main thread. */
export type Isolation = "worker" | "process" | "sandbox" | "inline";

/** What resources may depend on. */
export interface ResourceQuestion<Input = unknown> {
  /** The input of the call; of futures in it, their values. */
  readonly input: Input;
  /** Which try they are for, from 1. */
  readonly attempt: number;
  /** How the try before it failed; `undefined` for the first one. */
  readonly previous: PreviousAttempt | undefined;
}

/** A failed attempt, as the next one sees it. */
export interface PreviousAttempt {
  /** What kind of failure it was. */
  readonly reason: FailureReason;
  /** Which limit it had reached, when it failed as `timeout` and that was one of its task. */
  readonly timeout?: TimeoutKind | undefined;
  /** The exit code, where there was one. */
  readonly exit: number | undefined;
  /** What it had. */
  readonly resources: Resources;
}

/** A condition among dependencies: it holds when no node of the run has failed, and is judged when nothing else is left to do. */
export const NO_FAILURES: unique symbol = Symbol.for("runner.no-failures");

/** A reverse dependency: the declarer runs before the target. */
export interface ReverseDependency {
  /** `"target-scheduled"`: whenever the target is wanted, the declarer is too. `"scheduled"`: only if the declarer is wanted, and then the target is too. */
  readonly when: "target-scheduled" | "scheduled";
  /** A name, a pattern with placeholders of the declarer, or a call. */
  readonly target: string | Future<unknown>;
}

/** What is taken out of a failed task's log before its errors are looked for. */
export type LogRule = RegExp;

/** The type of a field of an input: how texts (of a command line, of a name) become its values. */
export type FieldType = "string" | "number" | "integer" | "boolean" | "bigint";

/** The values a field may have: a list, or a function of the fields before it. */
export type FieldChoices =
  | readonly unknown[]
  | ((fields: Readonly<Record<string, unknown>>) => readonly unknown[]);

/** What is declared of a field. */
export interface FieldRule {
  /** The type; `undefined` when a schema stands for it. */
  readonly type: FieldType | undefined;
  /** A schema of the Standard Schema interface. */
  readonly schema: StandardSchema | undefined;
}

/** The interface that zod, valibot, arktype and others share (standardschema.dev, version 1). */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** Everything there is to it. */
  readonly "~standard": {
    /** 1. */
    readonly version: 1;
    /** The library. */
    readonly vendor: string;
    /** Checks a value and gives what it becomes, or what is wrong with it. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** Carries types for the compiler; never looked at. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
    readonly issues: readonly {
      readonly message: string;
      readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
    }[];
  };

/** A definition: what `task()` was given, checked, and where. */
export interface Definition {
  /** The name; unique in a run. */
  readonly name: string;
  /** The user's frames at the `task()` call, innermost first. */
  readonly frames: readonly SourceFrame[];
  /** The computation. */
  readonly run: (input: unknown, ctx: Context<unknown>) => unknown;
  /** The upstream calls of an input: a function, or a list of names, patterns, futures, conditions and functions. */
  readonly deps: ((input: unknown) => unknown) | readonly unknown[] | undefined;
  /** What this task is to run before. */
  readonly rdeps: readonly ReverseDependency[];
  /** The declared fields of its input, by name. */
  readonly fields: Readonly<Record<string, FieldRule>>;
  /** A schema of the whole input. */
  readonly schema: StandardSchema | undefined;
  /** The values fields may have. */
  readonly choices:
    | Readonly<Record<string, FieldChoices>>
    | (() => Readonly<Record<string, FieldChoices>>)
    | undefined;
  /** Named mutual exclusions that it holds while it runs, sorted. */
  readonly locks: readonly string[];
  /** Lower waves finish before higher ones start. */
  readonly wave: number;
  /** Higher ones start first, where nothing more important decides. */
  readonly priority: number;
  /** Runs even when there is a valid entry. */
  readonly noSkip: boolean;
  /** The files it reads and writes; `undefined` when it declares none. */
  readonly files: ((input: unknown) => FileRules) | undefined;
  /** Lines of its log that are no sign of an error. */
  readonly logIgnore: readonly LogRule[];
  /** One sentence, or nothing. */
  readonly description: string;
  /** Replaces the code digest. */
  readonly version: string | undefined;
  /** Names of environment variables, sorted. */
  readonly env: readonly string[];
  /** The name first, then the declared labels. */
  readonly labels: readonly string[];
  /** How long things of it may take, in milliseconds; 0 is without limit. */
  readonly timeout: TimeoutRule;
  /** When to try again. */
  readonly retry: RetryRule;
  /** What its attempts need; `undefined` when it does not say. */
  readonly resources: Resources | ((about: ResourceQuestion) => ResourcesOption) | undefined;
  /** What its process may do; `undefined` when it does not say. */
  readonly permissions: PermissionRule | undefined;
  /** Whether it may read and write nothing but its declared inputs and outputs. */
  readonly hermetic: boolean;
  /** Where it runs. */
  readonly isolation: Isolation;
  /** The gzip level of results. */
  readonly compression: number;
  /** Whether results are stored. */
  readonly cache: boolean;
}

/** Whether two definitions were made by the same statement, in two copies of a module. */
export function sameDefinition(one: Definition, other: Definition): boolean {
  if (one === other) return true;
  const [a, b] = [one.frames[0], other.frames[0]];
  return a !== undefined && b !== undefined && a.module === b.module && a.line === b.line &&
    a.column === b.column;
}

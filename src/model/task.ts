/** Tasks: their options, their types, and `task()`, which makes them. */
import { TASK } from "./brand.ts";
import { type Call, clearing, type ClearOptions, makeCall } from "./call.ts";
import { isNothingDeclared } from "./choices.ts";
import { define } from "./define.ts";
import type { Context, Definition, Isolation, NO_FAILURES, ResourceQuestion } from "./definition.ts";
import type { Duration } from "./duration.ts";
import { applyTask } from "./fields.ts";
import type { Deferred, Future, Resolved } from "./future.ts";
import type {
  DeclaredCallInput,
  DeclaredRunInput,
  FieldsOption,
  TemplateCallInput,
  TemplateFields,
  TemplateRunInput,
} from "./input_type.ts";
import type { TemplateInput } from "./name.ts";
import type { Permissions } from "./permissions.ts";
import { register } from "./registry.ts";
import type { ResourcesOption } from "./resources.ts";
import type { RetryPolicy } from "./retry.ts";
import type { FileOptions, ReverseTarget } from "./rules.ts";
import { userFrames } from "./source.ts";
import type { TimeoutPolicy } from "./timeout.ts";

/** What a list of dependencies holds: names, patterns, calls, conditions, and functions of the input that give these. */
export type Dependency<Input> =
  | string
  | typeof NO_FAILURES
  | Future<unknown>
  | ((input: Input) => unknown);

/** What dependencies become once they are computed: futures their values, what is only named `unknown`. */
export type DependencyValue<Deps> = 0 extends 1 & Deps ? Deps
  : Deps extends Future<infer Value> ? Value
  : Deps extends string ? unknown
  : Deps extends symbol ? undefined
  : Deps extends (...input: never[]) => infer Given ? DependencyValue<Given>
  : Deps extends readonly unknown[] ? { -readonly [Index in keyof Deps]: DependencyValue<Deps[Index]> }
  : Resolved<Deps>;

/** What arrives in `ctx.deps`: a list that was given as such, or else what the function gave. */
export type DepsOf<Deps, List> = [List] extends [never] ? DependencyValue<Deps> : DependencyValue<List>;

/** Everything about a task but its name. */
export interface TaskOptions<
  Input,
  Deps,
  Output,
  List extends readonly Dependency<Input>[] = never,
  Fields = FieldsOption,
> extends FileOptions<Input> {
  /** One sentence for `--help` and `list`. */
  readonly description?: string;
  /**
   * What it needs: a function of the input that gives a record, a list or one of them, or a list of names (`"config"`), patterns
   * (`"build::[env]"`, filled from the input; `"build::*"`, all that there are), calls, `NO_FAILURES`, and functions of the input.
   * The values arrive in `ctx.deps` in the same shape: of a pattern with `*` a record by name, of a condition `undefined`.
   */
  readonly deps?: ((input: Input) => Deps) | readonly [...List] | readonly Dependency<Input>[];
  /**
   * What it runs before: names, patterns or calls. Whenever one of them is wanted, so is this task; `whenScheduled(…)` turns
   * that around.
   */
  readonly rdeps?: ReverseTarget | readonly ReverseTarget[];
  /**
   * The types of the input's fields, or schemas (zod, valibot, arktype and all others of Standard Schema), or one schema of the
   * whole input: inputs are checked, and texts of names and command lines are read, accordingly.
   */
  readonly fields?: Fields;
  /** The values that fields may have, as lists or functions of the fields before: they make `"build::*"` possible. */
  readonly choices?: ChoicesOption<NoInfer<Input>> | (() => ChoicesOption<NoInfer<Input>>);
  /** The computation. It may return a call: that is followed, and its value is the result. */
  readonly run: (input: Input, ctx: Context<DepsOf<Deps, List>>) => Output;
  /** Replaces the digest of the source in the validity of results: change it when the results change. */
  readonly version?: string | number;
  /** Environment variables that results depend on. */
  readonly env?: readonly string[];
  /** Tags that limits and dispatch rules are written against; the task's name is always one. */
  readonly labels?: string | readonly string[];
  /** Names of which no two tasks that run at the same time share one. */
  readonly locks?: string | readonly string[];
  /** All tasks of a lower wave finish before any of a higher one starts; default 0. */
  readonly wave?: number;
  /** Of two tasks that could start, the one with the higher number does, where the critical path does not decide; default 0. */
  readonly priority?: number;
  /** `true`: it runs whenever it is wanted, even if it is up to date; default `false`. */
  readonly noSkip?: boolean;
  /** Lines of its log that are no sign of an error. */
  readonly logIgnore?: RegExp | readonly RegExp[];
  /** How long one attempt may take; or how long that, its silence, its wait in a queue, and all attempts together may. */
  readonly timeout?: Duration | TimeoutPolicy;
  /** How often, and after what pause, a failed attempt is tried again: a number of retries, or a policy. */
  readonly retry?: number | RetryPolicy;
  /**
   * What an attempt needs: `{ cpu: 4, mem: "16g", gpu: 1, time: "1h" }`, and any other amount with a name; or a function of the
   * input, the number of the attempt and how the one before it failed.
   */
  readonly resources?: ResourcesOption | ((about: ResourceQuestion<NoInfer<Input>>) => ResourcesOption);
  /** Where it runs; default `"worker"`, or `"sandbox"` where `permissions` or `hermetic` are declared. */
  readonly isolation?: Isolation;
  /** What its process may do, all else being refused: `{ read: ["data"], net: ["example.org"] }`. */
  readonly permissions?: Permissions;
  /** `true`: it may read its declared inputs and write its declared outputs, and no other files; default `false`. */
  readonly hermetic?: boolean;
  /** The gzip level of its stored results, 0 (none) to 9 (smallest); default 1, which is by far the quickest. */
  readonly compression?: number;
  /** `false`: results of this task are never stored; default `true`. */
  readonly cache?: boolean;
}

/** The values that fields may have, by field; a function is given the fields before its own. */
export type ChoicesOption<Input> = {
  readonly [Field in keyof Input]?: readonly Input[Field][] | ((fields: Input) => readonly Input[Field][]);
};

/** The parameters of a task: none are needed where the input may be `undefined`. */
export type TaskInput<Input> = undefined extends Input ? [input?: Deferred<Input>] : [input: Deferred<Input>];

/** What a task's `run` gives in the end: promises awaited, returned calls followed. */
export type Outcome<Output> = Awaited<Output> extends infer Value
  ? Value extends Future<infer Followed> ? Followed : Value
  : never;

/** A task: apply it to an input to get a call. */
export interface Task<Input, Output> {
  /** Makes the call of this task on an input, in which futures may stand anywhere. Runs nothing. */
  (...input: TaskInput<Input>): Call<Output>;
  /** The name it was defined with. */
  readonly taskName: string;
  /** The definition. */
  readonly [TASK]: Definition;
  /** Removes every entry of this task from a cache, and returns how many there were. */
  clearAll(options?: ClearOptions): Promise<number>;
}

/** A name in which at least one placeholder stands. */
export type Template = `${string}[${string}]${string}`;

/**
 * Defines a task whose name is a template: its placeholders are the fields of its input.
 *
 * @throws {DefinitionError} when the name or an option is unlawful.
 * @example
 * ```ts
 * import { run, task } from "runner";
 *
 * const greet = task("greet::[who]", { run: ({ who }) => `hello ${who}`, isolation: "inline" });
 * const { value } = await run(greet({ who: "you" }), { cache: "none" });
 * console.assert(value === "hello you");
 * ```
 */
export function task<
  const Name extends Template,
  Output,
  Deps = Record<never, never>,
  const List extends readonly Dependency<TemplateRunInput<Name, Fields>>[] = never,
  Fields extends TemplateFields<Name> = Record<never, never>,
>(
  name: Name,
  options: TaskOptions<TemplateRunInput<Name, Fields>, Deps, Output, List, Fields>,
): Task<TemplateCallInput<Name, Fields>, Outcome<Output>>;
/** Defines a task whose name is a template, in the short form. */
export function task<const Name extends Template, Output>(
  name: Name,
  run: (input: TemplateInput<Name>, ctx: Context) => Output,
): Task<TemplateInput<Name>, Outcome<Output>>;
/** Defines a task by its name and its computation. */
export function task<Input = undefined, Output = unknown>(
  name: string,
  run: (input: Input, ctx: Context) => Output,
): Task<Input, Outcome<Output>>;
/** Defines a task by its name and options, its input by its declared fields. */
export function task<
  Fields extends FieldsOption,
  Input = DeclaredRunInput<Fields>,
  Output = unknown,
  Deps = Record<never, never>,
  const List extends readonly Dependency<Input>[] = never,
>(
  name: string,
  options: TaskOptions<Input, Deps, Output, List, Fields> & { readonly fields: Fields },
): Task<DeclaredCallInput<Fields, Input>, Outcome<Output>>;
/** Defines a task by its name and options. */
export function task<
  Input = undefined,
  Output = unknown,
  Deps = Record<never, never>,
  const List extends readonly Dependency<Input>[] = never,
>(
  name: string,
  options: TaskOptions<Input, Deps, Output, List>,
): Task<Input, Outcome<Output>>;
export function task(name: string, how: unknown): unknown {
  const definition = define(name, how, userFrames(new Error().stack));
  register(definition);
  // Decided once: there may be a million calls.
  const made = isNothingDeclared(definition)
    ? (input?: unknown) => makeCall(definition, input)
    : (input?: unknown) => applyTask(definition, input);
  return Object.assign(made, {
    taskName: definition.name,
    [TASK]: definition,
    clearAll: async (options: ClearOptions = {}) => await clearing.clear!(definition.name, "all", options),
  });
}

/** The definition of a task made by this or any other copy of the module, or `undefined`. */
export function definitionOf(value: unknown): Definition | undefined {
  return typeof value === "function" && TASK in value
    ? (value as unknown as { readonly [TASK]: Definition })[TASK]
    : undefined;
}

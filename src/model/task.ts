/** Tasks: their options, their definitions, and how `task()` makes them. */
import { TASK } from "./brand.ts";
import { type Call, clearing, type ClearOptions, makeCall } from "./call.ts";
import { type Duration, milliseconds } from "./duration.ts";
import { DefinitionError } from "./failure.ts";
import type { Context, Definition, Isolation } from "./definition.ts";
import type { Deferred, Future, Resolved } from "./future.ts";
import { nameProblem, type TemplateInput } from "./name.ts";
import { register } from "./registry.ts";
import { type RetryPolicy, retryRule } from "./retry.ts";
import { type SourceFrame, userFrames } from "./source.ts";

/** Everything about a task but its name. */
export interface TaskOptions<Input, Deps, Output> {
  /** One sentence for `--help` and `list`. */
  readonly description?: string;
  /** The upstream calls of an input, as a record; their values arrive in `ctx.deps`. */
  readonly deps?: (input: Input) => Deps;
  /** The computation. It may return a call: that is followed, and its value is the result. */
  readonly run: (input: Input, ctx: Context<Resolved<Deps>>) => Output;
  /** Replaces the digest of the source in the validity of results: change it when the results change. */
  readonly version?: string | number;
  /** Environment variables that results depend on. */
  readonly env?: readonly string[];
  /** Tags that limits and dispatch rules are written against; the task's name is always one. */
  readonly labels?: string | readonly string[];
  /** How long one attempt may take. */
  readonly timeout?: Duration;
  /** How often, and after what pause, a failed attempt is tried again: a number of retries, or a policy. */
  readonly retry?: number | RetryPolicy;
  /** Where it runs; default `"worker"`. */
  readonly isolation?: Isolation;
  /** The gzip level of its stored results, 0 (none) to 9 (smallest); default 1, which is by far the quickest. */
  readonly compression?: number;
  /** `false`: results of this task are never stored; default `true`. */
  readonly cache?: boolean;
}

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
export function task<const Name extends Template, Output, Deps = Record<never, never>>(
  name: Name,
  options: TaskOptions<TemplateInput<Name>, Deps, Output>,
): Task<TemplateInput<Name>, Outcome<Output>>;
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
/** Defines a task by its name and options. */
export function task<Input = undefined, Output = unknown, Deps = Record<never, never>>(
  name: string,
  options: TaskOptions<Input, Deps, Output>,
): Task<Input, Outcome<Output>>;
export function task(name: string, how: unknown): unknown {
  const definition = define(name, how, userFrames(new Error().stack));
  register(definition);
  const made = (input?: unknown) => makeCall(definition, input);
  return Object.assign(made, {
    taskName: definition.name,
    [TASK]: definition,
    clearAll: async (options: ClearOptions = {}) => await clearing.clear!(definition.name, "all", options),
  });
}

/** Checks what `task()` was given. */
function define(name: string, how: unknown, frames: readonly SourceFrame[]): Definition {
  const at = frames[0];
  const refuse = (problem: string): never => {
    throw new DefinitionError([{ kind: "bad-task", task: String(name), problem, ...(at && { at }) }]);
  };
  const problem = nameProblem(name);
  if (problem !== undefined) refuse(problem);
  const options = (typeof how === "function" ? { run: how } : how) as Partial<
    TaskOptions<unknown, unknown, unknown>
  >;
  if (typeof options !== "object" || options === null || typeof options.run !== "function") {
    refuse("it needs a function: task(name, (input, ctx) => …) or task(name, { run: (input, ctx) => …, … })");
  }
  const known = new Set([
    "description",
    "deps",
    "run",
    "version",
    "env",
    "labels",
    "timeout",
    "retry",
    "isolation",
    "compression",
    "cache",
  ]);
  for (const option of Object.keys(options)) {
    if (!known.has(option)) refuse(`it has no option "${option}"; there are ${[...known].join(", ")}`);
  }
  if (options.deps !== undefined && typeof options.deps !== "function") {
    refuse("`deps` is a function of the input that returns a record of calls");
  }
  const { compression = 1, isolation = "worker" } = options;
  if (!Number.isInteger(compression) || compression < 0 || compression > 9) {
    refuse(`\`compression\` is a gzip level from 0 to 9, not ${compression}`);
  }
  if (!["worker", "process", "inline"].includes(isolation)) {
    refuse(`\`isolation\` is "worker", "process" or "inline", not "${isolation}"`);
  }
  const labels = typeof options.labels === "string" ? [options.labels] : options.labels ?? [];
  if (!Array.isArray(labels) || labels.some((label) => typeof label !== "string" || label === "")) {
    refuse("`labels` is a text or a list of texts");
  }
  try {
    return {
      name,
      frames,
      run: options.run as Definition["run"],
      deps: options.deps as Definition["deps"],
      rdeps: [],
      fields: {},
      schema: undefined,
      choices: undefined,
      locks: [],
      wave: 0,
      priority: 0,
      noSkip: false,
      files: undefined,
      logIgnore: [],
      description: options.description ?? "",
      version: options.version === undefined ? undefined : String(options.version),
      env: [...new Set(options.env ?? [])].sort(),
      labels: [...new Set([name, ...labels])],
      timeout: options.timeout === undefined ? 0 : milliseconds(options.timeout),
      retry: retryRule(options.retry),
      isolation,
      compression,
      cache: options.cache ?? true,
    };
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** The definition of a task made by this or any other copy of the module, or `undefined`. */
export function definitionOf(value: unknown): Definition | undefined {
  return typeof value === "function" && TASK in value
    ? (value as unknown as { readonly [TASK]: Definition })[TASK]
    : undefined;
}

/** Rules for files and reverse dependencies, as users write them: the helpers, the checks, and what they become. */
import type { Definition, ReverseDependency } from "./definition.ts";
import { type Duration, milliseconds } from "./duration.ts";
import type {
  FileRules,
  InputFile,
  InputRule,
  OutputFile,
  OutputRule,
  RegexFiles,
  Rules,
  Trigger,
} from "./files.ts";
import { type Future, isFuture } from "./future.ts";
import { readable } from "./readable.ts";
import { unknownName } from "./suggest.ts";

/**
 * Every file below a folder whose path, from that folder on and with `/` between its parts, matches a pattern somewhere.
 *
 * @throws {TypeError} when the pattern is no regular expression.
 * @example
 * ```ts
 * import { regexFiles } from "runner";
 *
 * const sources = regexFiles("src", /\.(ts|tsx)$/);
 * console.assert(sources.root === "src");
 * ```
 */
export function regexFiles(root: string, pattern: RegExp | string): RegexFiles {
  const what = `regexFiles(${readable(root)}, ${readable(pattern)})`;
  if (typeof root !== "string" || root === "") throw new TypeError(`${what}: the first is a folder's path`);
  if (pattern instanceof RegExp) return { root, pattern };
  if (typeof pattern !== "string") {
    throw new TypeError(`${what}: the second is a regular expression, or the text of one`);
  }
  try {
    return { root, pattern: new RegExp(pattern) };
  } catch (error) {
    throw new TypeError(`${what}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * An output file, folder or glob with more to say of it: it is made anew when it is older than `maxAge`; `precious` means, as in
 * make and SCons, that it is left in place when its task begins, for tools that go on from what they wrote before.
 *
 * @throws {RangeError} when `maxAge` is no duration.
 * @example
 * ```ts
 * import { output } from "runner";
 *
 * console.assert(output("rates.json", { maxAge: "1d" }).maxAge === 86_400_000);
 * ```
 */
export function output(
  path: string,
  options: { readonly maxAge?: Duration; readonly precious?: boolean } = {},
): OutputFile {
  const { maxAge, precious } = options;
  return {
    path,
    ...(maxAge !== undefined && { maxAge: milliseconds(maxAge) }),
    ...(precious !== undefined && { precious }),
  };
}

/**
 * An input file, folder or glob that may be absent.
 *
 * @example
 * ```ts
 * import { optional } from "runner";
 *
 * console.assert(optional("local.json").optional === true);
 * ```
 */
export function optional(path: string): InputFile {
  return { path, optional: true };
}

/**
 * For `rdeps`: if the declarer is wanted, the target is too, and runs after it; the target alone does not want the declarer.
 *
 * @example
 * ```ts
 * import { task, whenScheduled } from "runner";
 *
 * task("lint", { rdeps: whenScheduled("publish"), run: () => {} });
 * ```
 */
export function whenScheduled(target: string | Future<unknown>): ReverseDependency {
  return { when: "scheduled", target };
}

/**
 * For `rdeps`: if the target is wanted, the declarer is too, and runs before it. What a plain name or pattern means.
 *
 * @example
 * ```ts
 * import { task, whenTargetScheduled } from "runner";
 *
 * task("migrate", { rdeps: whenTargetScheduled("deploy"), run: () => {} });
 * ```
 */
export function whenTargetScheduled(target: string | Future<unknown>): ReverseDependency {
  return { when: "target-scheduled", target };
}

/** What `rdeps` takes: names, patterns, calls, and what `whenScheduled` and `whenTargetScheduled` make of them. */
export type ReverseTarget = string | Future<unknown> | ReverseDependency;

/** Why something is no target of a reverse dependency, or the dependency. */
export function reverseDependency(value: unknown): ReverseDependency | string {
  const given = typeof value === "string" || isFuture(value)
    ? whenTargetScheduled(value)
    : value as Partial<ReverseDependency> | null;
  if (typeof given !== "object" || given === null || !("target" in given)) {
    return `is a name, a pattern, a call, whenScheduled(…) or whenTargetScheduled(…), not ${readable(value)}`;
  }
  const { when, target } = given;
  if (when !== "scheduled" && when !== "target-scheduled") {
    return `has a \`when\` that is "scheduled" or "target-scheduled", not ${readable(when)}`;
  }
  if (typeof target === "string" ? target !== "" : isFuture(target)) return { when, target: target! };
  return typeof target === "function"
    ? "has a task for a target: name it, or call it"
    : `has a target that is a name, a pattern or a call, not ${readable(target)}`;
}

/** Why a value is no rule for input files, or nothing. */
function inputProblem(rule: unknown): string | undefined {
  if (isPath(rule)) return undefined;
  if (typeof rule === "object" && rule !== null) {
    const { path, optional, root, pattern } = rule as Partial<InputFile & RegexFiles>;
    const unknown = unknownName("inputs", rule, isPath(path) ? ["path", "optional"] : ["root", "pattern"]);
    if (unknown !== undefined && (isPath(path) || isPath(root))) return unknown;
    if (isPath(path) && (optional === undefined || typeof optional === "boolean")) return undefined;
    if (isPath(root) && pattern instanceof RegExp) return undefined;
  }
  return `a path, a glob, optional(…) or regexFiles(…), not ${readable(rule)}`;
}

/** Why a value is no rule for output files, or nothing. */
function outputProblem(rule: unknown): string | undefined {
  if (isPath(rule)) return undefined;
  if (typeof rule === "object" && rule !== null) {
    const { path, maxAge, precious } = rule as Partial<OutputFile>;
    const unknown = isPath(path) ? unknownName("outputs", rule, ["path", "maxAge", "precious"]) : undefined;
    if (unknown !== undefined) return unknown;
    if (
      isPath(path) && (maxAge === undefined || typeof maxAge === "number" && maxAge >= 0) &&
      (precious === undefined || typeof precious === "boolean")
    ) return undefined;
  }
  return `a path, a glob or output(…), not ${readable(rule)}`;
}

/** Why a value is nothing to leave out, or nothing. */
function ignoreProblem(rule: unknown): string | undefined {
  return isPath(rule) ? undefined : `a path or a glob, not ${readable(rule)}`;
}

function isPath(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value !== "!" && !value.includes("\0");
}

/** The options about files, as `task()` is given them. */
export interface FileOptions<Input> {
  /**
   * The files it reads: paths, globs, folders, `optional(…)`, `regexFiles(…)`, or functions of the input; `"!glob"` leaves out
   * again. A change of any of them makes results outdated.
   */
  readonly inputs?: Rules<InputRule, Input>;
  /**
   * The files it writes: paths, globs, folders, `output(…)`, or functions of the input. They are kept with the result, and come
   * back when they are lost or edited.
   */
  readonly outputs?: Rules<OutputRule, Input>;
  /** Paths and globs that are never inputs, whatever `inputs` says. */
  readonly inputsIgnore?: Rules<string, Input>;
  /** What makes an input file a changed one: `"content"` (default), `"mtime"`, `"both"` or `"exists"`. */
  readonly trigger?: Trigger;
  /** The local modules that its input files import are inputs too; default `false`. */
  readonly trackImports?: boolean;
}

const PROBLEMS: Readonly<
  Record<"inputs" | "outputs" | "inputsIgnore", (rule: unknown) => string | undefined>
> = {
  inputs: inputProblem,
  outputs: outputProblem,
  inputsIgnore: ignoreProblem,
};

/**
 * What the options about files become.
 *
 * @param refuse is told what is wrong with rules that are no functions; it does not return.
 */
export function fileRules(
  options: FileOptions<unknown>,
  refuse: (problem: string) => never,
): Definition["files"] {
  const { inputs, outputs, inputsIgnore, trigger = "content", trackImports = false } = options;
  if (inputs === undefined && outputs === undefined && inputsIgnore === undefined) return undefined;
  for (const option of ["inputs", "outputs", "inputsIgnore"] as const) {
    for (const rule of listed<unknown>(options[option])) {
      const problem = typeof rule === "function" ? undefined : PROBLEMS[option](rule);
      if (problem !== undefined) refuse(`\`${option}\` holds what is no rule: ${problem}`);
    }
  }
  const inputsOf = rulesOf<InputRule>("inputs", inputs);
  const ignoreOf = rulesOf<string>("inputsIgnore", inputsIgnore);
  const outputsOf = rulesOf<OutputRule>("outputs", outputs);
  return (input): FileRules => ({
    inputs: inputsOf(input),
    ignore: ignoreOf(input),
    outputs: outputsOf(input),
    trigger,
    trackImports,
  });
}

/** The rules of one option for any input; what there is to decide is decided once, since there may be many calls. */
function rulesOf<Rule>(option: keyof typeof PROBLEMS, given: unknown): (input: unknown) => readonly Rule[] {
  const rules = listed<unknown>(given);
  if (rules.every((rule) => typeof rule !== "function")) return () => rules as readonly Rule[];
  const [only] = rules;
  if (rules.length === 1) return (input) => called<Rule>(option, only as (input: unknown) => unknown, input);
  return (input) =>
    rules.flatMap((rule) =>
      typeof rule === "function"
        ? called<Rule>(option, rule as (input: unknown) => unknown, input)
        : [rule as Rule]
    );
}

/** One rule, a list of them or none as a list. */
function listed<Item>(rules: unknown): readonly Item[] {
  if (rules === undefined) return [];
  return (Array.isArray(rules) ? rules : [rules]) as readonly Item[];
}

/** What a rule function gives. */
function called<Rule>(
  option: keyof typeof PROBLEMS,
  rule: (input: unknown) => unknown,
  input: unknown,
): readonly Rule[] {
  let given: unknown;
  try {
    given = rule(input);
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : `${readable(error)}`;
    throw new Error(`a function of \`${option}\` threw ${text}`, { cause: error });
  }
  if (isPath(given)) return [given as Rule];
  // Only `undefined` is taken for nothing in a declaration; a function that gives it has forgotten something.
  const rules = given === undefined ? [given] : listed<unknown>(given);
  for (const one of rules) {
    const problem = PROBLEMS[option](one);
    if (problem !== undefined) {
      throw new TypeError(`a function of \`${option}\` gave what is no rule: ${problem}`);
    }
  }
  return rules as readonly Rule[];
}

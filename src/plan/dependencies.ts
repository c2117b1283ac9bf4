/** From what `deps` says to a structure of calls: names are looked up, patterns filled, functions called, conditions noted. */
import { type Call, unlink } from "../model/call.ts";
import { callsNamed, type NameScope } from "../model/catalogue.ts";
import { type Definition, NO_FAILURES } from "../model/definition.ts";
import type { Issue } from "../model/failure.ts";
import { isFuture } from "../model/future.ts";
import { userFrames } from "../model/source.ts";

/** What `deps` came to. */
export interface Shaped {
  /** The same shape with futures in the place of names; `undefined` in the place of conditions. */
  readonly structure: unknown;
  /** It starts only when nothing else is left to do, and nothing has failed. */
  readonly conditional: boolean;
  /** Names that nothing is called, where that is allowed. */
  readonly missing: readonly string[];
  /** What is wrong with names; all else is there all the same, so that everything wrong can be told at once. */
  readonly problems: readonly string[];
}

/** Where names are looked up. */
export interface Naming extends NameScope {
  /** A name that nothing is called fails only the task that depends on it. */
  readonly allowMissing: boolean;
}

/** Whether `deps` can only be evaluated with the values of the input's futures. */
export function needsInput(deps: NonNullable<Definition["deps"]>): boolean {
  if (typeof deps === "function") return true;
  return deps.some((one) =>
    typeof one === "function" || typeof one === "string" && one.includes("[") ||
    Array.isArray(one) && needsInput(one)
  );
}

/**
 * Evaluates `deps`.
 *
 * @throws {TypeError} when it gives what is no dependency; what a function in it throws passes.
 */
export function shapeDeps(deps: NonNullable<Definition["deps"]>, input: unknown, naming: Naming): Shaped {
  const missing: string[] = [];
  const problems: string[] = [];
  let conditional = false;
  const scope: NameScope = { ...naming, fill: input };
  const shape = (one: unknown): unknown => {
    if (one === NO_FAILURES) {
      conditional = true;
      return undefined;
    }
    if (typeof one === "string") {
      const found = callsNamed(one, scope);
      if (found.kind === "one") return found.call;
      if (found.kind === "many") return Object.fromEntries(found.calls.map(({ name, call }) => [name, call]));
      (found.missing && naming.allowMissing ? missing : problems).push(found.problem);
      return undefined;
    }
    if (isFuture(one)) return one;
    if (typeof one === "function") return shape((one as (input: unknown) => unknown)(input));
    if (Array.isArray(one)) return one.map(shape);
    if (typeof one === "object" && one !== null) return one;
    throw new TypeError(
      '`deps` gives calls, names of calls, NO_FAILURES, or records and lists of these, as in { data: load(…) } or ["load"]',
    );
  };
  const structure = shape(deps);
  return { structure, conditional, missing, problems };
}

/** What is wrong when `deps` of a call has thrown; `described` is the call, readable. */
export function depsIssue(
  { task, bytes, upstreams }: Call<unknown>,
  described: string,
  error: unknown,
): Issue {
  const at = userFrames((error as Error | null | undefined)?.stack)[0] ?? task.frames[0];
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const noInput = error instanceof TypeError && upstreams.length === 0 &&
    unlink(bytes, () => undefined) === undefined;
  const why = noInput ? "; the call has no input, and `deps` takes one: give it that where it is called" : "";
  const problem = `\`deps\` threw for ${described}: ${what}${why}`;
  return { kind: "bad-deps", task: task.name, problem, ...(at && { at }) };
}

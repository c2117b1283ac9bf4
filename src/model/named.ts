/** Futures of calls that are named: what the names mean is found out when the future is planned. */
import { callsNamed } from "./catalogue.ts";
import { DefinitionError } from "./failure.ts";
import type { NamedCall } from "./expansion.ts";
import { type Future, late } from "./future.ts";

/**
 * The values of all calls that names and patterns mean, by name. What they mean is found out when the future is planned, not
 * when it is written, so tasks that are defined later count.
 *
 * @throws {DefinitionError} when it is planned, and a name means nothing.
 * @example
 * ```ts
 * import { named, run, task } from "runner";
 *
 * const sizes = named("size::*");
 * task("size::[of]", { choices: { of: ["a", "bb"] }, run: ({ of }) => of.length, isolation: "inline" });
 * const { value } = await run(sizes, { cache: "none" });
 * console.assert(value["size::bb"] === 2);
 * ```
 */
export function named(...patterns: readonly string[]): Future<Record<string, unknown>> {
  return late(() => {
    const issues: { readonly kind: "bad-target"; readonly problem: string }[] = [];
    const calls = patterns.flatMap((pattern): readonly NamedCall[] => {
      const found = callsNamed(pattern, {});
      if (found.kind === "problem") issues.push({ kind: "bad-target", problem: found.problem });
      return found.kind === "one" ? [found] : found.kind === "many" ? found.calls : [];
    });
    if (issues.length > 0) throw new DefinitionError(issues);
    return Object.fromEntries(calls.map(({ name, call }) => [name, call]));
  });
}

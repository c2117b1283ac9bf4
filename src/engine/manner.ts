/** How calls are run, as far as it can be told from outside: what overrides say, call by call. */
import type { Definition, ResourceQuestion } from "../model/definition.ts";
import type { Duration } from "../model/duration.ts";
import { type RetryPolicy, type RetryRule, retryRule } from "../model/retry.ts";
import { readResources, type Resources, type ResourcesOption } from "../model/resources.ts";
import { readable } from "../model/readable.ts";
import { didYouMean } from "../model/suggest.ts";
import { readTimeouts, type TimeoutPolicy, type TimeoutRule } from "../model/timeout.ts";

/** What can be said of calls without touching their tasks; whatever is said here comes before what the task says. */
export interface Override {
  /** Labels instead of the declared ones; the task's name stays the first. */
  readonly labels?: string | readonly string[];
  /** Amounts that stand in for those of the same names. */
  readonly resources?: ResourcesOption;
  /** Time limits that stand in for those of the same kind; a duration is how long one attempt may take. */
  readonly timeout?: Duration | TimeoutPolicy;
  /** When a failed attempt is tried again. */
  readonly retry?: number | RetryPolicy;
  /** Of two calls that could start, the one with the higher number does. */
  readonly priority?: number;
}

/** How a call is run. */
export interface Manner {
  /** The task's name first. */
  readonly labels: readonly string[];
  readonly resources: Resources;
  /** How long things of it may take, in milliseconds; 0 is without limit. */
  readonly timeout: TimeoutRule;
  readonly retry: RetryRule;
  readonly priority: number;
}

/** The names of what can be overridden. */
const NAMES: readonly (keyof Override)[] = ["labels", "resources", "timeout", "retry", "priority"];

/** What is wrong with an override, or nothing. */
export function overrideProblem(given: unknown): string | undefined {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return `is a record, as in { resources: { mem: "32g" } }, not ${readable(given)}`;
  }
  for (const name of Object.keys(given)) {
    if (!NAMES.includes(name as keyof Override)) {
      return `cannot say "${name}"${didYouMean(name, NAMES) || `; it can say ${NAMES.join(", ")}`}`;
    }
  }
  try {
    readOverride(given as Override);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

/** An override, read; only what it says. */
export type ReadOverride =
  & { readonly [Name in Exclude<keyof Manner, "timeout">]?: Manner[Name] }
  & { readonly timeout?: Partial<TimeoutRule> };

/**
 * Reads an override.
 *
 * @throws {RangeError} when something of it is not what it may be.
 */
export function readOverride({ labels, resources, timeout, retry, priority }: Override): ReadOverride {
  const texts = labels === undefined ? [] : typeof labels === "string" ? [labels] : labels;
  if (!Array.isArray(texts) || texts.some((label) => typeof label !== "string" || label === "")) {
    throw new RangeError(`\`labels\` is a text or a list of texts, not ${readable(labels)}`);
  }
  if (priority !== undefined && !Number.isFinite(priority)) {
    throw new RangeError(`\`priority\` is a number, not ${readable(priority)}`);
  }
  return {
    ...(labels !== undefined && { labels: texts }),
    ...(resources !== undefined && { resources: readResources(resources) }),
    ...(timeout !== undefined && { timeout: readTimeouts(timeout) }),
    ...(retry !== undefined && { retry: retryRule(retry) }),
    ...(priority !== undefined && { priority }),
  };
}

/**
 * How an attempt is run: what its task says, with what overrides say laid over it, later ones over earlier ones.
 *
 * @throws {RangeError} when the task's `resources` gives what is no amount; or whatever that function throws.
 */
export function mannerOf(
  task: Definition,
  overrides: readonly ReadOverride[],
  question: () => ResourceQuestion,
): Manner {
  const declared = typeof task.resources === "function"
    ? readResources(task.resources(question()))
    : task.resources ?? NOTHING;
  let manner: Manner = {
    labels: task.labels,
    resources: declared,
    timeout: task.timeout,
    retry: task.retry,
    priority: task.priority,
  };
  for (const { labels, resources, timeout, ...rest } of overrides) {
    manner = {
      ...manner,
      ...rest,
      ...(labels !== undefined && { labels: [...new Set([task.name, ...labels])] }),
      ...(resources !== undefined && { resources: { ...manner.resources, ...resources } }),
      ...(timeout !== undefined && { timeout: { ...manner.timeout, ...timeout } }),
    };
  }
  return manner;
}

const NOTHING: Resources = {};

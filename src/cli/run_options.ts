/** The options of `run`, `graph` and `explain` on the command line, as `run()` takes them. */
import type { RunOptions } from "../engine/options.ts";
import { milliseconds } from "../model/duration.ts";
import { type Arguments, nameAndText, positive, usage } from "./arguments.ts";
import { placeOptions } from "./place_options.ts";
import { cacheFolder } from "./settings.ts";

/** Options that say which calls may run, and what they find; `run --dry` and `explain` know them too. */
export const PLAN_OPTIONS = {
  values: ["cache", "input", "workers", "parallel", "state"],
  lists: [
    "param",
    "only",
    "omit",
    "until",
    "from",
    "limit",
    "shared-limit",
    "prefix",
    "capacity",
    "pool",
    "override",
  ],
  flags: ["force", "allow-missing-deps", "json", "help"],
} as const;

/** All options of `run`. */
export const RUN_OPTIONS = {
  values: [...PLAN_OPTIONS.values, "timeout", "max-failures", "schedule", "debounce"],
  lists: PLAN_OPTIONS.lists,
  flags: [
    ...PLAN_OPTIONS.flags,
    "cache-read-only",
    "keep-going",
    "stop",
    "kill",
    "quiet",
    "dry",
    "full-log",
    "keep-failed",
    "no-history",
    "watch",
  ],
} as const;

/**
 * The options that decide what a run does; settings of the pipeline are behind them.
 *
 * @throws {DefinitionError} when one of them makes no sense.
 */
export function planOptions(parsed: Arguments, forced: readonly string[], set: RunOptions): RunOptions {
  const { values, lists, flags } = parsed;
  const { only, omit, until, from } = lists;
  const params = paramsOf(lists["param"] ?? []);
  const workers = positive("workers", values["workers"]);
  const parallel = positive("parallel", values["parallel"]);
  const policies = (["stop", "keep-going", "kill"] as const).filter((policy) => flags.has(policy));
  if (policies.length > 1) throw usage(`--${policies.join(" and --")} contradict each other`);
  const maxFailures = positive("max-failures", values["max-failures"]);
  const [policy = maxFailures === undefined ? undefined : "keep-going"] = policies;
  if (maxFailures !== undefined && policy !== "keep-going") {
    throw usage(`--max-failures goes with --keep-going; --${policy} acts on the first failure`);
  }
  return {
    ...placeOptions(lists, set),
    ...(workers !== undefined && { workers }),
    ...(values["state"] !== undefined && { state: values["state"] }),
    ...(parallel !== undefined && { parallel }),
    ...(Object.keys(params).length > 0 && {
      params: { ...set.params, ...params },
      typedParams: Object.keys(params),
    }),
    ...(only !== undefined && { only }),
    ...(omit !== undefined && { omit }),
    ...(until !== undefined && { until }),
    ...(from !== undefined && { from }),
    ...(policy !== undefined && { onFailure: policy }),
    ...(maxFailures !== undefined && { maxFailures }),
    ...(flags.has("allow-missing-deps") && { allowMissingDeps: true }),
    ...(flags.has("force") ? { force: true } : forced.length > 0 && { force: forced }),
  };
}

/**
 * All options of a run.
 *
 * @throws {DefinitionError} when one of them makes no sense.
 */
export function runOptions(parsed: Arguments, forced: readonly string[], set: RunOptions): RunOptions {
  const { values, flags } = parsed;
  const { cache, timeout, schedule } = values;
  const readOnly = flags.has("cache-read-only");
  const folder = cacheFolder(cache, set.cache);
  if (readOnly && folder === undefined) {
    throw usage(`--cache-read-only is for a cache in a folder, not for "${cache ?? String(set.cache)}"`);
  }
  if (schedule !== undefined && schedule !== "critical-path" && schedule !== "fifo") {
    throw usage(`--schedule is critical-path or fifo, not "${schedule}"`);
  }
  return {
    ...planOptions(parsed, forced, set),
    ...(readOnly ? { cache: { path: folder!, readOnly } } : cache !== undefined && { cache }),
    ...(timeout !== undefined && { timeout: duration("timeout", timeout) }),
    ...(schedule !== undefined && { schedule }),
    ...(flags.has("keep-failed") && { keepFailed: set.keepFailed || true }),
    ...(flags.has("no-history") && { history: false }),
  };
}

/** What the command line says, laid over settings: how many failures there may be goes with the policy that it was said for. */
export function laidOver(settings: RunOptions, told: RunOptions): RunOptions {
  const { maxFailures, ...rest } = settings;
  const holds = told.onFailure === undefined || told.onFailure === "keep-going";
  return { ...rest, ...(maxFailures !== undefined && holds && { maxFailures }), ...told };
}

/** `--param name=value`, several times. What is JSON is taken as such, all else is text. */
function paramsOf(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map((pair) => {
    const [name, text] = nameAndText("param", pair, "name=value");
    return [name, jsonOrText(text)];
  }));
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A duration as the command line gives it: `90s`, `5m`, or milliseconds. */
export function duration(name: string, text: string): number {
  try {
    return milliseconds(/^\d+$/.test(text) ? Number(text) : text as "1s");
  } catch (error) {
    throw usage(`--${name}: ${(error as Error).message}`);
  }
}

/** `--force=names` names tasks or calls as selectors do; `--force` alone is everything. */
export function takeForced(
  args: readonly string[],
): { readonly forced: readonly string[]; readonly rest: readonly string[] } {
  const end = args.indexOf("--");
  const names = (arg: string, index: number) => arg.startsWith("--force=") && (end < 0 || index < end);
  const forced = args.filter(names).flatMap((arg) => arg.slice("--force=".length).split(","));
  if (forced.includes("")) throw usage("--force= needs the name of a task; --force alone is everything");
  return { forced, rest: args.filter((arg, index) => !names(arg, index)) };
}

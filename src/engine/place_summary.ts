/** Where and how calls of a task would run, for people. */
import { readableAmount } from "../model/resources.ts";
import { readableTimeouts } from "../model/timeout.ts";
import { effectivePermissions } from "../execute/sandbox/effective.ts";
import type { RunOptions } from "./options.ts";
import type { PoolSpec, Variant } from "./variant.ts";

/** Where and how calls run. */
export interface PlaceSummary {
  readonly task: string;
  /** `worker`, `process`, `sandbox`, `inline`, or the backend and the label: `slurm (gpu)`. */
  readonly where: string;
  readonly labels: readonly string[];
  /** Readable amounts by name. */
  readonly resources: Readonly<Record<string, string>>;
  /** How many calls of a label may run at once: the least of what limits, shared limits and pools say. */
  readonly limits: Readonly<Record<string, number>>;
  /** How many may run at once of all that run beside them, where the options say that. */
  readonly together?: number;
  /** The time limits, that of an attempt first, which is just a time: `5 min 0 s, idle 30.0 s`; absent without any. */
  readonly timeout?: string;
  /** How often a failed attempt is tried again. */
  readonly retries: number;
  /** What its process may do, a line for each kind; absent where nobody holds it to anything. */
  readonly permissions?: readonly string[];
  /** What else is to be known. */
  readonly notes: readonly string[];
}

/** Describes a variant; `options` are those of the run, `pool` is the one that it runs in. */
export function placeSummary(variant: Variant, options: RunOptions, pool: PoolSpec): PlaceSummary {
  const { task, manner, sent, late } = variant;
  const { resources, timeout, retry, labels } = manner;
  const times = readableTimeouts(timeout);
  const declared = task.files === undefined
    ? { inputs: [], outputs: [] }
    : { inputs: ["its inputs"], outputs: ["its outputs"] };
  return {
    task: task.name,
    where: sent === undefined ? task.isolation : `${sent.rule.backend} (${sent.label})`,
    labels,
    resources: Object.fromEntries(
      Object.entries(resources).flatMap(([name, amount]) =>
        amount === undefined ? [] : [[name, readableAmount(name, amount)] as const]
      ),
    ),
    ...limitsOf(variant, options, pool),
    ...(times !== "" && { timeout: times }),
    retries: retry.limit,
    ...(task.permissions !== undefined && { permissions: effectivePermissions(task, declared).lines }),
    notes: [
      ...(late ? ["its resources depend on values that are computed first"] : []),
      ...(sent === undefined && timeout.queue > 0
        ? ["it runs on this machine, where its queue timeout does not apply"]
        : []),
      ...(sent !== undefined && task.permissions !== undefined
        ? ["it is sent elsewhere, where nobody holds it to its permissions"]
        : []),
    ],
  };
}

/** What holds of the numbers that options give. */
function limitsOf(
  { labels, sent }: Variant,
  { limits = {}, sharedLimits = {}, pools = {}, parallel, workers }: RunOptions,
  pool: PoolSpec,
): Pick<PlaceSummary, "limits" | "together"> {
  const own = pool.kind === "isolation" && pool.lanes !== undefined
    ? labels.find((label) => Object.hasOwn(pools, label))
    : undefined;
  const together = parallel ?? workers;
  // In the order in which they are said.
  const names = new Set([...Object.keys({ ...sharedLimits, ...limits, ...pools }), ...labels]);
  const found = [...names].filter((label) => labels.includes(label)).flatMap((label) => {
    const said = [limits, sharedLimits].flatMap((record) =>
      Object.hasOwn(record, label) ? [record[label]!] : []
    );
    if (label === own) said.push(pools[label]!);
    // What is not queued elsewhere waits here, as many at once as there may be.
    if (label === sent?.label && together !== undefined && pool.lanes === together) said.push(together);
    return said.length === 0 ? [] : [[label, Math.min(...said)] as const];
  });
  const beside = sent === undefined && own === undefined && together !== undefined;
  return { limits: Object.fromEntries(found), ...(beside && { together }) };
}

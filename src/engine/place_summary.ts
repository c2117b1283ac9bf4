/** Where and how calls of a task would run, for people. */
import { readableAmount } from "../model/resources.ts";
import { readableTimeouts } from "../model/timeout.ts";
import { effectivePermissions } from "../execute/sandbox/effective.ts";
import type { Variant } from "./variant.ts";

/** Where and how calls run. */
export interface PlaceSummary {
  readonly task: string;
  /** `worker`, `process`, `sandbox`, `inline`, or the backend and the label: `slurm (gpu)`. */
  readonly where: string;
  readonly labels: readonly string[];
  /** Readable amounts by name. */
  readonly resources: Readonly<Record<string, string>>;
  /** How many calls of a label may run at once. */
  readonly limits: Readonly<Record<string, number>>;
  /** The time limits, that of an attempt first, which is just a time: `5 min 0 s, idle 30.0 s`; absent without any. */
  readonly timeout?: string;
  /** How often a failed attempt is tried again. */
  readonly retries: number;
  /** What its process may do, a line for each kind; absent where nobody holds it to anything. */
  readonly permissions?: readonly string[];
  /** What else is to be known. */
  readonly notes: readonly string[];
}

/** Describes a variant; `limits` are those of the run. */
export function placeSummary(
  { task, manner, labels: found, sent, late }: Variant,
  limits: Readonly<Record<string, number>>,
): PlaceSummary {
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
    limits: Object.fromEntries(Object.entries(limits).filter(([label]) => found.includes(label))),
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

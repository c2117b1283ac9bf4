/** How tasks are sent elsewhere, by label: what settings say, made uniform. Pure. */
import type { DockerRule } from "./docker/rule.ts";
import type { GenericRule } from "./generic/rule.ts";
import type { LsfRule } from "./lsf/rule.ts";
import { prefix, type PrefixRule } from "./prefix/rule.ts";
import type { SlurmRule } from "./slurm/rule.ts";
import type { SshRule } from "./ssh/rule.ts";

/** A way of dispatch, as `slurm(…)`, `docker(…)` and the like give it. */
export type DispatchRule = PrefixRule | DockerRule | SshRule | SlurmRule | LsfRule | GenericRule;

/** The names of the backends. */
export type Backend = DispatchRule["backend"];

/** Backends whose jobs go on when the program that submitted them is no more. */
const QUEUES: readonly Backend[] = ["slurm", "lsf", "generic"];
/** Backends whose jobs run on this machine. */
const LOCAL: readonly Backend[] = ["docker", "podman"];

/** Whether jobs of a rule outlive the program that submitted them. */
export function outlives({ backend }: DispatchRule): boolean {
  return QUEUES.includes(backend);
}

/** Whether jobs of a rule use this machine's own processors and memory. */
export function isLocal({ backend }: DispatchRule): boolean {
  return LOCAL.includes(backend);
}

/** How many attempts one job runs one after another, at most, or for how long. */
export function packOf(rule: DispatchRule): { readonly count: number; readonly millis: number } | undefined {
  const { pack } = rule;
  if (pack === undefined || pack === 1) return undefined;
  if (typeof pack === "number") return { count: pack, millis: Infinity };
  const { count = 1_000, seconds = Infinity } = pack;
  return { count, millis: seconds * 1_000 };
}

/**
 * All rules by label: commands as prefixes, over what `dispatch` says.
 *
 * @throws {RangeError} when a command is none.
 */
export function rulesByLabel(
  dispatch: Readonly<Record<string, DispatchRule>>,
  prefixes: Readonly<Record<string, string | readonly string[]>>,
): ReadonlyMap<string, DispatchRule> {
  const rules = new Map<string, DispatchRule>(Object.entries(dispatch));
  for (const [label, command] of Object.entries(prefixes)) {
    if (isHere(command)) rules.delete(label);
    else rules.set(label, prefix(command));
  }
  return rules;
}

/** Whether a prefix says that a label is not sent anywhere, whatever other settings say. */
export function isHere(command: unknown): boolean {
  return command === "" || command === "none";
}

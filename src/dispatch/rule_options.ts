/** What rules of dispatch may say, so that a slip of the pen is told. Pure. */
import { didYouMean, unknownName } from "../model/suggest.ts";
import type { DockerRule } from "./docker/rule.ts";
import type { GenericRule } from "./generic/rule.ts";
import type { LsfRule } from "./lsf/rule.ts";
import type { Pack, PrefixRule } from "./prefix/rule.ts";
import type { Backend, DispatchRule } from "./rules.ts";
import type { QueueOptions, SlurmRule } from "./slurm/rule.ts";
import type { SshRule } from "./ssh/rule.ts";

/** All names of a record, by the type that has them. */
type Names<Of> = Record<keyof Of, true>;

const ATTACHED = { backend: true, runner: true, pack: true } as const;
const QUEUE: Names<QueueOptions & { readonly backend: string }> = {
  backend: true,
  pack: true,
  array: true,
  gather: true,
  poll: true,
  limit: true,
  runner: true,
};
const CONTAINER: Names<DockerRule> = {
  ...ATTACHED,
  image: true,
  mounts: true,
  network: true,
  args: true,
  env: true,
  gpus: true,
  user: true,
};
const PREFIX: Names<PrefixRule> = { ...ATTACHED, command: true };
const SSH: Names<SshRule> = { ...ATTACHED, host: true, hosts: true, args: true, cd: true };
const SLURM: Names<SlurmRule> = {
  ...QUEUE,
  partition: true,
  account: true,
  qos: true,
  constraint: true,
  time: true,
  args: true,
};
const LSF: Names<LsfRule> = {
  ...QUEUE,
  queue: true,
  project: true,
  time: true,
  args: true,
  memoryUnit: true,
  perSlot: true,
  jbsub: true,
};
const GENERIC: Names<GenericRule> = {
  ...QUEUE,
  submit: true,
  parseId: true,
  status: true,
  cancel: true,
  states: true,
  parseStatus: true,
};

/** By backend: what its rules may say. */
const RULES: Readonly<Record<Backend, object>> = {
  prefix: PREFIX,
  docker: CONTAINER,
  podman: CONTAINER,
  ssh: SSH,
  slurm: SLURM,
  lsf: LSF,
  generic: GENERIC,
};
const PACK: Names<Exclude<Pack, number>> = { count: true, seconds: true };
const POLL: Names<NonNullable<QueueOptions["poll"]>> = { from: true, to: true };

/** What is wrong with the names in the rule of a label, or nothing. */
export function ruleProblem(label: string, rule: DispatchRule): string | undefined {
  const backends = Object.keys(RULES);
  if (!backends.includes(rule.backend)) {
    return `\`dispatch.${label}\` has no backend "${rule.backend}"${
      didYouMean(rule.backend, backends) || `; there are ${backends.join(", ")}`
    }`;
  }
  const { pack, poll } = rule as QueueOptions;
  const inside = (name: string, given: unknown, known: object): string | undefined =>
    typeof given === "object" && given !== null
      ? unknownName(`dispatch.${label}.${name}`, given, Object.keys(known))
      : undefined;
  return unknownName(`dispatch.${label}`, rule, Object.keys(RULES[rule.backend])) ??
    inside("pack", pack, PACK) ?? inside("poll", poll, POLL);
}

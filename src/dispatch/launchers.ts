/** The one place where rules of dispatch meet the launchers that carry them out; each is loaded when a rule needs it. */
import type * as dockerModule from "./docker/docker.ts";
import type * as genericModule from "./generic/generic.ts";
import type * as lsfModule from "./lsf/lsf.ts";
import type * as prefixModule from "./prefix/prefix.ts";
import type * as slurmModule from "./slurm/slurm.ts";
import type * as sshModule from "./ssh/ssh.ts";
import type { Launcher, LauncherCheck, LauncherListener, LauncherPlace } from "../model/job.ts";
import type { DispatchRule } from "./rules.ts";
import { splitWords } from "./words.ts";

/** Makes a launcher for whoever listens to it. */
export type OpenLauncher = (listener: LauncherListener) => Launcher;

/** Gets the launcher of a rule ready. */
export async function openLauncher(rule: DispatchRule, place: LauncherPlace): Promise<OpenLauncher> {
  switch (rule.backend) {
    case "prefix": {
      const { prefixLauncher }: typeof prefixModule = await import("./prefix/prefix.ts" as string);
      return (listener) => prefixLauncher(rule, listener, place);
    }
    case "docker":
    case "podman": {
      const { dockerLauncher }: typeof dockerModule = await import("./docker/docker.ts" as string);
      return (listener) => dockerLauncher(rule, listener, place);
    }
    case "ssh": {
      const { sshLauncher }: typeof sshModule = await import("./ssh/ssh.ts" as string);
      return (listener) => sshLauncher(rule, listener, place);
    }
    case "slurm": {
      const { slurmLauncher }: typeof slurmModule = await import("./slurm/slurm.ts" as string);
      return (listener) => slurmLauncher(rule, listener, place);
    }
    case "lsf": {
      const { lsfLauncher }: typeof lsfModule = await import("./lsf/lsf.ts" as string);
      return (listener) => lsfLauncher(rule, listener, place);
    }
    case "generic": {
      const { genericLauncher }: typeof genericModule = await import("./generic/generic.ts" as string);
      return (listener) => genericLauncher(rule, listener, place);
    }
  }
}

/** Finds out whether a rule can work. */
export async function checkRule(
  rule: DispatchRule,
  place: Pick<LauncherPlace, "cwd">,
): Promise<LauncherCheck> {
  switch (rule.backend) {
    case "prefix": {
      const { checkPrefix }: typeof prefixModule = await import("./prefix/prefix.ts" as string);
      return await checkPrefix(rule, place);
    }
    case "docker":
    case "podman": {
      const { checkDocker }: typeof dockerModule = await import("./docker/docker.ts" as string);
      return await checkDocker(rule);
    }
    case "ssh": {
      const { checkSsh }: typeof sshModule = await import("./ssh/ssh.ts" as string);
      return await checkSsh(rule, place);
    }
    case "slurm": {
      const { checkSlurm }: typeof slurmModule = await import("./slurm/slurm.ts" as string);
      return await checkSlurm(rule, place);
    }
    case "lsf": {
      const { checkLsf }: typeof lsfModule = await import("./lsf/lsf.ts" as string);
      return await checkLsf(rule, place);
    }
    case "generic": {
      const { checkGeneric }: typeof genericModule = await import("./generic/generic.ts" as string);
      return await checkGeneric(rule, place);
    }
  }
}

/** The command by which a rule starts runner where its jobs run; `undefined` when it is the same as here. */
export function runnerOf(rule: DispatchRule): readonly [string, ...string[]] | undefined {
  const runner = "runner" in rule ? rule.runner : undefined;
  if (runner === undefined) return undefined;
  const [first, ...rest] = typeof runner === "string" ? splitWords(runner) : runner;
  return first === undefined ? undefined : [first, ...rest];
}

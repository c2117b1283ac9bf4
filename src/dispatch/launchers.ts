/** The one place where rules of dispatch meet the launchers that carry them out; each is loaded when a rule needs it. */
import type { Launcher, LauncherCheck, LauncherListener, LauncherPlace } from "../model/job.ts";
import type { DispatchRule } from "./rules.ts";
import { splitWords } from "./words.ts";

/** Makes a launcher for whoever listens to it. */
export type OpenLauncher = (listener: LauncherListener) => Launcher;

/** Gets the launcher of a rule ready. */
export async function openLauncher(rule: DispatchRule, place: LauncherPlace): Promise<OpenLauncher> {
  switch (rule.backend) {
    case "prefix": {
      const { prefixLauncher } = await import("./prefix/prefix.ts");
      return (listener) => prefixLauncher(rule, listener, place);
    }
    case "docker":
    case "podman": {
      const { dockerLauncher } = await import("./docker/docker.ts");
      return (listener) => dockerLauncher(rule, listener, place);
    }
    case "ssh": {
      const { sshLauncher } = await import("./ssh/ssh.ts");
      return (listener) => sshLauncher(rule, listener, place);
    }
    case "slurm": {
      const { slurmLauncher } = await import("./slurm/slurm.ts");
      return (listener) => slurmLauncher(rule, listener, place);
    }
    case "lsf": {
      const { lsfLauncher } = await import("./lsf/lsf.ts");
      return (listener) => lsfLauncher(rule, listener, place);
    }
    case "generic": {
      const { genericLauncher } = await import("./generic/generic.ts");
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
    case "prefix":
      return await (await import("./prefix/prefix.ts")).checkPrefix(rule, place);
    case "docker":
    case "podman":
      return await (await import("./docker/docker.ts")).checkDocker(rule);
    case "ssh":
      return await (await import("./ssh/ssh.ts")).checkSsh(rule, place);
    case "slurm":
      return await (await import("./slurm/slurm.ts")).checkSlurm(rule, place);
    case "lsf":
      return await (await import("./lsf/lsf.ts")).checkLsf(rule, place);
    case "generic":
      return await (await import("./generic/generic.ts")).checkGeneric(rule, place);
  }
}

/** The command by which a rule starts runner where its jobs run; `undefined` when it is the same as here. */
export function runnerOf(rule: DispatchRule): readonly [string, ...string[]] | undefined {
  const runner = "runner" in rule ? rule.runner : undefined;
  if (runner === undefined) return undefined;
  const [first, ...rest] = typeof runner === "string" ? splitWords(runner) : runner;
  return first === undefined ? undefined : [first, ...rest];
}

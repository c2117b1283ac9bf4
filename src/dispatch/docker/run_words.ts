/** The words of `docker run` for a job. */
import process from "node:process";
import type { Job } from "../../model/job.ts";
import { fillTemplate, readWords, type Template } from "../template.ts";
import { mountsOf, mountText } from "./mounts.ts";
import type { DockerRule } from "./rule.ts";

/** What is the same for all jobs of a rule. */
export interface RunPlace {
  readonly rule: DockerRule;
  /** Where Deno keeps downloaded modules. */
  readonly denoFolder: string | undefined;
  /** The words that give containers a first process which passes signals on and buries the dead. */
  readonly init: readonly string[];
  /** The rule's own words, read. */
  readonly args: Template | undefined;
}

/**
 * Reads what is the same for all jobs.
 *
 * @throws {RangeError} when `args` are no templates.
 */
export function runPlace(
  rule: DockerRule,
  denoFolder: string | undefined,
  init: readonly string[],
): RunPlace {
  const args = rule.args === undefined || rule.args.length === 0 ? undefined : readWords(rule.args);
  return { rule, denoFolder, init, args };
}

/** The command that runs a job in a container. */
export function runWords({ rule, denoFolder, init, args }: RunPlace, job: Job): [string, ...string[]] {
  const mounts = mountsOf(rule, job, denoFolder);
  const seesModules = mounts.some(({ source, target }) => source === denoFolder && target === denoFolder);
  const user = rule.user ?? ownUser();
  const [first, ...rest] = job.command;
  return [
    rule.backend,
    "run",
    "--rm",
    ...init,
    "--pull=never",
    // What it prints goes to a file of ours.
    "--log-driver=none",
    ...["--name", job.name, "--label", `runner.run=${job.fields.run}`, "--label", `runner.job=${job.name}`],
    ...(user === undefined ? [] : ["--user", user]),
    // Root of this machine is root inside; without that, Podman makes other users of them.
    ...(rule.backend === "podman" && process.getuid?.() !== 0 ? ["--userns=keep-id"] : []),
    ...["--workdir", job.cwd],
    ...mounts.flatMap((mount) => ["--mount", mountText(mount)]),
    ...["--env", "HOME=/tmp"],
    ...(seesModules ? ["--env", `DENO_DIR=${denoFolder}`] : []),
    ...(rule.env ?? []).flatMap((variable) => ["--env", variable]),
    ...resourceWords(rule, job),
    ...(rule.network === undefined ? [] : ["--network", rule.network]),
    ...(args === undefined ? [] : fillTemplate(args, job)),
    // Not by the image's own entry point, which may do anything with a command.
    `--entrypoint=${first}`,
    rule.image,
    ...rest,
  ];
}

function resourceWords({ backend, gpus }: DockerRule, { resources: { cpu, mem, gpu } }: Job): string[] {
  const words: string[] = [];
  if (cpu !== undefined && cpu > 0) words.push("--cpus", String(cpu));
  // As much with swap as without: memory that is short is to be told, not to be slow.
  if (mem !== undefined) words.push("--memory", `${Math.ceil(mem)}b`, "--memory-swap", `${Math.ceil(mem)}b`);
  if (gpu !== undefined && gpu > 0) {
    if (backend === "docker") words.push("--gpus", gpus ?? String(gpu));
    else words.push("--device", `nvidia.com/gpu=${gpus ?? "all"}`);
  }
  return words;
}

/** Who runs this program. */
function ownUser(): string | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  return uid === undefined || gid === undefined ? undefined : `${uid}:${gid}`;
}

/** What can be said of the ways to run tasks before anybody uses them: which commands are there, and what they say. */
import os from "node:os";
import { commandProblem, findCommand } from "./attached/command.ts";
import { memoryUnit } from "./lsf/unit.ts";
import type { LsfRule } from "./lsf/rule.ts";
import { sandboxProgram } from "../runtime/sandbox_program.ts";
import { runCommand } from "./queue/command.ts";

/** The ways that can be looked at without a rule. */
export const EXAMINED = ["slurm", "lsf", "docker", "podman", "ssh", "sandbox"] as const;
/** One of them. */
export type Examined = typeof EXAMINED[number];

/** What was found. */
export interface Finding {
  readonly works: boolean;
  /** For people: each is a sentence. */
  readonly says: readonly string[];
}

type Place = Parameters<typeof runCommand>[1];

/** Commands that each way needs. */
const COMMANDS: Readonly<Record<Examined, readonly string[]>> = {
  slurm: ["sbatch", "squeue", "scancel"],
  lsf: ["bsub", "bjobs", "bkill"],
  docker: ["docker"],
  podman: ["podman"],
  ssh: ["ssh"],
  sandbox: [],
};

/** Looks at one way. */
export async function examine(backend: Examined, place: Place): Promise<Finding> {
  for (const command of COMMANDS[backend]) {
    const problem = commandProblem(command, place.cwd);
    if (problem !== undefined) return { works: false, says: [problem.replace(/ \(PATH .*\)$/, "")] };
  }
  switch (backend) {
    case "slurm": {
      const version = await asked(["sinfo", "--version"], place);
      const partitions = await asked(["sinfo", "--noheader", "--format=%P %a %D"], place);
      if (partitions.code !== 0) return { works: false, says: [said(partitions)] };
      const known = partitions.stdout.trim().split("\n").map((line) => line.trim().split(/\s+/));
      return {
        works: true,
        says: [
          version.stdout.trim(),
          `partitions: ${known.map(([name, is, nodes]) => `${name} (${is}, ${nodes} nodes)`).join(", ")}`,
        ],
      };
    }
    case "lsf": {
      const version = await asked(["bsub", "-V"], place);
      return {
        works: true,
        says: [
          ...(version.code === 0 ? firstLine(version.stderr || version.stdout) : []),
          await memorySays(undefined, place),
        ],
      };
    }
    case "docker":
    case "podman": {
      const info = await asked([backend, "version", "--format", "{{.Server.Version}}"], place);
      // Podman without a service has no server of its own.
      const client = info.code === 0
        ? info
        : await asked([backend, "version", "--format", "{{.Client.Version}}"], place);
      const works = info.code === 0 || backend === "podman" && client.code === 0;
      return works
        ? { works, says: [`${backend} ${(info.code === 0 ? info : client).stdout.trim()}`] }
        : { works, says: [`${backend} on host ${os.hostname()} does not answer: ${said(info)}`] };
    }
    case "ssh": {
      const version = await asked(["ssh", "-V"], place);
      return {
        works: true,
        says: [...firstLine(version.stderr), `at ${findCommand("ssh", place.cwd)}; a rule names the hosts`],
      };
    }
    case "sandbox": {
      const program = sandboxProgram();
      return typeof program === "string"
        ? { works: false, says: [program] }
        : { works: true, says: [`tasks with permissions run in ${program[0]}`] };
    }
  }
}

/** In which unit memory limits go to LSF. */
export async function memorySays(rule: LsfRule | undefined, place: Place): Promise<string> {
  const { unit, from } = rule?.memoryUnit === undefined
    ? await memoryUnit(place)
    : { unit: rule.memoryUnit, from: "memoryUnit of the rule" };
  const whose = rule?.perSlot ? "for each slot" : "for each job";
  return `memory limits are told in ${unit} (${from}), ${whose}`;
}

async function asked(command: readonly [string, ...string[]], place: Place) {
  try {
    return await runCommand(command, place);
  } catch (error) {
    return { code: 1, stdout: "", stderr: (error as Error).message };
  }
}

function said({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): string {
  return (stderr.trim() || stdout.trim()).split("\n").slice(0, 3).join("; ") || `exit code ${code}`;
}

function firstLine(text: string): string[] {
  const line = text.trim().split("\n")[0]!;
  return line === "" ? [] : [line];
}

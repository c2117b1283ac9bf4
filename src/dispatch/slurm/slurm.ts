/** Jobs through Slurm. */
import type { Job, Launcher, LauncherCheck, LauncherListener, LauncherPlace } from "../../model/job.ts";
import { milliseconds } from "../../model/duration.ts";
import { inUnit } from "../../model/resources.ts";
import { didYouMean } from "../../model/suggest.ts";
import { mustRun, runCommand } from "../queue/command.ts";
import { mannerOf } from "../queue/manner.ts";
import { type Queue, QueueError, type Submission } from "../queue/queue.ts";
import { QueueLauncher } from "../queue/queue_launcher.ts";
import { fillTemplate, readWords } from "../template.ts";
import { quoteWords } from "../../model/quoting.ts";
import { after } from "../../runtime/after.ts";
import { parseSacct, parseSqueue, SQUEUE_COLUMNS } from "./parse.ts";
import type { SlurmRule } from "./rule.ts";

/** Makes a launcher of jobs through Slurm. */
export function slurmLauncher(
  rule: SlurmRule,
  listener: LauncherListener,
  place: LauncherPlace,
): Launcher {
  return new QueueLauncher(slurmQueue(rule, place), mannerOf(rule), listener, place);
}

/** Whether Slurm is there, and the partition. */
export async function checkSlurm(rule: SlurmRule, place: Pick<LauncherPlace, "cwd">): Promise<LauncherCheck> {
  const here = { ...place, after };
  try {
    const known = (await mustRun(["sinfo", "--noheader", "--format=%R"], here)).split("\n")
      .map((name) => name.trim()).filter((name) => name !== "");
    const { partition } = rule;
    const absent = partition?.split(",").find((name) => !known.includes(name));
    const problem = absent === undefined
      ? undefined
      : `Slurm has no partition "${absent}"${didYouMean(absent, known) || `; there are ${known.join(", ")}`}`;
    return { problem, identity: "" };
  } catch (error) {
    return { problem: (error as Error).message, identity: "" };
  }
}

/** Slurm's commands. */
function slurmQueue(rule: SlurmRule, place: LauncherPlace): Queue {
  let accounting = true;
  const args = readWords(rule.args ?? []);
  const command = ({ jobs, name, script, avoid }: Submission): [string, ...string[]] => {
    const [first] = jobs as readonly [Job];
    const { cpu, mem, gpu, time = rule.time === undefined ? undefined : milliseconds(rule.time) } =
      first.resources;
    return [
      "sbatch",
      "--parsable",
      `--job-name=${name}`,
      `--chdir=${first.cwd}`,
      "--output=/dev/null",
      "--error=/dev/null",
      ...(jobs.length > 1 ? [`--array=0-${jobs.length - 1}`] : []),
      ...(rule.partition === undefined ? [] : [`--partition=${rule.partition}`]),
      ...(rule.account === undefined ? [] : [`--account=${rule.account}`]),
      ...(rule.qos === undefined ? [] : [`--qos=${rule.qos}`]),
      ...(rule.constraint === undefined ? [] : [`--constraint=${rule.constraint}`]),
      ...(cpu === undefined ? [] : [`--cpus-per-task=${Math.max(1, Math.ceil(cpu))}`]),
      ...(mem === undefined ? [] : [`--mem=${inUnit(mem, "m")}M`]),
      ...(gpu === undefined || gpu === 0 ? [] : [`--gres=gpu:${gpu}`]),
      // Slurm counts in minutes. What a pack's attempts take adds up.
      ...(time === undefined ? [] : [`--time=${Math.ceil(time * first.size / 60_000)}`]),
      ...(avoid.length === 0 ? [] : [`--exclude=${avoid.join(",")}`]),
      ...fillTemplate(args, first),
      script,
    ];
  };
  const masters = (ids: readonly string[]) => [...new Set(ids.map((id) => id.split("_")[0]!))];
  return {
    name: "Slurm",
    indexVariable: "SLURM_ARRAY_TASK_ID",
    firstIndex: 0,
    restartVariable: "SLURM_RESTART_COUNT",
    most: 1_000,
    // The numbers of elements are less than that.
    siteMost: async () => {
      const { stdout } = await runCommand(["scontrol", "show", "config"], place);
      return Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(stdout)?.[1] ?? Infinity);
    },
    kindOf: (job) => JSON.stringify(fillTemplate(args, job)),
    submit: async (submission) => {
      const out = await mustRun(command(submission), place);
      // `123;cluster` where there are several.
      const id = /^(\d+)/m.exec(out)?.[1];
      if (id === undefined) throw new QueueError(`sbatch gave no id, but: ${out.trim()}`, false);
      return elements(id, submission.jobs.length);
    },
    states: async (ids) => {
      const { code, stdout, stderr } = await runCommand([
        "squeue",
        "--noheader",
        "--array",
        "--states=all",
        `--Format=${SQUEUE_COLUMNS}`,
        `--jobs=${masters(ids).join(",")}`,
      ], place);
      if (code !== 0 && !/invalid job id/i.test(stderr)) {
        throw new QueueError(`squeue ended with exit code ${code}: ${stderr.trim()}`, true);
      }
      return parseSqueue(stdout);
    },
    past: async (ids) => {
      if (!accounting) return new Map();
      const format = "--format=JobID,State,ExitCode,NodeList";
      const { code, stdout } = await runCommand(
        ["sacct", "--noheader", "--parsable2", "--allocations", `--jobs=${ids.join(",")}`, format],
        place,
      ).catch(() => ({ code: 1, stdout: "" }));
      // Many clusters have none.
      if (code !== 0) accounting = false;
      // They may be late: what they take for alive is no news.
      return new Map([...parseSacct(stdout)].filter(([, state]) => state.kind === "ended"));
    },
    find: async (name, count) => {
      const queued = await mustRun(
        ["squeue", "--noheader", "--states=all", `--name=${name}`, "--format=%F"],
        place,
      );
      const known = /\d+/.exec(queued)?.[0];
      if (known !== undefined) return elements(known, count);
      if (!accounting) return undefined;
      const past = await runCommand(
        ["sacct", "--noheader", "--parsable2", "--allocations", `--name=${name}`, "--format=JobID"],
        place,
      ).catch(() => ({ code: 1, stdout: "" }));
      const id = past.code === 0 ? /^\d+/.exec(past.stdout)?.[0] : undefined;
      return id === undefined ? undefined : elements(id, count);
    },
    cancel: async (ids) => {
      const { code, stderr } = await runCommand(["scancel", ...ids], place);
      const over = /invalid job id|already (completing|completed)/i.test(stderr);
      if (code !== 0 && !over) throw new QueueError(`scancel: ${stderr.trim()}`, true);
    },
    byHand: (submission) => quoteWords(command(submission)),
    cancelByHand: (ids) => quoteWords(["scancel", ...ids]),
  };
}

/** The ids of what was submitted as one: of an array, `123_0` and on. */
function elements(id: string, count: number): string[] {
  return count === 1 ? [id] : Array.from({ length: count }, (_, index) => `${id}_${index}`);
}

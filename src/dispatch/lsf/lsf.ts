/** Jobs through LSF. */
import { milliseconds } from "../../model/duration.ts";
import type { Job, Launcher, LauncherCheck, LauncherListener, LauncherPlace } from "../../model/job.ts";
import { inUnit } from "../../model/resources.ts";
import { didYouMean } from "../../model/suggest.ts";
import { commandProblem } from "../attached/command.ts";
import { mustRun, runCommand } from "../queue/command.ts";
import { mannerOf } from "../queue/manner.ts";
import { type Queue, QueueError, type Submission } from "../queue/queue.ts";
import { QueueLauncher } from "../queue/queue_launcher.ts";
import { fillTemplate, readWords } from "../template.ts";
import { quoteWord, quoteWords } from "../../model/quoting.ts";
import { after } from "../../runtime/after.ts";
import { BJOBS_FIELDS, parseBjobs, submittedId } from "./parse.ts";
import type { LsfRule } from "./rule.ts";
import { configuredUnit, memoryUnit } from "./unit.ts";

/** Makes a launcher of jobs through LSF. */
export function lsfLauncher(rule: LsfRule, listener: LauncherListener, place: LauncherPlace): Launcher {
  return new QueueLauncher(lsfQueue(rule, place), mannerOf(rule), listener, place);
}

/** Whether LSF's commands are there, and the queue. */
export async function checkLsf(rule: LsfRule, place: Pick<LauncherPlace, "cwd">): Promise<LauncherCheck> {
  for (const command of [rule.jbsub ? "jbsub" : "bsub", "bjobs", "bkill"]) {
    const problem = commandProblem(command, place.cwd);
    if (problem !== undefined) return { problem, identity: "" };
  }
  // Where there is no `bqueues`, the submission itself will tell.
  if (rule.queue === undefined || rule.jbsub || commandProblem("bqueues", place.cwd) !== undefined) {
    return { problem: undefined, identity: "" };
  }
  const { stdout } = await runCommand(["bqueues", "-w"], {
    cwd: place.cwd,
    after,
  });
  const known = stdout.split("\n").slice(1).flatMap((line) => /^\S+/.exec(line)?.[0] ?? []);
  const problem = known.length === 0 || known.includes(rule.queue)
    ? undefined
    : `LSF has no queue "${rule.queue}"${didYouMean(rule.queue, known) || `; there are ${known.join(", ")}`}`;
  return { problem, identity: "" };
}

/** LSF's commands. */
function lsfQueue(rule: LsfRule, place: LauncherPlace): Queue {
  let unit = rule.memoryUnit;
  const memory = (bytes: number, cpu: number): string => {
    const whole = rule.perSlot ? bytes / cpu : bytes;
    return String(
      inUnit(whole, { KB: "k", MB: "m", GB: "g" }[unit ?? configuredUnit()?.unit ?? "KB"] as "k" | "m" | "g"),
    );
  };
  const args = readWords(rule.args ?? []);
  const command = ({ jobs, name, script, avoid }: Submission): [string, ...string[]] => {
    const [first] = jobs as readonly [Job];
    const { mem, gpu = 0, time = rule.time === undefined ? undefined : milliseconds(rule.time) } =
      first.resources;
    const cpu = Math.max(1, Math.ceil(first.resources.cpu ?? 1));
    const array = jobs.length > 1 ? `${name}[1-${jobs.length}]` : name;
    const more = fillTemplate(args, first);
    if (rule.jbsub) {
      return [
        "jbsub",
        ...["-name", array, "-out", "/dev/null", "-cores", `${cpu}+${gpu}`],
        ...(rule.queue === undefined ? [] : ["-queue", rule.queue]),
        ...(rule.project === undefined ? [] : ["-proj", rule.project]),
        ...(mem === undefined ? [] : ["-mem", `${inUnit(mem, "g")}g`]),
        ...more,
        quoteWord(script),
      ];
    }
    return [
      "bsub",
      ...["-J", array, "-o", "/dev/null", "-cwd", first.cwd, "-n", String(cpu)],
      ...(cpu > 1 ? ["-R", "span[hosts=1]"] : []),
      ...(rule.queue === undefined ? [] : ["-q", rule.queue]),
      ...(rule.project === undefined ? [] : ["-P", rule.project]),
      ...(mem === undefined ? [] : ["-M", memory(mem, cpu), "-R", `rusage[mem=${memory(mem, cpu)}]`]),
      ...(gpu === 0 ? [] : ["-gpu", `num=${gpu}`]),
      // LSF counts in minutes.
      ...(time === undefined ? [] : ["-W", String(Math.ceil(time * first.size / 60_000))]),
      ...(avoid.length === 0
        ? []
        : ["-R", `select[${avoid.map((host) => `hname!='${host}'`).join(" && ")}]`]),
      ...more,
      // What stands behind the options is read by a shell.
      quoteWord(script),
    ];
  };
  const masters = (ids: readonly string[]) => [...new Set(ids.map((id) => id.replace(/\[.*/, "")))];
  return {
    name: "LSF",
    indexVariable: "LSB_JOBINDEX",
    firstIndex: 1,
    most: 1_000,
    kindOf: (job) => JSON.stringify(fillTemplate(args, job)),
    submit: async (submission) => {
      if (!rule.jbsub) unit ??= (await memoryUnit(place)).unit;
      const out = await mustRun(command(submission), place);
      const id = submittedId(out);
      if (id === undefined) throw new QueueError(`bsub gave no id, but: ${out.trim()}`, false);
      return elements(id, submission.jobs.length);
    },
    states: async (ids) => {
      const asked = ["bjobs", "-a", "-noheader", "-o", BJOBS_FIELDS, ...masters(ids)] as const;
      let { code, stdout, stderr } = await runCommand(asked, place);
      // Older ones know no reason for an exit.
      if (code !== 0 && /exit_reason|illegal|unknown field/i.test(stderr)) {
        ({ code, stdout, stderr } = await runCommand(
          ["bjobs", "-a", "-noheader", "-o", "jobid jobindex stat exit_code", ...masters(ids)],
          place,
        ));
      }
      const gone = /is not found|no (matching|unfinished) job/i.test(stderr);
      if (code !== 0 && !gone && stdout.trim() === "") {
        throw new QueueError(`bjobs ended with exit code ${code}: ${stderr.trim()}`, true);
      }
      const states = parseBjobs(stdout);

      return states;
    },
    past: () => Promise.resolve(new Map()),
    find: async (name, count) => {
      const { stdout } = await runCommand(["bjobs", "-a", "-noheader", "-J", name, "-o", "jobid"], place);
      const id = /^\s*(\d+)/m.exec(stdout)?.[1];
      return id === undefined ? undefined : elements(id, count);
    },
    cancel: async (ids) => {
      const { code, stderr } = await runCommand(["bkill", ...ids], place);
      const over = /already finished|no matching job|is not found/i.test(stderr);
      if (code !== 0 && !over) throw new QueueError(`bkill: ${stderr.trim()}`, true);
    },
    byHand: (submission) => quoteWords(command(submission)),
    cancelByHand: (ids) => quoteWords(["bkill", ...ids]),
  };
}

/** The ids of what was submitted as one: of an array, `123[1]` and on. */
function elements(id: string, count: number): string[] {
  return count === 1 ? [id] : Array.from({ length: count }, (_, index) => `${id}[${index + 1}]`);
}

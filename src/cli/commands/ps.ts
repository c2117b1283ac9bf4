/** `runner ps`: the runs that are under way here, what they have sent elsewhere, and which shared limits they hold. */
import os from "node:os";
import { dirname, resolve } from "node:path";
import { alignRows } from "../../report/rows.ts";
import { readableDuration } from "../../model/duration.ts";
import { lastSeen, readRecords, type RunRecord, stateOfRun } from "../../store/run_record.ts";
import { type Holder, leaseHolders } from "../../store/holders.ts";
import type { JournalJob } from "../../execute/jobs/journal.ts";
import { jobsFolder } from "../../store/layout.ts";
import { openJobOf } from "../../wire/left_jobs.ts";
import { openJobs } from "../../wire/leftovers.ts";
import { typed } from "../../wire/typed.ts";
import type { Entry } from "../../wire.ts";
import { readArguments, usage } from "../arguments.ts";
import { refuseOptions } from "../one_run.ts";
import { print } from "../output.ts";

const HELP = `Usage: runner ps [--state folder] [--all] [--json]

Lists the runs that are under way and those that were cut off, with the jobs they have sent elsewhere and the shared limits
that are held. --all lists runs that have failed or were cancelled too, and those whose work another run has done since.
`;

/** What is shorter, in milliseconds, is the time that it takes to note the run. */
const LEAST = 100;

/** Lists runs. */
export function command(args: readonly string[], entry: Entry): Promise<number> {
  const parsed = readArguments(args, { values: ["state"], flags: ["all", "json", "help"] });
  refuseOptions(parsed, "ps");
  if (parsed.flags.has("help")) {
    print(HELP);
    return Promise.resolve(0);
  }
  if (parsed.words.length > 0) throw usage(`ps takes no ${parsed.words[0]}: it lists all runs`);
  const state = resolve(parsed.values["state"] ?? ".runner");
  const runs = readRecords(state).map((record) => ({
    record,
    is: stateOfRun(record),
    jobs: openJobs(record.jobs),
  }))
    .filter(({ is, jobs }) =>
      parsed.flags.has("all") || !["failed", "cancelled", "done"].includes(is) || jobs.length > 0
    );
  const folders = new Set(runs.flatMap(({ record }) => record.leases ?? []));
  const held = [...folders].flatMap((folder) =>
    leaseHolders(folder, os.hostname()).map((holder) => withJob(holder, jobsFolder(dirname(folder))))
  );
  if (parsed.flags.has("json")) {
    for (const { record, is, jobs } of runs) {
      print(`${JSON.stringify({ ...record, is, jobs })}\n`);
    }
    for (const lease of held) print(`${JSON.stringify({ lease })}\n`);
    return Promise.resolve(0);
  }
  print(
    runs.length === 0 ? `No runs are under way in ${state}\n` : listing(state, runs, held, typed(entry.cli)),
  );
  return Promise.resolve(0);
}

/** A slot of a shared limit, and the job that it is held for when its holder is no more. */
type HeldSlot = Holder & { readonly leftJob?: JournalJob };

function withJob(holder: Holder, folder: string): HeldSlot {
  const leftJob = holder.alive || holder.job === undefined ? undefined : openJobOf(folder, holder.job);
  return leftJob === undefined ? holder : { ...holder, leftJob };
}

/** How long a run has gone on; of one whose end nobody has seen, how long it was seen to. */
function timeText(is: string, millis: number): string {
  if (is !== "cut off" && is !== "elsewhere") return readableDuration(Math.max(0, millis));
  return millis < LEAST ? "seen at its start" : `seen for ${readableDuration(millis)}`;
}

function listing(
  state: string,
  runs: readonly { readonly record: RunRecord; readonly is: string; readonly jobs: readonly unknown[] }[],
  held: readonly HeldSlot[],
  program: () => string,
): string {
  const rows = runs.map(({ record, is, jobs }) => [
    record.run,
    is,
    timeText(is, lastSeen(state, record) - record.began),
    `${record.host}:${record.pid}`,
    jobs.length === 0 ? "" : `${jobs.length} ${jobs.length === 1 ? "job" : "jobs"} out`,
    record.args === undefined ? "(a program)" : `runner ${record.args.join(" ")}`,
  ]);
  const limits = held.map(({ name, slot, run, who, alive, leftJob }) => [
    `limit ${name}, slot ${slot}`,
    alive ? "held" : leftJob === undefined ? "left behind" : "left to its job",
    run,
    who,
    leftJob === undefined ? "" : `${leftJob.backend} job ${leftJob.id ?? leftJob.name} may go on`,
  ]);
  const hints = runs.flatMap(({ record, is }) =>
    is === "cut off"
      ? [
        `\n"${program()} resume ${record.run}" goes on, "${program()} cancel ${record.run}" ends what is left of it`,
      ]
      : []
  );
  return `${alignRows(rows).join("\n")}\n${limits.length === 0 ? "" : `${alignRows(limits).join("\n")}\n`}${
    hints.join("")
  }${hints.length === 0 ? "" : "\n"}`;
}

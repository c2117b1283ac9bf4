/** `runner resume`: goes on with a run that was cut off, has failed or was cancelled, by the command that started it. */
import process from "node:process";
import { resolve } from "node:path";
import { DefinitionError } from "../../model/failure.ts";
import { markOver, readRecords, stateOfRun } from "../../store/run_record.ts";
import type { Entry } from "../../wire.ts";
import { typed } from "../../wire/typed.ts";
import { readArguments } from "../arguments.ts";
import { oneRun, overText, recordText, refuseOptions } from "../one_run.ts";
import { commandLine, RESUMES } from "../rerun.ts";
import { RUN_NAMES } from "../run_names.ts";
import { complain } from "../../runtime/program.ts";
import { print } from "../output.ts";

/** The help of `resume`. */
export const HELP = `Usage: runner resume <run> [--state folder]

Starts the command of a run again, in the folder it was started in: what has succeeded is up to date (what
--force has made anew is not made anew once more), jobs that are still on a cluster are taken over instead of being submitted
again, and the rest runs.

${RUN_NAMES}
last is the latest that was cut off, or where none was, the latest of all; "runner ps" lists runs that were cut off,
"runner ps --all" those that failed too.
`;

/** Goes on with a run. */
export async function command(
  args: readonly string[],
  entry: Entry,
  again: (args: readonly string[], entry: Entry) => Promise<number>,
): Promise<number> {
  const parsed = readArguments(args, { values: ["state"], flags: ["help"] });
  refuseOptions(parsed, "resume");
  if (parsed.flags.has("help")) {
    print(HELP);
    return 0;
  }
  const program = typed(entry.cli)();
  const state = resolve(parsed.values["state"] ?? ".runner");
  const found = oneRun(state, parsed.words, "resume");
  const refuse = (problem: string): never => {
    throw new DefinitionError([{ kind: "bad-target", problem }]);
  };
  if (found.kind === "over") {
    const { run, past } = found;
    const command = past?.command?.replace(/^runner(?= )/, () => program);
    const again = command === undefined ? "" : `; to run it once more: ${command}`;
    return refuse(`${overText(run, past)}: there is nothing to go on with${again}`);
  }
  const { record } = found;
  const is = stateOfRun(record);
  if (is === "done") {
    refuse(
      `${recordText(record, is)}: there is nothing to go on with${
        record.args === undefined
          ? ""
          : `; to run it once more: ${commandLine(record.args.slice(1), program)}`
      }`,
    );
  }
  if (is === "running") {
    refuse(`${record.run} is running as process ${record.pid}; "${program} cancel ${record.run}" stops it`);
  }
  if (is === "elsewhere") {
    refuse(
      `${record.run} was started on host ${record.host}, and only there can it be told whether it still runs: resume it there`,
    );
  }
  const other = readRecords(state).find((one) =>
    one.resumes === record.run && ["running", "elsewhere"].includes(stateOfRun(one))
  );
  if (other !== undefined) {
    refuse(
      `run ${other.run} goes on with ${record.run} already, as process ${other.pid} on host ${other.host}: ` +
        `wait for it, or end it by "${program} cancel ${other.run}"`,
    );
  }
  if (record.args === undefined) {
    return refuse(`${record.run} was started by a program that uses the library: start that program again`);
  }
  const [run, ...words] = record.args;
  const folder = record.cwd === process.cwd() ? "" : ` (in ${record.cwd})`;
  complain(`resuming: ${commandLine(words, program)}${folder}\n`);
  process.chdir(record.cwd);
  const code = await again([run!, `${RESUMES}${record.run}`, ...words], entry);
  // What it has left has been taken up, unless there was no run, or one that was ended itself.
  if (code === 1) markOver(state, record, "failed");
  return code;
}

/** `runner cancel`: asks a run to stop, or ends what a run that was cut off has left behind. */
import { resolve } from "node:path";
import { askToStop, markOver, stateOfRun } from "../../store/run_record.ts";
import { endJobs, openJobs } from "../../wire/leftovers.ts";
import { readArguments } from "../arguments.ts";
import { RUN_NAMES } from "../run_names.ts";
import { oneRun, overText, recordText, refuseOptions } from "../one_run.ts";
import { complain } from "../../runtime/program.ts";
import { print } from "../output.ts";

/** The help of `cancel`. */
export const HELP = `Usage: runner cancel <run> [--now] [--state folder]

Asks a run to stop, as Ctrl-C does; --now ends it, as the second Ctrl-C does. Of a run that was cut off, ends the jobs it has
left on a cluster, in containers or on other hosts; what does not end within a minute is named, with the command to end it by
hand, and the exit code is 3.

${RUN_NAMES}
last is the latest that is under way or was cut off; "runner ps" lists them.
`;

/** Ends a run. */
export async function command(args: readonly string[]): Promise<number> {
  const parsed = readArguments(args, { values: ["state"], flags: ["now", "help"] });
  refuseOptions(parsed, "cancel");
  if (parsed.flags.has("help")) {
    print(HELP);
    return 0;
  }
  const state = resolve(parsed.values["state"] ?? ".runner");
  const found = oneRun(state, parsed.words, "cancel");
  if (found.kind === "over") {
    print(`${overText(found.run, found.past)}; there is nothing to cancel\n`);
    return 0;
  }
  const { record } = found;
  const is = stateOfRun(record);
  if (is === "running" || is === "elsewhere") {
    askToStop(state, record.run, parsed.flags.has("now"));
    print(
      `asked ${record.run} on host ${record.host} to ${parsed.flags.has("now") ? "end" : "stop"}\n`,
    );
    return 0;
  }
  if (openJobs(record.jobs).length === 0) {
    markOver(state, record, "cancelled");
    print(`${recordText(record, is)}, and has left nothing behind\n`);
    return 0;
  }
  const { ended, left } = await endJobs(record.run, record.jobs, record.cwd, {
    tell: (message) => complain(`runner: ${message}\n`),
  });
  print(`ended ${ended.length} ${ended.length === 1 ? "job" : "jobs"} of ${record.run}\n`);
  if (left.length === 0) {
    markOver(state, record, "cancelled");
    return 0;
  }
  for (const { text, command } of left) {
    complain(
      `runner: could not end ${text}\n${command === undefined ? "" : `    to try it by hand: ${command}\n`}`,
    );
  }
  return 3;
}

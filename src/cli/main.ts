/** From arguments to an exit code. Commands are loaded when they are asked for: `--version` must be quick. */
import type * as errorsModule from "./errors.ts";
import type * as helpModule from "./help.ts";
import type { Entry } from "../wire.ts";
import { VERSION } from "../model/version.ts";
import { complain } from "../runtime/program.ts";
import { outputProblem, print } from "./output.ts";

/** One command: does its work and gives the exit code. */
export type Command = (args: readonly string[], entry: Entry, again: typeof main) => Promise<number>;

/** A module that has a command. */
type Loaded = Promise<{ readonly command: Command }>;

// `as string` wherever something is loaded only when it is asked for: Deno would read it, and all that it imports, at each start.
const COMMANDS: Readonly<Record<string, () => Loaded>> = {
  run: () => import("./commands/run.ts" as string),
  list: () => import("./commands/list.ts" as string),
  explain: () => import("./commands/explain.ts" as string),
  plan: () => import("./commands/plan.ts" as string),
  graph: () => import("./commands/graph.ts" as string),
  ps: () => import("./commands/ps.ts" as string),
  cancel: () => import("./commands/cancel.ts" as string),
  resume: () => import("./commands/resume.ts" as string),
  history: () => import("./commands/history.ts" as string),
  cache: () => import("./commands/cache.ts" as string),
  doctor: () => import("./commands/doctor.ts" as string),
  exec: () => import("./commands/exec.ts" as string),
  __host: () => import("./host.ts" as string),
};

/** Runs the command line; gives the exit code: 0 ok, 1 a task failed, 2 usage or definition, 3 environment, 130/143 cancelled. */
export async function main(args: readonly string[], entry: Entry): Promise<number> {
  const code = await run(args, entry);
  const problem = outputProblem();
  if (problem === undefined || code !== 0) return code;
  complain(`error: ${problem}\n`);
  return 3;
}

async function run([name, ...rest]: readonly string[], entry: Entry): Promise<number> {
  if (name === "--version" || name === "-V" || name === "version") {
    print(`runner ${VERSION}\n`);
    return 0;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const { HELP }: typeof helpModule = await import("./help.ts" as string);
    (name === undefined ? complain : print)(HELP);
    return name === undefined ? 2 : 0;
  }
  try {
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (load === undefined) {
      const { unknownCommand }: typeof helpModule = await import("./help.ts" as string);
      const names = Object.keys(COMMANDS).filter((one) => !one.startsWith("_"));
      throw unknownCommand(name, names, entry.cli);
    }
    return await (await load()).command(rest, entry, main);
  } catch (error) {
    const { exitCodeOf, printError }: typeof errorsModule = await import("./errors.ts" as string);
    printError(error);
    return exitCodeOf(error);
  }
}

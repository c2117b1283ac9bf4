/** From arguments to an exit code. Commands are loaded when they are asked for: `--version` must be quick. */
import process from "node:process";
import type { Entry } from "../wire.ts";
import { VERSION } from "../model/version.ts";

/** One command: does its work and gives the exit code. */
export type Command = (args: readonly string[], entry: Entry, again: typeof main) => Promise<number>;

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./commands/run.ts")).runCommand,
  list: async () => (await import("./commands/list.ts")).listCommand,
  explain: async () => (await import("./commands/explain.ts")).explainCommand,
  plan: async () => (await import("./commands/plan.ts")).planCommand,
  graph: async () => (await import("./commands/graph.ts")).graphCommand,
  ps: async () => (await import("./commands/ps.ts")).psCommand,
  cancel: async () => (await import("./commands/cancel.ts")).cancelCommand,
  resume: async () => (await import("./commands/resume.ts")).resumeCommand,
  history: async () => (await import("./commands/history.ts")).historyCommand,
  cache: async () => (await import("./commands/cache.ts")).cacheCommand,
  exec: async () => (await import("./commands/exec.ts")).execCommand,
  __host: async () => (await import("./host.ts")).hostCommand,
};

/** Runs the command line; gives the exit code: 0 ok, 1 a task failed, 2 usage or definition, 3 environment, 130/143 cancelled. */
export async function main(args: readonly string[], entry: Entry): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--version" || name === "-V" || name === "version") {
    process.stdout.write(`runner ${VERSION}\n`);
    return 0;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const { HELP } = await import("./help.ts");
    (name === undefined ? process.stderr : process.stdout).write(HELP);
    return name === undefined ? 2 : 0;
  }
  try {
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (load === undefined) {
      const { unknownCommand } = await import("./help.ts");
      throw unknownCommand(name, Object.keys(COMMANDS).filter((one) => !one.startsWith("_")));
    }
    return await (await load())(rest, entry, main);
  } catch (error) {
    const { exitCodeOf, printError } = await import("./errors.ts");
    printError(error);
    return exitCodeOf(error);
  }
}

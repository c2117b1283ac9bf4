/** The texts of `--help`. */
import { DefinitionError } from "../model/failure.ts";
import { didYouMean } from "../model/suggest.ts";
import { typed } from "../wire/typed.ts";

/** The help of the program. */
export const HELP = `runner: a pipeline is a TypeScript module

Usage
  runner run <pipeline.ts> [target …] [--<field> value …]   run what it takes to know the targets
  runner run <pipeline.ts> [target …] --watch                the same again whenever a file it reads changes
  runner list <pipeline.ts>                                  the tasks and exported calls, with their fields
  runner graph <pipeline.ts> [target …]                      the graph as a tree, with what is up to date
  runner explain <pipeline.ts> [target …]                    why the targets would run, down to the root cause
  runner plan <pipeline.ts> [target …]                       where tasks would run, with what limits and permissions
  runner doctor [pipeline.ts | slurm | lsf | docker …]       which ways to run tasks elsewhere work from here
  runner ps                                                  runs under way, their jobs elsewhere, shared limits
  runner cancel <run>, runner resume <run>                   stop a run; go on with one that was cut off
  runner history [task]                                      what ran, how long it took, how it ended
  runner cache clear <task>                                  remove the results of a task
  runner cache clear <pipeline.ts> <target …>                remove the results of calls
  runner --version

A target is the name of a task or of an exported call; default: main.
Say \`runner <command> --help\` for the options of a command.
Exit codes: 0 ok, 1 a task failed, 2 usage or definition, 3 environment (cache, workers), 130/143 cancelled.
`;

/** The help of \`run\`. */
export const RUN_HELP = `Usage: runner run <pipeline.ts> [target …] [--<field> value …]

Targets
  the name of a task, of an exported call, or a template name filled out (build::prod; 'build::*' is all its choices);
  default: the export or task "main"

Options
  --<field> value      a field of the targets' input; with a pipeline, --help lists them
  --input <json>       the whole input, as JSON; fields are laid over it
  --cache <folder>     where results are kept (default .runner/cache), or "memory", or "none"
  --state <folder>     where runs are noted (default .runner); ps, cancel, resume and history take it too
  --cache-read-only    use the cache's results, store none
  --workers <n>        how many threads (default: one for each processor)
  --parallel <n>       how many tasks at once (default: as many as threads)
  --param <k=v>        what tasks find in ctx.params; may be given several times
  --only <names>       only these calls may run: names, globs, tag:<label>; x... is x with its dependents, ...x with its dependencies
  --omit <names>       these, and what depends on them, may not run
  --until <names>      only these and what they depend on may run
  --from <names>       only these and what depends on them may run
  --dry                say what would run and why, and run nothing
  --watch              run again whenever an input file or the pipeline changes; --debounce <time> (default 300ms)
  --limit <l=n>        at most n tasks with label l at once; --shared-limit <l=n> over all runs on the cache
  --prefix <l=cmd>     start tasks with label l by this command: --prefix gpu='srun --gres=gpu:{gpu}'
  --capacity <k=n>     how much there is of what tasks ask for: mem=16g, licence=3 (default: what this machine has)
  --pool <l=n>         tasks with label l run n at once beside --parallel, on threads or processes of their own
  --override <x={…}>   options of single calls as JSON: 'train={"timeout":"2h","resources":{"mem":"32g"}}'
  --timeout <time>     how long the whole run may take
  --schedule <order>   what starts first: critical-path (default) or fifo
  --allow-missing-deps a dependency that nothing is called fails only the task that names it
  --stop               after a failure start nothing new (default)
  --keep-going         after a failure go on with whatever does not depend on it
  --max-failures <n>   keep going until so many tasks have failed
  --kill               after a failure end whatever runs
  --force              run again what is up to date; --force=<names> only these: names, globs, tag:<label>, x..., ...x
  --full-log           show all that failed tasks printed, not only what looks like the error
  --keep-failed        keep the folders (ctx.directory) of the last 5 failed attempts of each task
  --no-history         do not note the run in .runner/history.db
  --json               one JSON object a line for each event, on standard output
  --quiet              print the value and failures, nothing else
  --                   whatever follows is a field, even if it is called like an option

Exit codes: 0 ok, 1 a task failed, 2 usage or definition, 3 environment, 130/143 cancelled.
`;

/** The help of the other commands. */
export const COMMAND_HELP: Readonly<Record<"list" | "graph" | "cache", string>> = {
  list:
    `Usage: runner list <pipeline.ts> [--json]\n\nLists the tasks and exported calls of a pipeline, with the fields of their inputs.\n`,
  graph:
    `Usage: runner graph <pipeline.ts> [target …] [--<field> value …] [--input json] [--cache folder] [--json]\n\nPrints the graph of the targets as a tree, with the state of each call: what is up to date, what would run.\nCalls that stand in the tree already are printed once and then referred to. Nothing is run.\n`,
  cache:
    `Usage: runner cache clear <task> [--cache folder]\n       runner cache clear <pipeline.ts> <target …> [--<field> value …] [--cache folder]\n\nRemoves the stored results of a task, or of single calls. What depends on them runs again only if their results change.\n`,
};

/** The error for a command that is not there. */
export function unknownCommand(name: string, names: readonly string[], cli: string): DefinitionError {
  const hint = /\.[cm]?[jt]sx?$/.test(name)
    ? `; to run a pipeline, say: ${typed(cli)()} run ${name}`
    : didYouMean(name, names);
  return new DefinitionError([{
    kind: "bad-option",
    problem: `There is no command "${name}"${hint}${hint === "" ? `; there are ${names.join(", ")}` : ""}`,
  }]);
}

/** `runner exec`: runs a job that a run has written down. Prefixes, containers and clusters start it; people do to see why a job fails. */
import { DefinitionError } from "../../model/failure.ts";
import type * as apartModule from "../../execute/host/apart.ts";
import type * as trialModule from "../../execute/jobs/trial.ts";
import { type AgentPlace, runJob } from "../../execute/jobs/agent.ts";
import { VERSION } from "../../model/version.ts";
import { exitNow } from "../../runtime/ends.ts";
import { program } from "../../runtime/program.ts";
import { defineBareName } from "../../runtime/runtime.ts";
import { openStorage } from "../../store/storage.ts";

const HELP = `Usage: runner exec [--again] <specification>

Runs the attempts of one job, as a prefix, a container or a cluster is to start it. The specification is a file that
\`runner run\` writes for each job it sends elsewhere; the messages of failed jobs name the whole command.

--again runs it once more, for you to see why it fails: in the foreground, with all that it prints, whoever has had it before,
and although its sources may have changed since. Nothing is stored in the cache, and no run is told.

Exit codes: 0 all attempts succeeded, 1 one failed, 3 the job cannot be read or run here, 75 somebody else has it, 143 it was
asked to end.
`;

/** Runs a job. */
export async function command(args: readonly string[]): Promise<number> {
  const again = args.includes("--again");
  const words = args.filter((word) => word !== "--again");
  const [file] = words;
  if (file === "--help" || file === "-h") {
    program.print("stdout", HELP);
    return 0;
  }
  if (file === undefined || words.length > 1 || file.startsWith("-")) {
    const problem = "Name one specification: runner exec [--again] <file>";
    throw new DefinitionError([{ kind: "bad-option", problem }]);
  }
  const place: AgentPlace = {
    version: VERSION,
    openStorage,
    exit: exitNow(),
    severalAtOnce: async () => {
      const { tellApart }: typeof apartModule = await import("../../execute/host/apart.ts" as string);
      tellApart();
    },
    prepare: (open) => defineBareName("runner", open.library, () => import("../../../mod.ts")),
  };
  if (!again) return await runJob(file, place);
  const { tryJob }: typeof trialModule = await import("../../execute/jobs/trial.ts" as string);
  return await tryJob(file, place);
}

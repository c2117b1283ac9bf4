/** Any queue that has commands keeps the contract of launchers: here Slurm's, of which nothing else is known. */
import { genericLauncher } from "../../src/dispatch/generic/generic.ts";
import { generic as rule } from "../../src/dispatch/generic/rule.ts";
import { noSlurm, slurm } from "../services/slurm.ts";
import { launcherContract, type Open } from "./launcher_contract.ts";
import { environment, pathless, QUICK } from "./queues.ts";

const open: Open = (listener, place) =>
  genericLauncher(
    rule({
      ...QUICK,
      submit: "sbatch --parsable --output=/dev/null --job-name={name} {script}",
      status: ["squeue", "--noheader", "--states=all", "--format=%i %T", "--jobs={ids}"],
      cancel: "scancel {ids}",
      states: {
        PENDING: "waiting",
        RUNNING: "running",
        COMPLETING: "running",
        COMPLETED: "done",
        FAILED: "failed",
        CANCELLED: "infra",
      },
    }),
    listener,
    place,
  );

launcherContract({
  name: "generic",
  without: noSlurm,
  open,
  missing: { command: "sbatch", open: pathless(open) },
  arrays: false,
  many: 60,
  tellsExit: false,
  findsByName: false,
  environment: () => environment(slurm()),
});

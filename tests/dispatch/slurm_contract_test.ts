/** Slurm keeps the contract of launchers. */
import { slurmLauncher } from "../../src/dispatch/slurm/slurm.ts";
import { slurm as rule } from "../../src/dispatch/slurm/rule.ts";
import { noSlurm, slurm } from "../services/slurm.ts";
import { launcherContract, type Open } from "./launcher_contract.ts";
import { environment, pathless, QUICK } from "./queues.ts";

const open: Open = (listener, place) => slurmLauncher(rule(QUICK), listener, place);

launcherContract({
  name: "slurm",
  without: noSlurm,
  open,
  missing: { command: "sbatch", open: pathless(open) },
  arrays: true,
  many: 200,
  tellsExit: true,
  findsByName: true,
  environment: () => environment(slurm()),
});

/** LSF's stand-in over a real Slurm keeps the contract of launchers, by `bsub` and by `jbsub`. */
import { lsfLauncher } from "../../src/dispatch/lsf/lsf.ts";
import { lsf as rule } from "../../src/dispatch/lsf/rule.ts";
import { noSlurm, slurm } from "../services/slurm.ts";
import { launcherContract, type Open } from "./launcher_contract.ts";
import { environment, pathless, QUICK } from "./queues.ts";

for (const jbsub of [false, true]) {
  const open: Open = (listener, place) => lsfLauncher(rule({ ...QUICK, jbsub }), listener, place);
  const command = jbsub ? "jbsub" : "bsub";
  launcherContract({
    name: `lsf, by ${command}`,
    without: noSlurm,
    open,
    missing: { command, open: pathless(open) },
    arrays: true,
    many: jbsub ? 40 : 60,
    tellsExit: true,
    findsByName: true,
    environment: () => environment(slurm()),
  });
}

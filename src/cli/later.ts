/** Names all that the command line loads only when it is asked for, for the reasons that `src/later.ts` has. */
import { LATER } from "../later.ts";

/** How each of them would be loaded; it is enough that they are written down. */
export const LATER_COMMANDS: readonly (() => Promise<unknown>)[] = [
  ...LATER,
  () => import("./commands/cache.ts"),
  () => import("./commands/cancel.ts"),
  () => import("./commands/doctor.ts"),
  () => import("./commands/exec.ts"),
  () => import("./commands/explain.ts"),
  () => import("./commands/graph.ts"),
  () => import("./commands/history.ts"),
  () => import("./commands/list.ts"),
  () => import("./commands/plan.ts"),
  () => import("./commands/ps.ts"),
  () => import("./commands/resume.ts"),
  () => import("./commands/run.ts"),
  () => import("./dependents.ts"),
  () => import("./errors.ts"),
  () => import("./help.ts"),
  () => import("./host.ts"),
  () => import("./listing.ts"),
  () => import("./load_waits.ts"),
  () => import("./watch_child.ts"),
  () => import("./watch_command.ts"),
  () => import("../dispatch/attached/processes.ts"),
  () => import("../dispatch/doctor.ts"),
  () => import("../execute/host/apart.ts"),
  () => import("../execute/jobs/trial.ts"),
  () => import("../report/json.ts"),
];

/** Executors by pool, put together when one is needed. */
import type { MakeExecutor } from "../engine/ports.ts";
import type { Executor } from "../execute/executor.ts";
import { LateExecutor } from "../execute/late.ts";
import type { MakeMember } from "../execute/member.ts";
import type { Isolation } from "../model/definition.ts";
import { selfCommand } from "../runtime/runtime.ts";
import { openStorage } from "../store/storage.ts";
import type { Held } from "../watch/held.ts";
import type { LateJobs } from "./jobs.ts";

/** What executors are made from. */
export interface Making {
  /** The URL of the module that Web Workers run, and that of the command line. */
  readonly entry: { readonly worker: string; readonly cli: string };
  readonly logs: string;
  readonly held: Held | undefined;
  readonly jobs: LateJobs;
}

/** Executors by pool; their code is loaded when one is needed. */
export function makeExecutor(making: Making): MakeExecutor {
  return (pool, options) => {
    const { listener } = options;
    const make = async (): Promise<Executor> => {
      if (pool.kind === "jobs") return await making.jobs.executor(pool, options);
      if (pool.isolation === "sandbox") {
        const { SandboxExecutor } = await import("../execute/sandbox/executor.ts");
        return new SandboxExecutor({ ...options, cli: making.entry.cli, openStorage });
      }
      const { Pool } = await import("../execute/pool.ts");
      return new Pool({ ...options, make: await memberOf(pool.isolation, making) });
    };
    return new LateExecutor(make, (nodes) => listener.returned(nodes), (message) => listener.broken(message));
  };
}

/** Makes members of a kind. */
async function memberOf(
  isolation: Exclude<Isolation, "sandbox">,
  { entry, logs, held }: Making,
): Promise<MakeMember> {
  switch (isolation) {
    case "worker": {
      const { webWorker } = await import("../execute/members/web_worker.ts");
      const make: MakeMember = (listener, lock) => webWorker(entry.worker, listener, lock);
      return held?.spare.over(make) ?? make;
    }
    case "process": {
      const { childProcess } = await import("../execute/members/child_process.ts");
      return (listener, lock) => childProcess(selfCommand(entry.cli), logs, listener, lock);
    }
    case "inline": {
      const { inlineMember } = await import("../execute/members/inline.ts");
      return (listener) => inlineMember(listener, openStorage);
    }
  }
}

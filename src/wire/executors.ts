/** Executors by pool, put together when one is needed. */
import type * as childProcessModule from "../execute/members/child_process.ts";
import type * as inlineModule from "../execute/members/inline.ts";
import type * as webWorkerModule from "../execute/members/web_worker.ts";
import type * as poolModule from "../execute/pool.ts";
import type * as executorModule from "../execute/sandbox/executor.ts";
import type { HeldFiles, HeldModule } from "../execute/sandbox/held_module.ts";
import type { MakeExecutor } from "../engine/ports.ts";
import type { Executor } from "../execute/executor.ts";
import { LateExecutor } from "../execute/late.ts";
import type { MakeMember } from "../execute/member.ts";
import type { Isolation } from "../model/definition.ts";
import { isStandalone, selfCommand, withHeap } from "../runtime/runtime.ts";
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
        const { SandboxExecutor }: typeof executorModule = await import(
          "../execute/sandbox/executor.ts" as string
        );
        return new SandboxExecutor({ ...options, host: heldHost(making.entry.worker), openStorage });
      }
      const { Pool }: typeof poolModule = await import("../execute/pool.ts" as string);
      return new Pool({ ...options, make: await memberOf(pool.isolation, making) });
    };
    return new LateExecutor(
      make,
      (nodes) => listener.returned(nodes),
      (error) => {
        // What the system says needs no stack.
        const why = (error as { code?: string }).code === undefined
          ? error.stack ?? String(error)
          : error.message;
        if (pool.kind !== "jobs") listener.broken(why);
        else {listener.broken(
            `${why}; jobs are written to ${making.jobs.place.folder}`,
            `Sending jobs of ${pool.label}`,
          );}
      },
    );
  };
}

/** Makes members of a kind. */
async function memberOf(
  isolation: Exclude<Isolation, "sandbox">,
  { entry, logs, held }: Making,
): Promise<MakeMember> {
  switch (isolation) {
    case "worker": {
      const { webWorker }: typeof webWorkerModule = await import(
        "../execute/members/web_worker.ts" as string
      );
      const make: MakeMember = (listener, lock) => webWorker(entry.worker, listener, lock);
      return held?.spare.over(make) ?? make;
    }
    case "process": {
      const { childProcess }: typeof childProcessModule = await import(
        "../execute/members/child_process.ts" as string
      );
      return (listener, lock, heap) =>
        childProcess(withHeap(selfCommand(entry.cli), heap), logs, listener, lock);
    }
    case "inline": {
      const { inlineMember }: typeof inlineModule = await import("../execute/members/inline.ts" as string);
      return (listener) => inlineMember(listener, openStorage);
    }
  }
}

/**
 * The module that makes a process a host that is held to permissions: it stands beside the one of threads. An executable carries
 * it, and what it imports, as texts: they stand where `deno task bundle` has put them.
 */
function heldHost(worker: string): HeldModule {
  if (!isStandalone()) return { url: worker.replace(/task_worker(?=\.[jt]s$)/, "held_host") };
  const carried = new URL(worker.endsWith(".ts") ? "../dist/held_files.js" : "../held_files.js", worker).href;
  return { carried: async () => (await import(carried) as { readonly held: HeldFiles }).held };
}

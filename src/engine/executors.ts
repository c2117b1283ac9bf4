/** The executors of a run, one for each pool, made when it is first needed. */
import type { Executor, ExecutorListener } from "../execute/executor.ts";
import { taskInfo } from "./batches.ts";
import { hiddenEnv } from "../model/hidden_env.ts";
import type { PoolSpec } from "./variant.ts";
import type { RunState } from "./run_state.ts";

/** Results up to this many bytes travel in messages. */
const INLINE_BYTES = 4_096;

/** Makes and keeps executors. */
export class Executors {
  private readonly made = new Map<string, Executor>();

  constructor(private readonly state: RunState, private readonly listener: ExecutorListener) {}

  /** The executors made so far. */
  all(): readonly Executor[] {
    return [...this.made.values()];
  }

  /** The executor of a pool. */
  of(pool: string): Executor {
    let executor = this.made.get(pool);
    if (executor === undefined) this.made.set(pool, executor = this.make(pool));
    return executor;
  }

  private make(pool: string): Executor {
    const { state } = this;
    const { ports } = state;
    if (ports.cache.reads && this.made.size === 0) {
      state.code.readAhead(new Set(state.graph.nodes.map(({ call }) => call.task)));
    }
    const disk = ports.cache.writable;
    const spec = state.placement.pools.get(pool)!;
    return ports.makeExecutor(spec, {
      size: this.sizeOf(spec),
      listener: this.listener,
      clock: ports.clock,
      infoOf: (index) => {
        const { task } = state.placement.variants[index]!;
        const stores = state.caches(task) && disk !== undefined;
        const code = stores ? state.code.of(task) : { digest: "", parts: {} };
        const sources = state.caches(task) ? state.code.sources(task, ports.modules) : undefined;
        return taskInfo(
          index,
          task,
          stores,
          { ...code, sources },
          hiddenEnv(state.envOf(index)),
          ports.modules,
        );
      },
      open: {
        logs: ports.logs,
        spill: ports.spill,
        cache: disk,
        readable: ports.cache.readable,
        // What runs elsewhere cannot look into the memory of this process.
        inlineBytes: ports.cache.keepsBytes || spec.kind === "jobs" && disk === undefined
          ? Infinity
          : INLINE_BYTES,
        digests: ports.cache.reads,
        run: ports.run,
        params: state.options.params,
        cwd: ports.cwd,
        modules: [],
        ...(state.options.keepFailed > 0 && { keepFailed: true as const }),
        library: ports.library,
      },
    });
  }

  /** How many members a pool may have. */
  private sizeOf(spec: PoolSpec): number {
    if (spec.lanes !== undefined) return spec.lanes;
    const { workers, parallel } = this.state.options;
    // A process runs one task at a time: what it prints, and its end, can then only be that task's.
    return { inline: 1, worker: workers, process: parallel, sandbox: parallel }[
      (spec as Extract<PoolSpec, { kind: "isolation" }>).isolation
    ];
  }
}

/** The executors of a run, one for each kind of isolation, made when it is first needed. */
import type { Executor, ExecutorListener } from "../execute/executor.ts";
import type { Isolation } from "../model/definition.ts";
import { taskInfo } from "./batches.ts";
import { hiddenEnv } from "./hidden_env.ts";
import type { RunState } from "./run_state.ts";

/** Results up to this many bytes travel in messages. */
const INLINE_BYTES = 4_096;

/** Makes and keeps executors. */
export class Executors {
  private readonly made = new Map<Isolation, Executor>();

  constructor(private readonly state: RunState, private readonly listener: ExecutorListener) {}

  /** The executors made so far. */
  all(): readonly Executor[] {
    return [...this.made.values()];
  }

  /** The executor of a kind of isolation. */
  of(isolation: Isolation): Executor {
    let executor = this.made.get(isolation);
    if (executor === undefined) this.made.set(isolation, executor = this.make(isolation));
    return executor;
  }

  private make(isolation: Isolation): Executor {
    const { state } = this;
    const { ports } = state;
    const disk = ports.cache.writable;
    return ports.makeExecutor(isolation, {
      // A process runs one task at a time: what it prints, and its end, can then only be that task's.
      size: { inline: 1, worker: state.options.workers, process: state.options.parallel }[isolation],
      listener: this.listener,
      clock: ports.clock,
      infoOf: (index) => {
        const task = state.tasks[index]!;
        const stores = state.caches(task) && disk !== undefined;
        const code = stores ? state.code.of(task) : { digest: "", parts: {} };
        return taskInfo(index, task, stores, code, hiddenEnv(state.envs[index]!), ports.modules);
      },
      open: {
        logs: ports.logs,
        spill: ports.spill,
        cache: disk,
        readable: ports.cache.readable,
        inlineBytes: ports.cache.keepsBytes ? Infinity : INLINE_BYTES,
        digests: ports.cache.reads,
        run: ports.run,
        params: state.options.params,
        cwd: ports.cwd,
        modules: [],
        library: ports.library,
      },
    });
  }
}

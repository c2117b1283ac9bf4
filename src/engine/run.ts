/** `run()`: from a target and options to a value, or an error that says everything that went wrong. */
import { TASK_HOST } from "../model/brand.ts";
import type { RunEvent } from "../model/event.ts";
import { DefinitionError, type Issue, RunCancelled, RunFailed } from "../model/failure.ts";
import type { Resolved } from "../model/future.ts";
import { didYouMean } from "../model/suggest.ts";
import { type Bound, Graph } from "../plan/graph.ts";
import { Engine } from "./engine.ts";
import type { Reporter, RunOptions, RunResult } from "./options.ts";
import type { RunPorts } from "./ports.ts";

/** Opens the outside world for a run. */
export type OpenPorts = (options: RunOptions) => RunPorts | Promise<RunPorts>;

const OPTIONS = [
  "cache",
  "workers",
  "parallel",
  "onFailure",
  "force",
  "state",
  "signal",
  "kill",
  "reporter",
  "onTransition",
];

/** Runs a target: a future, or an array or record of futures; the value has the same shape. */
export type Run = <const Target>(
  target: Target,
  options?: RunOptions,
) => Promise<RunResult<Resolved<Target>>>;

/** Makes `run` for a world. */
export function runIn(open: OpenPorts, processors: () => number): Run {
  return async <const Target>(
    target: Target,
    options: RunOptions = {},
  ): Promise<RunResult<Resolved<Target>>> => {
    refuseInHost();
    checkOptions(options);
    if (options.signal?.aborted || options.kill?.aborted) {
      throw new RunCancelled("The run was cancelled before it began");
    }
    const { graph, root } = plan(target);
    const ports = await open(options);
    const tell = teller(options);
    const workers = options.workers ?? processors();
    const { force = false } = options;
    const engine = new Engine(graph, root, {
      workers,
      parallel: options.parallel ?? workers,
      onFailure: options.onFailure ?? "stop",
      force: (task) => force === true || (force !== false && force.includes(task)),
      tell,
      tellTransitions: options.onTransition !== undefined || options.reporter !== undefined,
    }, ports);
    const stop = listenToSignals(engine, options);
    try {
      const result = await engine.run();
      if (result.fatal !== undefined) throw result.fatal;
      if (result.failures.length > 0) throw new RunFailed(result.failures, result.stats.skipped);
      if (result.cancelled) throw new RunCancelled("The run was cancelled");
      const { stats, notStored } = result;
      return {
        value: result.value as Resolved<Target>,
        stats,
        run: ports.run,
        ...(notStored !== undefined && { notStored }),
      };
    } finally {
      stop();
      ports.cleanUp();
    }
  };
}

/**
 * Makes the graph of a target.
 *
 * @throws {DefinitionError} with all that is wrong.
 */
export function plan(target: unknown): { readonly graph: Graph; readonly root: Bound } {
  const graph = new Graph();
  const root = graph.bind(target, "target");
  if (graph.issues.length === 0) graph.findCycles();
  if (graph.issues.length > 0) throw new DefinitionError(graph.issues);
  return { graph, root };
}

/** A module that runs its pipeline while it is being loaded cannot be loaded by workers: they would run it again. */
function refuseInHost(): void {
  if ((globalThis as unknown as Record<symbol, unknown>)[TASK_HOST] !== true) return;
  const problem =
    "run() was called while a worker loaded the module: workers import the module of each task, so call run() only when the module is the main program: if (import.meta.main) { await run(…); }";
  throw new DefinitionError([{ kind: "bad-module", problem }]);
}

/** Refuses options that make no sense, all at once. */
function checkOptions(options: RunOptions): void {
  const issues: Issue[] = [];
  const refuse = (problem: string) => issues.push({ kind: "bad-option", problem });
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) refuse(`run() has no option "${name}"${didYouMean(name, OPTIONS)}`);
  }
  const { workers, parallel, onFailure } = options;
  if (workers !== undefined && !(Number.isInteger(workers) && workers > 0)) {
    refuse(`\`workers\` is a whole number from 1 up, not ${workers}`);
  }
  if (parallel !== undefined && !(Number.isInteger(parallel) && parallel > 0)) {
    refuse(`\`parallel\` is a whole number from 1 up, not ${parallel}`);
  }
  if (onFailure !== undefined && !["stop", "keep-going", "kill"].includes(onFailure)) {
    refuse(`\`onFailure\` is "stop", "keep-going" or "kill", not "${onFailure}"`);
  }
  const reporters = options.reporter === undefined ? [] : [options.reporter].flat();
  if (reporters.some((one) => typeof (one as Partial<Reporter>)?.handle !== "function")) {
    refuse("`reporter` is an object with a method handle(event), or a list of such");
  }
  if (issues.length > 0) throw new DefinitionError(issues);
}

/** Tells all listeners; one that throws is heard of once and hurts nothing. */
function teller(options: RunOptions): (event: RunEvent) => void {
  const reporters: readonly Reporter[] = options.reporter === undefined
    ? []
    : "handle" in options.reporter
    ? [options.reporter]
    : options.reporter;
  const { onTransition } = options;
  const broken = new Set<unknown>();
  // No closures here: there are events by the hundred thousand.
  return (event) => {
    for (const reporter of reporters) {
      try {
        reporter.handle(event);
      } catch (error) {
        complain(broken, reporter, error);
      }
    }
    if (onTransition === undefined || event.kind !== "transition") return;
    try {
      onTransition(event);
    } catch (error) {
      complain(broken, onTransition, error);
    }
  };
}

/** Says once of each listener that it threw. */
function complain(broken: Set<unknown>, listener: unknown, error: unknown): void {
  if (broken.has(listener)) return;
  broken.add(listener);
  const text = error instanceof Error ? error.stack : String(error);
  // deno-lint-ignore no-console -- the listener that would print this is the one that broke
  console.error(`runner: a listener of the run threw, which changes nothing in the run: ${text}`);
}

/** Cancels the run when a signal says so. */
function listenToSignals(engine: Engine, options: RunOptions): () => void {
  const ask = () => engine.cancel(false);
  const kill = () => engine.cancel(true);
  options.signal?.addEventListener("abort", ask, { once: true });
  options.kill?.addEventListener("abort", kill, { once: true });
  return () => {
    options.signal?.removeEventListener("abort", ask);
    options.kill?.removeEventListener("abort", kill);
  };
}

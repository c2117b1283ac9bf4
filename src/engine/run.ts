/** `run()`: from a target and options to a value, or an error that says everything that went wrong. */
import { allRegistered } from "../model/registry.ts";
import { TASK_HOST } from "../model/brand.ts";
import { milliseconds, readableDuration } from "../model/duration.ts";
import { DefinitionError, EnvironmentError, RunCancelled, RunFailed } from "../model/failure.ts";
import type { Resolved } from "../model/future.ts";
import { readResources, type Resources } from "../model/resources.ts";
import { stateOf } from "../schedule/set.ts";
import { selectNodes } from "../plan/selection.ts";
import { checkOptions } from "./check_options.ts";
import { Engine } from "./engine.ts";
import { forcedBy } from "./force.ts";
import { listeners } from "./listeners.ts";
import type { RunOptions, RunResult } from "./options.ts";
import { type Plan, plan } from "./plan.ts";
import type { PlaceMachine } from "./place_issues.ts";
import { Placement } from "./placement.ts";
import type { RunPorts } from "./ports.ts";
import type { EngineOptions, RunState } from "./run_state.ts";
import { type Work, workOf } from "./work.ts";

/** How long tasks of a run that is out of time have to end, in milliseconds. */
const GRACE = 2_000;

/** So many folders of failed attempts are kept of each task, if nothing else is said. */
const KEPT = 5;

/** Opens the outside world for a run that is to do some work. */
export type OpenPorts = (options: RunOptions, work: Work) => RunPorts | Promise<RunPorts>;

/** Runs a target: a future, or an array or record of futures; the value has the same shape. */
export type Run = <const Target>(
  target: Target,
  options?: RunOptions,
) => Promise<RunResult<Resolved<Target>>>;

/** What a run knows of the machine it is on. */
export interface Machine {
  readonly processors: () => number;
  /** What there is for tasks that ask for it. */
  readonly capacity: () => Resources;
  /** What is wrong with inputs of a task that a rule sends into containers. */
  readonly unseen: PlaceMachine["unseen"];
}

/** How a run differs from one that somebody has asked for. */
export interface RunManner {
  /** A task whose inputs change while it runs is run again. */
  readonly rerunOutdated?: boolean;
  /** Asked when the run is planned: whether, and as soon as the answer is there, it is to begin. */
  readonly ready?: () => Promise<boolean>;
  /** Is told what the run knows when it is over, however it ended. */
  readonly over?: (knowledge: RunState) => void;
}

/** Makes `run` for a world. */
export function runIn(open: OpenPorts, machine: Machine, manner: RunManner = {}): Run {
  return async <const Target>(
    target: Target,
    options: RunOptions = {},
  ): Promise<RunResult<Resolved<Target>>> => {
    refuseInHost();
    checkOptions(options);
    if (options.signal?.aborted || options.kill?.aborted) {
      throw notBegun();
    }
    // Declared before the plan that refers to it; files are looked at only when the run is under way.
    // deno-lint-ignore prefer-const
    let ports: RunPorts;
    const planned = plan(target, options, (globs) => ports.files(globs));
    const leftOut = selected(planned, options);
    const force = forcedBy(planned, options);
    const placement = place(planned, options, machine);
    if (placement.issues.length > 0) throw new DefinitionError(placement.issues);
    if (manner.ready !== undefined && !await manner.ready()) throw notBegun();
    ports = await open(options, workOf(planned, options));
    await checkRules(placement, ports, true);
    const engine = new Engine(planned.graph, planned.root, planned.files, placement, {
      ...engineOptions(options, machine.processors()),
      force,
      ...(leftOut === undefined ? { leftOut } : {
        leftOut: (node) => leftOut[node] === 1,
        judge: (run) => unmet(run, leftOut),
      }),
      rerunOutdated: manner.rerunOutdated ?? false,
    }, ports);
    const stop = listen(engine, options, ports);
    let ended: "ok" | "failed" | "cancelled" = "failed";
    try {
      const result = await engine.run();
      ended = result.cancelled ? "cancelled" : result.failures.length > 0 || result.fatal ? "failed" : "ok";
      if (result.fatal !== undefined) throw result.fatal;
      if (result.failures.length > 0) throw new RunFailed(result.failures, result.stats.notRun);
      if (result.cancelled) throw new RunCancelled(stop.timedOut() ?? "The run was cancelled");
      const { stats, notStored, notNoted } = result;
      return {
        value: result.value as Resolved<Target>,
        stats,
        run: ports.run,
        ...(notStored !== undefined && { notStored }),
        ...(notNoted !== undefined && { notNoted }),
      };
    } finally {
      stop.listening();
      for (const warning of ports.cleanUp(ended)) engine.knowledge.warn(warning);
      manner.over?.(engine.knowledge);
    }
  };
}

function notBegun(): RunCancelled {
  return new RunCancelled("The run was cancelled before it began");
}

/**
 * Where the calls of a plan are to run.
 *
 * @throws {DefinitionError} when what the options say of that makes no sense.
 */
export function place({ graph }: Plan, options: RunOptions, machine: Machine): Placement {
  const { limits, sharedLimits, prefixes, dispatch, pools, overrides, capacity } = options;
  const parallel = options.parallel ?? options.workers ?? machine.processors();
  const placement = new Placement(graph, {
    ...(limits && { limits }),
    ...(sharedLimits && { sharedLimits }),
    ...(prefixes && { prefixes }),
    ...(dispatch && { dispatch }),
    ...(pools && { pools }),
    ...(overrides && { overrides }),
    parallel,
    tasks: allRegistered,
    unseen: machine.unseen,
    capacity: () => {
      const { cpu = 1, ...found } = machine.capacity();
      return { ...found, cpu: Math.max(cpu, parallel), ...readResources(capacity ?? {}) };
    },
  });
  placement.plan();
  return placement;
}

/**
 * Finds out whether the ways of dispatch that a run uses can work, and what results depend on with them.
 *
 * @throws {EnvironmentError} with what is wrong with them, if that is to be told.
 */
export async function checkRules(placement: Placement, ports: RunPorts, tell: boolean): Promise<void> {
  const used = [...placement.pools.values()].flatMap((pool) => pool.kind === "jobs" ? [pool] : []);
  const checks = await Promise.all(used.map(({ rule }) => ports.checkRule(rule)));
  const problems = checks.flatMap(({ problem, identity }, index) => {
    const { label } = used[index]!;
    placement.identities.set(label, identity);
    return problem === undefined ? [] : [`Tasks with the label "${label}" cannot be sent: ${problem}`];
  });
  if (problems.length > 0 && tell) {
    ports.cleanUp("failed");
    throw new EnvironmentError(problems.join("\n"));
  }
}

/** How an engine is to go about a run. */
export function engineOptions(
  options: RunOptions,
  processors: number,
): Omit<EngineOptions, "leftOut" | "rerunOutdated" | "force"> {
  const workers = options.workers ?? processors;
  return {
    workers,
    parallel: options.parallel ?? workers,
    onFailure: options.onFailure ?? (options.maxFailures === undefined ? "stop" : "keep-going"),
    keepFailed: options.keepFailed === true ? KEPT : Number(options.keepFailed ?? 0),
    maxFailures: options.maxFailures ?? Infinity,
    order: options.schedule ?? "critical-path",
    sharedLimits: options.sharedLimits ?? {},
    params: options.params ?? {},
    typedParams: options.typedParams ?? [],
    dry: false,
    command: options.command,
    ...listeners(options),
  };
}

/** Said of a selection that leaves nothing. */
const NOTHING =
  "Nothing is selected: no call of the targets fits `only`, `until` and `from` at once without being left out by `omit`";

/**
 * By node: 1 when a selection leaves it out; `undefined` when there is no selection.
 *
 * @throws {DefinitionError} when a pattern fits nothing.
 */
export function selected({ graph }: Plan, options: RunOptions): Uint8Array | undefined {
  const { only, omit, until, from } = options;
  if (only === undefined && omit === undefined && until === undefined && from === undefined) return undefined;
  const list = (patterns: string | readonly string[] | undefined) =>
    patterns === undefined ? [] : typeof patterns === "string" ? [patterns] : patterns;
  const { leftOut, issues } = selectNodes(graph, {
    only: list(only),
    omit: list(omit),
    until: list(until),
    from: list(from),
  });
  if (issues.length > 0) throw new DefinitionError(issues);
  if (leftOut.every((out) => out === 1)) {
    throw new DefinitionError([{ kind: "bad-target", problem: NOTHING }]);
  }
  return leftOut;
}

/** Calls that may run, and could not because what they need was left out and is not up to date. */
export function unmet(run: RunState, leftOut: Uint8Array): DefinitionError | undefined {
  const { graph, schedule } = run;
  const problems: string[] = [];
  for (const node of graph.nodes) {
    if (leftOut[node.id] === 1 || stateOf(schedule, node.id) !== "cancelled") continue;
    const missing = graph.upstreams(node).find((up) => stateOf(schedule, up) === "cancelled");
    if (missing === undefined || leftOut[missing] !== 1) continue;
    problems.push(
      `${graph.describe(node)} was selected, and needs ${
        graph.describe(graph.nodes[missing]!)
      }, which is not up to date and was left out; select that too (...x is x with its dependencies), or run it first`,
    );
  }
  if (problems.length === 0) return undefined;
  return new DefinitionError(problems.slice(0, 20).map((problem) => ({ kind: "bad-target", problem })));
}

/** A module that runs its pipeline while it is being loaded cannot be loaded by workers: they would run it again. */
function refuseInHost(): void {
  if ((globalThis as unknown as Record<symbol, unknown>)[TASK_HOST] !== true) return;
  const problem =
    "run() was called while a worker loaded the module: workers import the module of each task, so call run() only when the module is the main program: if (import.meta.main) { await run(…); }";
  throw new DefinitionError([{ kind: "bad-module", problem }]);
}

/** Listens to whatever may end the run before its time. */
function listen(
  engine: Engine,
  options: RunOptions,
  ports: RunPorts,
): { readonly listening: () => void; readonly timedOut: () => string | undefined } {
  const ask = () => engine.cancel(false);
  const kill = () => engine.cancel(true);
  let late: string | undefined;
  let callOff = (): void => {};
  if (options.timeout !== undefined) {
    callOff = ports.clock.after(milliseconds(options.timeout), () => {
      late = `The run was cancelled: it has run past its timeout of ${
        readableDuration(milliseconds(options.timeout!))
      }`;
      engine.cancel(false);
      callOff = ports.clock.after(GRACE, kill);
    });
  }
  ports.onCancel((now) => {
    engine.knowledge.options.tell({ kind: "stop-asked", now });
    engine.cancel(now);
  });
  options.signal?.addEventListener("abort", ask, { once: true });
  options.kill?.addEventListener("abort", kill, { once: true });
  return {
    listening: () => {
      callOff();
      options.signal?.removeEventListener("abort", ask);
      options.kill?.removeEventListener("abort", kill);
    },
    timedOut: () => late,
  };
}

/** One run: feeds the scheduler with what happens, and turns its effects into acts, one function per effect. */
import { PickError, unlink } from "../model/call.ts";
import type { RunStats } from "../model/event.ts";
import { DefinitionError, type NodeFailure } from "../model/failure.ts";
import { unreachable } from "../model/unreachable.ts";
import type { Bound, Graph } from "../plan/graph.ts";
import type { Start } from "../schedule/effect.ts";
import type { Input } from "../schedule/input.ts";
import { newSchedule, type ScheduleState } from "../schedule/state.ts";
import { step } from "../schedule/step.ts";
import { expand, resolve } from "./answers.ts";
import { makeBatch, packed } from "./batches.ts";
import { causesOf } from "./causes.ts";
import { Changes } from "./changes.ts";
import { durationsInput } from "./durations.ts";
import { knotOf } from "./knot.ts";
import { Executors } from "./executors.ts";
import { RunListener } from "./listener.ts";
import { callsNotRun } from "./not_run.ts";
import { lookUp } from "./look_up.ts";
import { worded } from "./pick_failure.ts";
import { Places } from "./places.ts";
import { type Act, Pump } from "./pump.ts";
import type { Placement } from "./placement.ts";
import type { RunPorts } from "./ports.ts";
import { Requests } from "./requests.ts";
import { type EngineOptions, LostResult, RunState } from "./run_state.ts";
import type { RunFiles } from "./file_rules.ts";
import { attemptEnded, runStats } from "./telling.ts";
import { unreadParams } from "./unread_params.ts";
import { urgentNodes } from "./urgent.ts";

/** What a run came to. */
export interface EngineResult {
  readonly value: unknown;
  readonly failures: readonly NodeFailure[];
  readonly stats: RunStats;
  readonly fatal: Error | undefined;
  readonly cancelled: boolean;
  readonly notStored: string | undefined;
  readonly notNoted: string | undefined;
}

/** Carries out one run. */
export class Engine {
  private readonly schedule: ScheduleState;
  private readonly state: RunState;
  private readonly executors: Executors;
  private readonly listener: RunListener;
  private readonly requests: Requests;
  private readonly changes: Changes;
  private readonly places: Places;
  private readonly pauses = new Set<() => void>();
  private readonly pump: Pump;
  private urgent: ReadonlySet<number> | undefined;
  private added = 0;
  private end: () => void = () => {};
  private cancelled = false;

  constructor(
    graph: Graph,
    root: Bound,
    files: RunFiles,
    placement: Placement,
    options: EngineOptions,
    private readonly ports: RunPorts,
  ) {
    this.schedule = newSchedule({
      parallel: options.parallel,
      policy: options.onFailure,
      maxFailures: options.maxFailures,
      trace: true,
      order: options.order,
    });
    this.state = new RunState(graph, root, options, ports, this.schedule, files, placement, causesOf);
    this.requests = new Requests(
      this.state,
      (input) => this.feed(input),
      (batch, replies, resumes) =>
        this.executors.of(this.state.variantOf(batch.nodes[0]!).pool).reply(
          batch.id,
          replies.map((reply) =>
            reply.values === undefined ? reply : { ...reply, values: packed(reply.values) }
          ),
          resumes,
        ),
    );
    this.listener = new RunListener(
      this.state,
      (input) => this.feed(input),
      (error) => this.giveUp(error),
      (batch, ask) => this.requests.asked(batch, ask),
    );
    this.executors = new Executors(this.state, this.listener);
    this.state.outputOf = (node) => this.executors.of(this.state.variantOf(node).pool).outputOf(node);
    this.places = new Places(this.state, (input) => this.feed(input));
    this.changes = new Changes(this.state, this.requests, (node) => this.places.release(node));
    this.pump = new Pump({
      step: (input) => {
        const effects = step(this.schedule, input);
        this.changes.tell();
        return effects;
      },
      act: (effect) => this.act(effect),
      lookUp: (node) => {
        const answer = lookUp(this.state, node);
        // An entry may stand for calls that its task only started.
        if (answer === true) this.addNodes();
        return answer;
      },
      urgent: () => this.urgent,
      answer: ({ kind, node }) => kind === "expand" ? expand(this.state, node) : resolve(this.state, node),
      reply: (answer) => this.answer(answer),
      atLeisure: () => {
        if (this.state.takeWish()) this.pump.push(durationsInput(this.state));
      },
      loadFiles: () => ports.loadFiles(),
      turn: () => ports.turn(),
      failed: (error) => {
        this.giveUp(error);
        this.end();
      },
    });
  }

  /** What the run knows: for whoever watches, or records it. */
  get knowledge(): RunState {
    return this.state;
  }

  /** Runs to the end. */
  async run(): Promise<EngineResult> {
    const { ports, state } = this;
    const begun = ports.now();
    state.options.tell({
      kind: "run-started",
      run: ports.run,
      time: begun,
      nodes: state.graph.nodes.length,
      workers: state.options.workers,
      estimate: () => this.changes.estimate(),
    });
    for (const warning of [...state.files.warnings(), ...state.placement.warnings]) state.warn(warning);
    if (ports.notNoted !== undefined) state.warn(ports.notNoted);
    const value = await this.untilOver().catch((error: Error) => {
      state.fatal ??= error;
    });
    if (!this.cancelled && state.failures.length === 0) state.fatal ??= state.options.judge?.(state);
    for (const calledOff of this.pauses) calledOff();
    const whole = !this.cancelled && state.failures.length === 0 && state.fatal === undefined;
    if (whole) { for (const warning of unreadParams(state)) state.warn(warning); }
    await this.places.close();
    await Promise.all(this.executors.all().map((executor) => executor.close()));
    ports.cache.close();
    for (const warning of ports.cache.warnings()) state.warn(warning);
    for (const warning of ports.closeFiles()) state.warn(warning);
    const abandoned = this.executors.all().reduce((sum, executor) => sum + executor.abandoned, 0);
    const stats = runStats(state, (ports.now() - begun) / 1_000, abandoned, this.cancelled);
    this.changes.record(begun, this.cancelled, stats);
    const notRun = this.cancelled ? undefined : callsNotRun(state);
    if (notRun !== undefined) state.options.tell(notRun);
    state.options.tell({ kind: "run-ended", run: ports.run, time: ports.now(), stats });
    return {
      value,
      failures: state.failures,
      stats,
      fatal: state.fatal,
      cancelled: this.cancelled,
      notStored: state.notStored,
      notNoted: ports.notNoted ?? ports.history?.unwritten,
    };
  }

  /** Stops the run: tasks are asked to stop, or made to. */
  cancel(hard: boolean): void {
    this.cancelled = true;
    this.listener.doubts.noteStop();
    this.feed({ kind: "cancel-asked", hard });
  }

  /** Runs until the value is there, or never will be. */
  private async untilOver(): Promise<unknown> {
    let input: Input = { kind: "together", inputs: [] };
    while (true) {
      const ended = new Promise<void>((resolve) => this.end = resolve);
      this.feed(input);
      await ended;
      const { failures, fatal, root } = this.state;
      if (failures.length > 0 || fatal !== undefined || this.cancelled) return undefined;
      const knot = knotOf(this.state, (id) => this.requests.waitsFor(id));
      if (knot !== undefined) {
        this.state.fatal = knot;
        return undefined;
      }
      if (!root.nodes.every((node) => this.state.results.has(node))) return undefined;
      try {
        return unlink(root.bytes, (number) => this.state.valueOf(root.nodes[number]!));
      } catch (error) {
        if (error instanceof PickError) throw badTarget(worded(this.state, error, root.nodes));
        if (!(error instanceof LostResult)) throw error;
        this.state.noteLost(error.node);
        input = { kind: "results-lost", node: -1, during: "end", upstreams: [error.node] };
      }
    }
  }

  /** Takes in what has happened, and acts until there is nothing left to do at once. */
  private feed(input: Input): void {
    this.addNodes();
    this.pump.push(input);
    this.pump.start();
  }

  /** One effect that is no question. */
  private act(effect: Act): void {
    const { state } = this;
    switch (effect.kind) {
      case "start":
        return this.start(effect);
      case "resume":
        return this.places.retake(effect.node, () => this.requests.resume(effect.node));
      case "recall": {
        const nodes = this.executors.of(effect.pool).recall(
          effect.lane,
          effect.count,
        );
        if (nodes.length > 0) this.pump.push({ kind: "recalled", nodes });
        return;
      }
      case "pause":
        return this.pause(effect.node, effect.millis);
      case "cancel-running":
        for (const executor of this.executors.all()) executor.cancel(effect.hard);
        return;
      case "release":
        return state.results.release(effect.node);
      case "end":
        return this.end();
      default:
        return unreachable(effect);
    }
  }

  /** Adds the nodes that an answer brought into the graph before the answer itself. */
  private answer(input: Input): void {
    this.addNodes();
    const groups = this.state.newGroups();
    if (groups.length > 0) this.pump.push(...this.places.told(groups));
    this.pump.push(input);
  }

  /** Tells the scheduler of nodes that have joined the graph. */
  private addNodes(): void {
    const { graph } = this.state;
    if (this.added === graph.nodes.length) return;
    const first = this.added > 0;
    graph.scheduled = graph.nodes.length;
    const { groups, nodes } = this.state.specs(this.added);
    this.added = graph.nodes.length;
    this.pump.push(...this.places.told(groups), { kind: "nodes-added", nodes });
    if (first) this.state.options.tell({ kind: "nodes-added", nodes: nodes.length });
    else this.urgent = urgentNodes(this.state);
  }

  private start(effect: Start): void {
    if (!this.places.take(effect.nodes)) return;
    this.send(effect);
  }

  private send({ pool, lane, nodes }: Start): void {
    const { state, schedule, ports } = this;
    // An earlier attempt of the node may have waited for something.
    if (!this.requests.idle) { for (const node of nodes) this.requests.forget(node); }
    const batch = makeBatch(
      {
        graph: state.graph,
        results: state.results,
        files: state.files,
        isForced: (node) => state.forced.has(node),
        latestOf: ({ call }) => ports.cache.latest(call.task.name, call.key),
        taskOf: (node) => schedule.groupOf.at(node),
        variantOf: (node) => state.variantOf(node),
        run: ports.run,
        valueOf: (node) => state.valueOf(node),
        timeLeftOf: (node) => state.times.start(node, state.variantOf(node).manner.timeout.task, ports.now()),
        attemptOf: (node) => schedule.attempts.at(node),
        validityOf: (node) => state.validities[node] ?? "",
      },
      lane,
      nodes,
    );
    const made = nodes.filter((_, index) => batch.extras[index]?.outputs !== undefined);
    if (made.length > 0) ports.making.begin(made.map((node) => state.node(node).call.key));
    this.executors.of(pool).start(batch);
  }

  private pause(node: number, millis: number): void {
    this.state.options.tell(attemptEnded(this.state, node, this.state.failing.get(node)!, millis));
    const calledOff = this.ports.clock.after(millis, () => {
      this.pauses.delete(calledOff);
      this.feed({ kind: "pause-ended", node });
    });
    this.pauses.add(calledOff);
  }

  /** Ends the run for a reason that is no task's fault. */
  private giveUp(error: Error): void {
    this.state.fatal ??= error;
    this.feed({ kind: "cancel-asked", hard: true });
  }
}

/** The target cannot be put together, though all that it names has a result. */
function badTarget({ message }: Error): DefinitionError {
  return new DefinitionError([{ kind: "bad-target", problem: `The target: ${message}` }]);
}

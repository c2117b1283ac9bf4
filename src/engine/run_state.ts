/** What one run knows besides its schedule: results, tasks, validities, what went wrong. */
import type { RunEvent } from "../model/event.ts";
import type { FailedItem } from "../execute/protocol.ts";
import type { Cause } from "../model/cause.ts";
import { DefinitionError, EnvironmentError, type NodeFailure } from "../model/failure.ts";
import type { Trigger } from "../model/files.ts";
import type { NodeState } from "../model/state.ts";
import type { Trace } from "../model/trace.ts";
import type { Definition } from "../model/definition.ts";
import { decode } from "../model/codec/decode.ts";
import type { Bound, Graph, PlannedNode } from "../plan/graph.ts";
import { envParts } from "../plan/validity.ts";
import type { Group, NodeSpec } from "../schedule/input.ts";
import type { FailurePolicy, ScheduleState, StartOrder } from "../schedule/state.ts";
import { editedText, TaskCode } from "./code.ts";
import type { RunPorts } from "./ports.ts";
import type { RunFiles } from "./file_rules.ts";
import type { Placement } from "./placement.ts";
import type { Variant } from "./variant.ts";
import { ResultTable } from "./results.ts";
import { TaskTimes } from "./task_times.ts";

/** How a run is to go, checked and complete. */
export interface EngineOptions {
  readonly workers: number;
  readonly parallel: number;
  readonly onFailure: FailurePolicy;
  /** So many folders of failed attempts are kept of each task. */
  readonly keepFailed: number;
  /** With `keep-going`: so many tasks may fail before nothing new starts. */
  readonly maxFailures: number;
  readonly order: StartOrder;
  /** Whether a node is made anew although it is up to date. */
  readonly force: (node: number) => boolean;
  /** Decides everything, changes nothing. */
  readonly dry: boolean;
  /** How many calls of a label may run at once, over all runs on the cache. */
  readonly sharedLimits: Readonly<Record<string, number>>;
  /** What tasks find in `ctx.params`. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Those of them that are told when nothing has read them. */
  readonly typedParams: readonly string[];
  /** Nodes that may not run; `undefined` when all may. */
  readonly leftOut: ((node: number) => boolean) | undefined;
  /** What makes a run that has ended a wrong one all the same: calls that were selected and could not run. */
  readonly judge?: (run: RunState) => Error | undefined;
  /** What was asked for, as a command. */
  readonly command: string | undefined;
  /** A task whose inputs change while it runs is run again, instead of giving a result that is not stored. */
  readonly rerunOutdated: boolean;
  readonly tell: (event: RunEvent) => void;
  /** Whether anybody wants to hear of transitions from one state to another. */
  readonly wants: (from: NodeState, to: NodeState) => boolean;
}

/** The files with what an attempt printed. */
export interface OutputFiles {
  readonly stdout?: string;
  readonly stderr?: string;
}

/** The latest failed attempt of a node. */
export interface Failing {
  readonly failed: FailedItem;
  readonly output: OutputFiles;
  /** Where its folder is, if that was kept. */
  readonly directory?: string | undefined;
  /** The attempt before, where that says more. */
  readonly before?: Failing | undefined;
}

/** A result that is looked for by what its task found out the last times. */
export interface Tracing {
  /** The validity known beforehand. */
  readonly base: string;
  readonly list: readonly Trace[];
  /** Which of them is being looked at. */
  at: number;
  /** The calls it names, as nodes, by ask: those that were made again so far. */
  bound: (readonly number[])[];
}

/** A stored result that is not there any more, noticed on the main thread. */
export class LostResult extends Error {
  /** Takes the node whose result it was. */
  constructor(readonly node: number) {
    super("a stored result is gone");
  }
}

/** A result that was lost more often than this is given up. */
const MOST_LOSSES = 3;

/** The memory of one run. */
export class RunState {
  readonly results: ResultTable = new ResultTable();
  readonly code: TaskCode;
  /** By node: the validity of its entry; empty while unknown, or when nothing is stored. */
  readonly validities: string[] = [];
  /** By node: the structure of calls that its value is made of. */
  readonly follows: Map<number, Bound> = new Map();
  /** By node: the latest failed attempt. */
  readonly failing: Map<number, Failing> = new Map();
  /** Nodes whose results depend on what their tasks find out. */
  readonly tracing: Map<number, Tracing> = new Map();
  /** Nodes that run because that was asked for. */
  readonly forced: Set<number> = new Set();
  /** Nodes that run because their outputs could not be brought back, and what was wrong with these. */
  readonly lostOutputs: Map<number, readonly Cause[]> = new Map();
  /** Nodes whose jobs were taken over and have ended: the validity of what they made, which is looked up like any other. */
  readonly takenOver: Map<number, string> = new Map();
  /** Files that tasks without a stored result have found out while they ran. */
  readonly foundOut: { readonly paths: readonly string[]; readonly trigger: Trigger }[] = [];
  /** Where the attempt of a node prints to; none where nobody knows. */
  outputOf: (node: number) => readonly string[] = () => [];
  /** How long attempts of calls took, and for how long calls have been under way, where that is limited. */
  readonly times: TaskTimes = new TaskTimes();
  /** The chunks that nodes belong to. */
  readonly chunks: Map<number, number> = new Map();
  /** What calls read and write. */
  readonly files: RunFiles;
  /** The nodes that failed for good, in order. */
  readonly failures: NodeFailure[] = [];
  /** The nodes whose tasks ran and succeeded. */
  readonly ran: number[] = [];
  /** Why the run cannot go on. */
  fatal: Error | undefined;
  /** Why results are not being cached. */
  notStored: string | undefined;
  /** By group: its declared environment, as it enters validities. */
  private readonly envs: (readonly string[])[] = [];
  /** How many groups the scheduler knows. */
  private groupsTold = 0;
  private readonly warned = new Set<string>();
  private readonly losses = new Map<number, number>();
  private readonly causes = new Map<number, readonly Cause[]>();
  private learned = false;
  private wantsDurations = false;

  constructor(
    readonly graph: Graph,
    readonly root: Bound,
    readonly options: EngineOptions,
    readonly ports: RunPorts,
    readonly schedule: ScheduleState,
    files: RunFiles,
    /** Where calls run. */
    readonly placement: Placement,
    /** Finds out why a node runs. */
    private readonly explain: (run: RunState, id: number) => readonly Cause[],
  ) {
    this.code = new TaskCode(ports.sources);
    this.files = files;
  }

  /**
   * Looks at nodes that have joined the graph while the run is under way.
   *
   * @throws {DefinitionError} with what is wrong with them.
   */
  checkNew(): void {
    this.files.plan();
    for (const warning of this.files.warnings()) this.warn(warning);
    const { issues } = this.graph;
    if (issues.length > 0) throw new DefinitionError(issues.splice(0));
  }

  /** Tells the scheduler how long things took in earlier runs; once, and only when something is to run. */
  learnDurations(): void {
    if (this.learned) return;
    this.learned = true;
    this.wantsDurations = true;
  }

  /** Whether durations are wanted and were not given yet. */
  takeWish(): boolean {
    const wished = this.wantsDurations;
    this.wantsDurations = false;
    return wished;
  }

  /** A planned node. */
  node(id: number): PlannedNode {
    return this.graph.nodes[id]!;
  }

  /** The group of a node: the index that batches and hosts know its task by. */
  taskOf(id: number): number {
    return this.schedule.groupOf.at(id);
  }

  /** How the calls of a node's group are run. */
  variantOf(id: number): Variant {
    return this.placement.variants[this.schedule.groupOf.at(id)]!;
  }

  /** The environment that a group declares, and what else its results depend on. */
  envOf(group: number): readonly string[] {
    const { task, sent } = this.placement.variants[group]!;
    const image = sent === undefined ? "" : this.placement.identities.get(sent.label) ?? "";
    return this.envs[group] ??= [
      ...envParts(task.env, this.ports.env),
      ...(image === "" ? [] : [`image of ${sent!.rule.backend}=${image}`]),
    ];
  }

  /** Whether results of a task are looked up and stored. */
  caches(task: Definition): boolean {
    return task.cache && this.ports.cache.reads && !this.isDoubtful(task);
  }

  /** Whether this program may have loaded other code for a task than was read: `deps` of the one and `run` of the other are neither's. */
  private isDoubtful(task: Definition): boolean {
    // Whoever watches in a program of his own wants edits to count: of those only what runs right here is old for sure.
    if (this.options.rerunOutdated && task.isolation !== "inline") return false;
    const paths = this.code.edited(task);
    if (paths.length > 0) this.warn(editedText(task.name, paths));
    return paths.length > 0;
  }

  /** The nodes from `first` on, as the scheduler wants them, and the groups it does not know yet. */
  specs(first: number): { readonly groups: readonly Group[]; readonly nodes: readonly NodeSpec[] } {
    const roots = first === 0 ? new Set(this.root.nodes) : undefined;
    const nodes: NodeSpec[] = [];
    for (let id = first; id < this.graph.nodes.length; id++) {
      const node = this.graph.nodes[id]!;
      const spec = {
        group: this.placement.groupOf(node),
        upstreams: this.graph.upstreams(node),
        open: this.graph.isOpen(node),
        kept: roots?.has(id) ?? false,
      };
      const conditional = this.graph.isConditional(node);
      const chunk = this.chunks.size > 0 ? this.chunks.get(id) : undefined;
      const plain = !conditional && chunk === undefined;
      nodes.push(plain ? spec : { ...spec, conditional, ...(chunk !== undefined && { chunk }) });
    }
    return { groups: this.newGroups(), nodes };
  }

  /** The groups that the scheduler does not know yet. */
  newGroups(): readonly Group[] {
    const { variants } = this.placement;
    if (this.groupsTold === variants.length) return [];
    const groups = this.placement.groups(
      this.groupsTold,
      (task) => this.caches(task) || task.files !== undefined || this.options.leftOut !== undefined,
    );
    this.groupsTold = variants.length;
    return groups;
  }

  /**
   * The value of a node that has a result.
   *
   * @throws {LostResult} when it is not there any more.
   */
  valueOf(id: number): unknown {
    return decode(this.bytesOf(id));
  }

  /** The bytes of a node's result, from memory or the cache. */
  bytesOf(id: number): Uint8Array {
    const result = this.results.get(id);
    const bytes = result.bytes ?? this.ports.readFile(result);
    if (bytes === undefined) throw new LostResult(id);
    return bytes;
  }

  /**
   * Notes that a result could not be read back.
   *
   * @throws {EnvironmentError} when that has happened to it again and again: making it once more would not help.
   */
  noteLost(id: number): void {
    const times = (this.losses.get(id) ?? 0) + 1;
    this.losses.set(id, times);
    if (times <= MOST_LOSSES) return;
    const place = this.ports.cache.writable ?? this.ports.spill;
    throw new EnvironmentError(
      `The result of ${
        this.graph.describe(this.node(id))
      } was made ${times} times and could not be read back from ${place}; check that disk`,
    );
  }

  /** The milliseconds that are left for all attempts of a node; `undefined` where that is without limit. */
  timeLeft(id: number): number | undefined {
    return this.times.left(id, this.variantOf(id).manner.timeout.task, this.ports.now());
  }

  /** Why a node runs; worked out once. */
  causesOf(id: number): readonly Cause[] {
    let causes = this.causes.get(id);
    if (causes === undefined) this.causes.set(id, causes = this.explain(this, id));
    return causes;
  }

  /** Tells a warning, once. */
  warn(message: string): void {
    if (this.warned.has(message)) return;
    this.warned.add(message);
    this.options.tell({ kind: "warning", message });
  }
}

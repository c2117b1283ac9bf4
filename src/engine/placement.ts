/** Where the calls of a run are to run, and what they need there: labels, limits, resources and rules of dispatch, put together. */
import { isLocal, outlives, packOf, rulesByLabel } from "../dispatch/rules.ts";
import type { DispatchRule } from "../dispatch/rules.ts";
import { unlink } from "../model/call.ts";
import type { Definition, PreviousAttempt } from "../model/definition.ts";
import type { Issue } from "../model/failure.ts";
import { grown, type Resources } from "../model/resources.ts";
import type { Graph, PlannedNode } from "../plan/graph.ts";
import { matchesName, matchNodes } from "../plan/selection.ts";
import type { Group } from "../schedule/input.ts";
import { watchesAttempts } from "../model/timeout.ts";
import { type Manner, mannerOf, type ReadOverride, readOverride } from "./manner.ts";
import type { RunOptions } from "./options.ts";
import { placeIssues, type PlaceMachine } from "./place_issues.ts";
import { PlaceLabels, unknownLabels } from "./place_labels.ts";
import type { PoolSpec, Variant } from "./variant.ts";

/** Queues take so many jobs at a time, if no limit is set. */
const QUEUED = 1_000;

/** What a placement rests on. */
export interface PlacementOptions
  extends
    PlaceMachine,
    Pick<RunOptions, "limits" | "sharedLimits" | "prefixes" | "dispatch" | "pools" | "overrides"> {
  readonly parallel: number;
  /** All tasks that are known, whether or not the run has calls of them. */
  readonly tasks: () => readonly Definition[];
}

/** Places calls. */
export class Placement {
  /** By group of the scheduler. */
  readonly variants: Variant[] = [];
  readonly pools: Map<string, PoolSpec> = new Map();
  readonly rules: ReadonlyMap<string, DispatchRule>;
  readonly issues: Issue[] = [];
  /** By label: what results depend on besides the task, because of how it is sent. */
  readonly identities: Map<string, string> = new Map();
  private readonly plain = new Map<Definition, number>();
  private readonly special = new Map<Definition, Map<string, number>>();
  private readonly groupOfNode = new Map<number, number>();
  private readonly patterns: readonly (readonly [pattern: string, override: ReadOverride])[];
  private readonly matched: readonly (ReadonlySet<number> | undefined)[];
  private readonly planned: number;
  private readonly labels: PlaceLabels;
  /** What is odd, but does no harm. */
  readonly warnings: readonly string[];
  private known: Resources | undefined;
  private readonly machine: PlaceMachine;

  constructor(private readonly graph: Graph, private readonly options: PlacementOptions) {
    this.rules = rulesByLabel(options.dispatch ?? {}, options.prefixes ?? {});
    this.patterns = Object.entries(options.overrides ?? {}).map((
      [pattern, one],
    ) => [pattern, readOverride(one)]);
    this.planned = graph.nodes.length;
    this.labels = new PlaceLabels(graph, options);
    this.machine = { capacity: () => this.capacity, unseen: options.unseen };
    const tasks = [...new Set([...options.tasks(), ...tasksOf(graph)])];
    this.warnings = this.isPlain
      ? []
      : unknownLabels(tasks, options).map(({ option, label, hint }) =>
        `no task has the label "${label}" that ${
          option === "dispatch" ? "a rule of dispatch" : `a ${option}`
        } is given for${hint}`
      );
    this.matched = this.patterns.map(([pattern]) => {
      const { nodes, issues } = matchNodes(graph, "override", pattern);
      this.issues.push(...issues);
      return nodes;
    });
  }

  /** Whether there is anything to be said of where and how calls run. */
  get isPlain(): boolean {
    const { limits, sharedLimits, pools } = this.options;
    return this.rules.size === 0 && this.patterns.length === 0 &&
      [limits, sharedLimits, pools].every((one) => one === undefined) &&
      tasksOf(this.graph).every((task) => task.resources === undefined);
  }

  /** Looks at every call there is, so that whatever is wrong is told before anything runs. */
  plan(): readonly Issue[] {
    if (this.isPlain) return this.issues;
    for (const node of this.graph.nodes) this.groupOf(node);
    return this.issues;
  }

  /** What there is. */
  private get capacity(): Resources {
    return this.known ??= this.options.capacity();
  }

  /** The group of a node: that of its task, mostly. */
  groupOf(node: PlannedNode): number {
    const { task } = node.call;
    if (
      this.patterns.length === 0 && typeof task.resources !== "function" && !this.labels.singles(task)
    ) {
      return this.plain.get(task) ?? this.makePlain(task, node);
    }
    let group = this.groupOfNode.get(node.id);
    if (group === undefined) this.groupOfNode.set(node.id, group = this.place(node, undefined));
    return group;
  }

  /** The group of a node for another attempt; what was short has grown. */
  groupAfter(node: PlannedNode, failed: PreviousAttempt, attempt: number, valueOf: ValueOf): number {
    const before = this.variants[this.groupOfNode.get(node.id) ?? this.groupOf(node)]!;
    const group = this.place(node, { previous: failed, attempt: attempt + 1, valueOf, before });
    this.groupOfNode.set(node.id, group);
    return group;
  }

  /** The group of a node whose `resources` could not be asked before. */
  groupNow(node: PlannedNode, valueOf: ValueOf): number {
    const group = this.place(node, { previous: undefined, attempt: 1, valueOf, before: undefined });
    this.groupOfNode.set(node.id, group);
    return group;
  }

  /** The groups from `first` on, as the scheduler wants them. */
  groups(first: number, lookup: (task: Definition) => boolean): Group[] {
    return this.variants.slice(first).map((variant) => this.group(variant, lookup(variant.task)));
  }

  /** The lanes of pools that have their own. */
  lanes(): (readonly [pool: string, lanes: number])[] {
    return [...this.pools].flatMap(([name, { lanes }]) =>
      lanes === undefined ? [] : [[name, lanes] as const]
    );
  }

  /** What there is room for, by the names that needs use. */
  rooms(): (readonly [room: string, capacity: number])[] {
    const { limits = {}, sharedLimits = {} } = this.options;
    return [
      ...Object.entries({ ...sharedLimits, ...limits }).map(([label, limit]) =>
        [labelRoom(label), limit] as const
      ),
      ...Object.entries(this.capacity).flatMap(([name, amount]) =>
        amount === undefined || name === "time" ? [] : [[resourceRoom(name), amount] as const]
      ),
    ];
  }

  private makePlain(task: Definition, node: PlannedNode): number {
    const group = this.add(task, mannerOf(task, [], noQuestion), false, node, true);
    this.plain.set(task, group);
    return group;
  }

  private place(node: PlannedNode, again: Again | undefined): number {
    const { task } = node.call;
    const late = again === undefined && typeof task.resources === "function" && node.inputs.length > 0;
    const overrides = this.overridesOf(node);
    const manner = late ? mannerOf({ ...task, resources: undefined }, overrides, noQuestion) : this.asked(
      node,
      mannerOf(task, overrides, () => ({
        input: unlink(node.call.bytes, again?.valueOf ?? (() => undefined)),
        attempt: again?.attempt ?? 1,
        previous: again?.previous,
      })),
      again,
    );
    const key = JSON.stringify([late, manner, this.labels.single(node)]);
    let known = this.special.get(task);
    if (known === undefined) this.special.set(task, known = new Map());
    let group = known.get(key);
    if (group === undefined) known.set(key, group = this.add(task, manner, late, node));
    return group;
  }

  /** What a further attempt is given: what the task says, or else what was short before, made larger. */
  private asked(node: PlannedNode, manner: Manner, again: Again | undefined): Manner {
    if (again?.previous === undefined || again.before === undefined) return manner;
    if (typeof node.call.task.resources === "function") return manner;
    const { grow, max } = manner.retry;
    const before = again.before.manner;
    const factors = Object.fromEntries(
      Object.entries(grow ?? {}).filter(([name]) => growsAfter(name, again.previous!)),
    );
    const resources = grown(before.resources, factors, this.mostOf(max ?? {}, again.before));
    const attempt = Math.round(before.timeout.attempt * (factors["time"] ?? 1));
    return { ...manner, resources, timeout: { ...manner.timeout, attempt } };
  }

  /** Nothing grows past what there is. */
  private mostOf(max: Resources, { sent }: Variant): Resources {
    const here = sent === undefined || isLocal(sent.rule) ? this.capacity : {};
    const most: Record<string, number> = {};
    for (const limits of [here, max]) {
      for (const [name, amount] of Object.entries(limits)) {
        if (amount !== undefined) most[name] = Math.min(most[name] ?? Infinity, amount);
      }
    }
    return most;
  }

  private overridesOf(node: PlannedNode): ReadOverride[] {
    return this.patterns.flatMap(([pattern, override], index) => {
      const fits = node.id < this.planned
        ? this.matched[index]!.has(node.id)
        // Calls that tasks have made stand in no subtree that could be named.
        : !pattern.includes("...") && matchesName(this.graph, node, pattern);
      return fits ? [override] : [];
    });
  }

  private add(task: Definition, manner: Manner, late: boolean, node: PlannedNode, all = false): number {
    const labels = this.labels.of(node, manner);
    const sentBy = labels.find((label) => this.rules.has(label));
    const rule = sentBy === undefined ? undefined : this.rules.get(sentBy)!;
    const sent = rule === undefined ? undefined : { label: sentBy!, rule };
    const { pools = {}, sharedLimits = {}, limits = {} } = this.options;
    const own = sent === undefined ? labels.find((label) => Object.hasOwn(pools, label)) : undefined;
    const pool = sent !== undefined
      ? `jobs:${sent.label}`
      : own !== undefined
      ? `${task.isolation}:${own}`
      : task.isolation;
    if (!this.pools.has(pool)) {
      const queued = rule !== undefined && outlives(rule) ? QUEUED : this.options.parallel;
      this.pools.set(
        pool,
        sent === undefined
          ? {
            kind: "isolation",
            isolation: task.isolation,
            lanes: own === undefined ? undefined : pools[own],
          }
          : { kind: "jobs", ...sent, lanes: limits[sent.label] ?? sharedLimits[sent.label] ?? queued },
      );
    }
    const variant: Variant = {
      task,
      manner,
      pool,
      sent,
      labels,
      shared: labels.filter((label) => Object.hasOwn(sharedLimits, label)),
      late,
    };
    this.issues.push(...placeIssues(variant, this.machine, this.graph, node, all));
    return this.variants.push(variant) - 1;
  }

  private group({ task, manner, labels, pool, sent, late }: Variant, lookup: boolean): Group {
    // The time of a task goes on while others of its pack have their turn.
    const pack = sent === undefined || manner.timeout.task > 0 ? undefined : packOf(sent.rule);
    return {
      pool,
      retry: manner.retry,
      single: watchesAttempts(manner.timeout) || task.isolation !== "worker" || task.locks.length > 0,
      lookup: lookup || late,
      locks: task.locks,
      wave: task.wave,
      priority: manner.priority,
      needs: this.needs(labels, manner.resources, sent?.rule),
      ...(pack !== undefined && { pack }),
    };
  }

  private needs(
    labels: readonly string[],
    resources: Resources,
    rule: DispatchRule | undefined,
  ): (readonly [string, number])[] {
    const { limits = {}, sharedLimits = {} } = this.options;
    const needs: (readonly [string, number])[] = labels
      .filter((label) => Object.hasOwn(limits, label) || Object.hasOwn(sharedLimits, label))
      .map((label) => [labelRoom(label), 1]);
    const here = rule === undefined || isLocal(rule);
    for (const [name, amount] of Object.entries(resources)) {
      if (name === "time" || amount === undefined || amount === 0) continue;
      // What a cluster gives is the cluster's matter; other amounts are whatever the user counts.
      if (!here && ["cpu", "mem", "gpu"].includes(name)) continue;
      if (this.capacity[name] !== undefined) needs.push([resourceRoom(name), amount]);
    }
    return needs;
  }
}

/** The value of a future in an input, by its number. */
type ValueOf = (number: number) => unknown;

interface Again {
  readonly previous: PreviousAttempt | undefined;
  readonly attempt: number;
  readonly valueOf: ValueOf;
  readonly before: Variant | undefined;
}

/** Memory grows when it was short, time when it was; anything else after any failure that was the task's own. */
function growsAfter(name: string, { reason, timeout = "attempt" }: PreviousAttempt): boolean {
  if (name === "mem") return reason === "oom";
  if (name === "time") return reason === "timeout" && timeout === "attempt";
  if (timeout === "queue") return false;
  return reason !== "preempted" && reason !== "infra";
}

function noQuestion(): never {
  throw new Error("Internal error: resources were asked for without an input");
}

function tasksOf(graph: Graph): Definition[] {
  return [...new Set(graph.nodes.map((node) => node.call.task))];
}

/** The name of a label's room. */
export function labelRoom(label: string): string {
  return `label ${label}`;
}

/** The name of a resource's room. */
function resourceRoom(name: string): string {
  return `resource ${name}`;
}

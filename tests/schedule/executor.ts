/** An executor that is nothing but lists: what it holds, what comes of it, and what it notices when a node begins. */
import { isSuccess, isTerminal } from "../../src/model/state.ts";
import { unreachable } from "../../src/model/unreachable.ts";
import type { Effect, Expand, LookUp, Recall, Resolve } from "../../src/schedule/effect.ts";
import type { Input, NodeSpec } from "../../src/schedule/input.ts";
import { stateOf } from "../../src/schedule/set.ts";
import { newSchedule, type ScheduleState } from "../../src/schedule/state.ts";
import { expect } from "./invariants.ts";
import { evaluate, FAILED, mix, type Truth } from "./oracle.ts";
import { randomOf, type Recipe, type World } from "./world.ts";

/** How a run is driven. */
export interface DriveOptions {
  readonly seed: number;
  /** Takes the place of the scheduler, to see that the rig notices. */
  readonly step?: (state: ScheduleState, input: Input) => Effect[];
  readonly newState?: (world: World) => ScheduleState;
  /** Results may vanish at any time. */
  readonly losing?: boolean;
  /** Attempts may wait for each other's locks: then conditions are judged at other times than the oracle does. */
  readonly deadlocks?: boolean;
  /** Others may have rooms for a time. */
  readonly refuses?: boolean;
  /** Inputs may change while attempts run. */
  readonly outdates?: boolean;
  /** The run is cancelled at some time. */
  readonly cancels?: boolean;
  /** Recalls take their time, and bring back fewer nodes than could be had. */
  readonly slowRecalls?: boolean;
}

/** What the scheduler may ask, node by node. */
export type Question = { readonly kind: LookUp["kind"]; readonly node: number } | Expand | Resolve;

/** Runs the recipes of a world when it is told to, and answers questions. */
export class Executor {
  protected readonly state: ScheduleState;
  protected readonly truth: readonly Truth[];
  protected readonly random: () => number;
  protected readonly idOf = new Map<number, number>();
  protected readonly recipeOf: number[] = [];
  /** By lane: the nodes handed to it; the first is executing, and those that went on after having waited. */
  protected readonly lanes: number[][];
  /** The same for pools with lanes of their own, by pool and number. */
  protected readonly ownLanes = new Map<string, number[]>();
  /** Rooms that somebody outside has, and the step in which that was found. */
  protected readonly closed = new Map<string, number>();
  /** The attempts that are executing or waiting: where they are in their stages, and on which lane. */
  protected readonly underWay = new Map<number, { at: number; readonly lane: number[] }>();
  /** By attempt that waits: its calls, those in one list waited for together. */
  protected readonly waiting = new Map<number, readonly (readonly number[])[]>();
  /** Attempts that were told to go on, and have no place yet. */
  protected readonly resuming = new Set<number>();
  /** Locks, and the attempts that hold them. */
  protected readonly holders = new Map<string, number>();
  protected readonly questions: Question[] = [];
  /** By node: its value, as long as it is stored. */
  protected readonly values = new Map<number, number>();
  /** By node: the value it has as soon as the scheduler takes note. */
  protected readonly offers = new Map<number, number>();
  /** The nodes whose result has vanished at some time. */
  protected readonly vanished = new Set<number>();
  protected readonly failures = new Map<number, { count: number; vary: number }>();
  /** By node: attempts begun and not taken back. */
  protected readonly attempts: number[] = [];
  protected readonly begun: number[] = [];
  protected recalled = 0;
  /** How many calls have failed for good. */
  protected failed = 0;
  protected cancelled: false | "soft" | "hard" = false;
  protected toOutdate = 3;

  constructor(protected readonly world: World, protected readonly options: DriveOptions) {
    this.state = options.newState?.(world) ??
      newSchedule({
        parallel: world.parallel,
        policy: world.policy,
        maxFailures: world.maxFailures,
        trace: true,
      });
    this.truth = evaluate(world);
    this.random = randomOf(options.seed);
    this.lanes = this.state.lanes.map(() => []);
  }

  /** Whether there were as many failures as there may be: nothing starts any more. */
  protected get hasEnough(): boolean {
    const { policy, maxFailures } = this.world;
    return this.failed >= (policy === "keep-going" ? maxFailures : 1);
  }

  /** All lanes, whosever they are. */
  protected allLanes(): number[][] {
    return [...this.lanes, ...this.ownLanes.values()];
  }

  /** A lane of a pool, by its number. */
  protected laneOf(pool: string, lane: number): number[] {
    if (!this.world.pools.some(([name]) => name === pool)) return this.lanes[lane]!;
    const key = `${pool} ${lane}`;
    if (!this.ownLanes.has(key)) this.ownLanes.set(key, []);
    return this.ownLanes.get(key)!;
  }

  /** What is taken of each room by what is on the lanes. */
  protected usage(): Map<string, { amount: number; users: number }> {
    const used = new Map<string, { amount: number; users: number }>();
    for (const lane of this.allLanes()) {
      // Those of one lane run one after another, and have one share together.
      for (const node of this.lanes.includes(lane) ? lane : lane.slice(0, 1)) {
        for (const [room, amount] of this.world.groups[this.recipe(node).group]!.needs) {
          const { amount: before, users } = used.get(room) ?? { amount: 0, users: 0 };
          used.set(room, { amount: before + amount, users: users + 1 });
        }
      }
    }
    return used;
  }

  protected below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  /** The first node of a lane begins, unless it has before: all that it needs must be there. */
  protected begin(lane: number[]): void {
    const node = lane[0];
    if (node === undefined || this.underWay.has(node)) return;
    this.underWay.set(node, { at: 0, lane });
    for (const lock of this.world.groups[this.recipe(node).group]!.locks) {
      expect(!this.holders.has(lock), node, `begins while ${this.holders.get(lock)} has the lock ${lock}`);
      this.holders.set(lock, node);
    }
    const { world, options } = this;
    const executing = this.lanes.filter((one) => one.length > 0).length;
    expect(executing <= world.parallel, node, `begins as number ${executing} of ${world.parallel}`);
    expect(!this.values.has(node), node, "runs though it has its value");
    for (const up of this.upstreams(node)) {
      const there = this.values.has(up) || this.vanished.has(up);
      expect(there, node, `begins before its upstream ${up}, which is ${stateOf(this.state, up)}`);
    }
    // What has gone out together is not taken back.
    const recallable = this.lanes.includes(lane) && !options.slowRecalls;
    const late = this.hasEnough && recallable;
    expect(!late, node, "begins after a failure");
    this.begun.push(this.recipeOf[node]!);
  }

  /** The nodes that a node's recipe names, deps included once they were asked. */
  protected upstreams(node: number): number[] {
    const { inputs, deps = [] } = this.recipe(node);
    return [...inputs, ...deps].map((call) => {
      const id = this.idOf.get(call);
      expect(id !== undefined, node, `begins before its deps were asked`);
      return id;
    });
  }

  protected recipe(node: number): Recipe {
    return this.world.recipes[this.recipeOf[node]!]!;
  }

  /** An attempt is over: its lane and its locks are free. */
  protected leave(node: number): void {
    const { lane } = this.underWay.get(node)!;
    this.underWay.delete(node);
    this.waiting.delete(node);
    this.resuming.delete(node);
    for (const [lock, holder] of this.holders) if (holder === node) this.holders.delete(lock);
    if (lane.includes(node)) lane.splice(lane.indexOf(node), 1);
    this.begin(lane);
  }

  /** One of the executing attempts of a lane comes to a wait or to its end, one way or another. */
  protected complete(lane: number[]): Input[] {
    const executing = lane.filter((node) => this.underWay.has(node));
    const node = executing[this.below(executing.length)]!;
    const recipe = this.recipe(node);
    if (this.cancelled !== false && this.random() < 0.5) return this.cancel(node);
    const missing = this.upstreams(node).filter((up) => !this.values.has(up));
    if (missing.length > 0) return this.lost(node, missing);
    if (this.isOutdated()) return this.outdate(node);
    for (let { at } = this.underWay.get(node)!;; at++) {
      if (at === recipe.failsAt && this.failuresLeft(node)) return this.fail(node);
      const stage = recipe.stages[at >> 1];
      if (stage === undefined) {
        const gone = this.gone(recipe.stages.flat());
        return gone.length > 0 ? this.lost(node, gone) : this.succeed(node);
      }
      this.underWay.get(node)!.at = at + 1;
      if (at % 2 === 0) {
        const joined = this.join(stage);
        return [...joined, ...this.wait(node, this.ids(stage))];
      }
      const ids = this.ids(stage);
      // That a run is stopped is no failure of a call that an attempt could get over.
      if ((!recipe.tolerant || this.state.stopped) && ids.some((call) => this.hasFailed(call))) {
        this.leave(node);
        const error = { reason: "error", errorName: "Error", retriable: false, vary: 0 } as const;
        return [{ kind: "attempt-failed", node, ...error }];
      }
      const unsettled = ids.filter((call) => !this.isSettled(call));
      this.underWay.get(node)!.at = at;
      if (unsettled.length > 0) return this.wait(node, unsettled);
      const gone = this.gone(stage);
      if (gone.length > 0) return this.lost(node, gone);
    }
  }

  /** Those of some calls whose results have vanished. */
  private gone(calls: readonly number[]): number[] {
    return this.ids(calls).filter((call) => this.vanished.has(call) && !this.values.has(call));
  }

  protected isSettled(node: number): boolean {
    return isTerminal(stateOf(this.state, node));
  }

  /** Whether a node never succeeds. */
  private hasFailed(node: number): boolean {
    const name = stateOf(this.state, node);
    return isTerminal(name) && !isSuccess(name);
  }

  /** Whether all of some calls have succeeded, or one never will. */
  protected isOver(calls: readonly number[]): boolean {
    return calls.some((call) => this.hasFailed(call)) || calls.every((call) => this.isSettled(call));
  }

  protected isOutdated(): boolean {
    return this.options.outdates === true && this.toOutdate > 0 && this.random() < 0.2;
  }

  protected failuresLeft(node: number): boolean {
    return (this.failures.get(node)?.count ?? 0) < this.recipe(node).failures;
  }

  /** An attempt waits for calls, together or one by one. */
  private wait(node: number, calls: readonly number[]): Input[] {
    const lists = this.recipe(node).apart ? calls.map((call) => [call]) : [calls];
    if (calls.length === 0) lists.push([]);
    const { lane } = this.underWay.get(node)!;
    lane.splice(lane.indexOf(node), 1);
    this.waiting.set(node, lists);
    this.begin(lane);
    return lists.map((on) => ({ kind: "attempt-waits", node, on }));
  }

  protected cancel(node: number): Input[] {
    this.leave(node);
    return [{ kind: "attempt-cancelled", node }];
  }

  protected outdate(node: number): Input[] {
    this.toOutdate--;
    this.attempts[node]!--;
    this.leave(node);
    return [{ kind: "attempt-outdated", node }];
  }

  protected lost(node: number, missing: readonly number[]): Input[] {
    this.attempts[node]!--;
    this.leave(node);
    return [{ kind: "results-lost", node, during: "attempt", upstreams: this.some(missing) }];
  }

  protected fail(node: number): Input[] {
    const { reason, errorName, retriable, left } = this.recipe(node);
    const vary = this.random();
    this.failures.set(node, { count: (this.failures.get(node)?.count ?? 0) + 1, vary });
    // A worker that dies takes the rest of its lane with it.
    const rest = reason === "crash" ? this.takeRest(this.underWay.get(node)!.lane) : [];
    this.leave(node);
    const time = left === undefined ? {} : { left };
    return [{ kind: "attempt-failed", node, reason, errorName, retriable, vary, ...time }, ...rest];
  }

  private succeed(node: number): Input[] {
    const recipe = this.recipe(node);
    this.leave(node);
    const millis = this.world.groups[recipe.group]!.millis * (0.5 + this.random());
    if (recipe.follow !== undefined) {
      const joined = this.join(recipe.follow);
      return [...joined, { kind: "attempt-succeeded", node, millis, follow: this.ids(recipe.follow) }];
    }
    const parts = [...this.upstreams(node), ...this.ids(recipe.stages.flat())];
    this.offers.set(node, mix(recipe.own, parts.map((part) => this.values.get(part) ?? FAILED)));
    return [{ kind: "attempt-succeeded", node, millis, ...(recipe.skips && { skipped: true }) }];
  }

  /** The answer to a question. */
  protected answer({ kind, node }: Question): Input[] {
    const recipe = this.recipe(node);
    const gone = (nodes: readonly number[]) => nodes.filter((up) => !this.values.has(up));
    switch (kind) {
      case "look-up": {
        if (recipe.leftOut) return [{ kind: "lookup-answered", node, hit: false, leftOut: true }];
        if (!recipe.hit) return [{ kind: "lookup-answered", node, hit: false }];
        if (recipe.follow !== undefined) {
          const joined = this.join(recipe.follow);
          return [...joined, { kind: "lookup-answered", node, hit: true, follow: this.ids(recipe.follow) }];
        }
        const joined = this.join(recipe.stages.flat());
        const calls = this.ids(recipe.stages.flat());
        const first = calls.filter((call) => !this.isSettled(call));
        if (first.length > 0) return [...joined, { kind: "lookup-answered", node, hit: false, first }];
        const failed = calls.some((call) => !isSuccess(stateOf(this.state, call)));
        if (failed) return [{ kind: "lookup-answered", node, hit: false }];
        const { value } = this.truth[this.recipeOf[node]!]!;
        const { losing, deadlocks } = this.options;
        const strange = value === undefined && !losing && !deadlocks;
        expect(!strange, node, "is looked up though it must not get that far");
        this.offers.set(node, value ?? FAILED);
        return [
          node % 2 === 0
            ? { kind: "entries-found", nodes: [node] }
            : { kind: "lookup-answered", node, hit: true },
        ];
      }
      case "expand": {
        if (recipe.refuses) return [{ kind: "node-refused", node }];
        const missing = gone(this.ids(recipe.inputs));
        if (missing.length > 0) return [{ kind: "results-lost", node, during: "expand", upstreams: missing }];
        const joined = this.join(recipe.deps!);
        const more = recipe.late && recipe.conditional && { conditional: true };
        return [...joined, { kind: "expanded", node, upstreams: this.ids(recipe.deps!), ...more }];
      }
      case "resolve": {
        const parts = this.ids(recipe.follow!);
        const missing = gone(parts);
        if (missing.length > 0) {
          return [{ kind: "results-lost", node, during: "resolve", upstreams: this.some(missing) }];
        }
        this.offers.set(node, mix(recipe.own, parts.map((part) => this.values.get(part)!)));
        return [{ kind: "resolved", node }];
      }
      default:
        return unreachable(kind);
    }
  }

  protected ids(calls: readonly number[]): number[] {
    return calls.map((call) => this.idOf.get(call)!);
  }

  /** All of a list, or only its first. */
  protected some(nodes: readonly number[]): readonly number[] {
    return this.random() < 0.5 ? nodes : nodes.slice(0, 1);
  }

  /** The calls, and those in their inputs, join the graph in any order. */
  protected join(calls: readonly number[]): Input[] {
    const open = [...calls];
    const fresh: number[] = [];
    for (let call = open.pop(); call !== undefined; call = open.pop()) {
      if (this.idOf.has(call)) continue;
      this.idOf.set(call, -1);
      fresh.push(call);
      open.push(...this.world.recipes[call]!.inputs);
    }
    for (let left = fresh.length; left > 1; left--) fresh.push(...fresh.splice(this.below(left), 1));
    for (const call of fresh) this.idOf.set(call, this.recipeOf.push(call) - 1);
    const nodes = fresh.map((call): NodeSpec => {
      const { group, inputs, deps, chunk, ...recipe } = this.world.recipes[call]!;
      const conditional = recipe.conditional && !recipe.late;
      const kept = this.world.wanted.includes(call);
      const more = chunk === undefined ? { conditional } : { conditional, chunk };
      return { group, upstreams: this.ids(inputs), open: deps !== undefined, kept, ...more };
    });
    return fresh.length === 0 ? [] : [{ kind: "nodes-added", nodes }];
  }

  /** Gives back what a lane has not begun, as far as asked, or a little less. */
  protected takeBack({ lane, count }: Recall): Input[] {
    const held = this.lanes[lane]!;
    const most = Math.min(count, held.filter((node) => !this.underWay.has(node)).length);
    const few = this.options.slowRecalls ? this.below(most + 1) : most;
    const nodes = held.splice(held.length - few, few);
    return this.recall(nodes);
  }

  protected takeRest(lane: number[]): Input[] {
    // By what they are, not by where they stand: one that goes on stands behind those that have not begun.
    const rest = lane.filter((node) => !this.underWay.has(node));
    lane.splice(0, lane.length, ...lane.filter((node) => this.underWay.has(node)));
    return this.recall(rest);
  }

  protected recall(nodes: readonly number[]): Input[] {
    for (const node of nodes) this.attempts[node]!--;
    this.recalled += nodes.length;
    return nodes.length === 0 ? [] : [{ kind: "recalled", nodes }];
  }
}

/** An executor that is nothing but lists: what it holds, what comes of it, and what it notices when a node begins. */
import { unreachable } from "../../src/model/unreachable.ts";
import type { Effect, Expand, LookUp, Recall, Resolve } from "../../src/schedule/effect.ts";
import type { Input, NodeSpec } from "../../src/schedule/input.ts";
import { stateOf } from "../../src/schedule/set.ts";
import { newSchedule, type ScheduleState } from "../../src/schedule/state.ts";
import { expect } from "./invariants.ts";
import { evaluate, mix, randomOf, type Recipe, type Truth, type World } from "./world.ts";

/** How a run is driven. */
export interface DriveOptions {
  readonly seed: number;
  /** Takes the place of the scheduler, to see that the rig notices. */
  readonly step?: (state: ScheduleState, input: Input) => Effect[];
  readonly newState?: (world: World) => ScheduleState;
  /** Results may vanish at any time. */
  readonly losing?: boolean;
  /** The run is cancelled at some time. */
  readonly cancels?: boolean;
  /** Recalls take their time, and bring back fewer nodes than could be had. */
  readonly slowRecalls?: boolean;
}

/** What the scheduler may ask. */
export type Question = LookUp | Expand | Resolve;

/** Runs the recipes of a world when it is told to, and answers questions. */
export class Executor {
  protected readonly state: ScheduleState;
  protected readonly truth: readonly Truth[];
  protected readonly random: () => number;
  protected readonly idOf = new Map<number, number>();
  protected readonly recipeOf: number[] = [];
  /** By lane: the nodes handed to it; the first is executing. */
  protected readonly lanes: number[][];
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
  protected failed = false;
  protected cancelled: false | "soft" | "hard" = false;

  constructor(protected readonly world: World, protected readonly options: DriveOptions) {
    this.state = options.newState?.(world) ??
      newSchedule({ parallel: world.parallel, policy: world.policy, trace: true });
    this.truth = evaluate(world);
    this.random = randomOf(options.seed);
    this.lanes = this.state.lanes.map(() => []);
  }

  protected below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  /** The first node of a lane begins: all that it needs must be there. */
  protected begin(lane: readonly number[]): void {
    const node = lane[0];
    if (node === undefined) return;
    const { world, options } = this;
    const executing = this.lanes.filter((one) => one.length > 0).length;
    expect(executing <= world.parallel, node, `begins as number ${executing} of ${world.parallel}`);
    expect(!this.values.has(node), node, "runs though it has its value");
    for (const up of this.upstreams(node)) {
      const there = this.values.has(up) || this.vanished.has(up);
      expect(there, node, `begins before its upstream ${up}, which is ${stateOf(this.state, up)}`);
    }
    const late = this.failed && world.policy !== "keep-going" && !options.slowRecalls;
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

  /** The executing node of a lane comes to its end, one way or another. */
  protected complete(lane: number[]): Input[] {
    const node = lane.shift()!;
    const recipe = this.recipe(node);
    if (this.cancelled !== false && this.random() < 0.5) {
      this.begin(lane);
      return [{ kind: "attempt-cancelled", node }];
    }
    const missing = this.upstreams(node).filter((up) => !this.values.has(up));
    if (missing.length > 0) {
      this.attempts[node]!--;
      this.begin(lane);
      return [{ kind: "results-lost", node, during: "attempt", upstreams: this.some(missing) }];
    }
    const failures = this.failures.get(node) ?? { count: 0, vary: 0 };
    if (failures.count < recipe.failures) {
      const { reason, errorName, retriable } = recipe;
      const vary = this.random();
      this.failures.set(node, { count: failures.count + 1, vary });
      // A worker that dies takes the rest of its lane with it.
      const rest = reason === "crash" ? this.takeRest(lane) : [];
      this.begin(lane);
      return [{ kind: "attempt-failed", node, reason, errorName, retriable, vary }, ...rest];
    }
    this.begin(lane);
    const millis = this.world.groups[recipe.group]!.millis * (0.5 + this.random());
    if (recipe.follow === undefined) {
      this.offers.set(node, mix(recipe.own, this.upstreams(node).map((up) => this.values.get(up)!)));
      return [{ kind: "attempt-succeeded", node, millis }];
    }
    const joined = this.join(recipe.follow);
    return [...joined, { kind: "attempt-succeeded", node, millis, follow: this.ids(recipe.follow) }];
  }

  /** The answer to a question. */
  protected answer({ kind, node }: Question): Input[] {
    const recipe = this.recipe(node);
    const gone = (nodes: readonly number[]) => nodes.filter((up) => !this.values.has(up));
    switch (kind) {
      case "look-up": {
        if (!recipe.hit) return [{ kind: "lookup-answered", node, hit: false }];
        if (recipe.follow !== undefined) {
          const joined = this.join(recipe.follow);
          return [...joined, { kind: "lookup-answered", node, hit: true, follow: this.ids(recipe.follow) }];
        }
        const { value } = this.truth[this.recipeOf[node]!]!;
        expect(value !== undefined, node, "is looked up though it must not get that far");
        this.offers.set(node, value);
        return [{ kind: "lookup-answered", node, hit: true }];
      }
      case "expand": {
        if (recipe.refuses) return [{ kind: "node-refused", node }];
        const missing = gone(this.ids(recipe.inputs));
        if (missing.length > 0) return [{ kind: "results-lost", node, during: "expand", upstreams: missing }];
        const joined = this.join(recipe.deps!);
        return [...joined, { kind: "expanded", node, upstreams: this.ids(recipe.deps!) }];
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
      const { group, inputs, deps } = this.world.recipes[call]!;
      const kept = this.world.wanted.includes(call);
      return { group, upstreams: this.ids(inputs), open: deps !== undefined, kept };
    });
    return fresh.length === 0 ? [] : [{ kind: "nodes-added", nodes }];
  }

  /** Gives back what a lane has not begun, as far as asked, or a little less. */
  protected takeBack({ lane, count }: Recall): Input[] {
    const held = this.lanes[lane]!;
    const most = Math.max(0, Math.min(count, held.length - 1));
    const few = this.options.slowRecalls ? this.below(most + 1) : most;
    const nodes = held.splice(held.length - few, few);
    return this.recall(nodes);
  }

  protected takeRest(lane: number[]): Input[] {
    return this.recall(lane.splice(0, lane.length));
  }

  protected recall(nodes: readonly number[]): Input[] {
    for (const node of nodes) this.attempts[node]!--;
    this.recalled += nodes.length;
    return nodes.length === 0 ? [] : [{ kind: "recalled", nodes }];
  }
}

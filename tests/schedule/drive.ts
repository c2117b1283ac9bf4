/**
 * The rig: drives `step` through a world with an executor that is nothing but lists. Lanes run the nodes handed to them one
 * after another; what happens next is drawn from a seed; after every step all invariants are checked.
 */
import { isSuccess, type NodeState } from "../../src/model/state.ts";
import type { Effect, Expand, LookUp, Recall, Resolve } from "../../src/schedule/effect.ts";
import type { Input, NodeSpec } from "../../src/schedule/input.ts";
import { stateOf } from "../../src/schedule/set.ts";
import { newSchedule, type ScheduleState } from "../../src/schedule/state.ts";
import { step } from "../../src/schedule/step.ts";
import { unreachable } from "../../src/model/unreachable.ts";
import { Broken, checkInvariants, expect, Stories } from "./invariants.ts";
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

/** What a run has come to. */
export interface Driven {
  readonly state: ScheduleState;
  /** By recipe: how its node ended, for those that joined the graph. */
  readonly states: ReadonlyMap<number, NodeState>;
  /** By recipe: its value, for those that have one. */
  readonly values: ReadonlyMap<number, number>;
  /** The recipes in the order their attempts began. */
  readonly begun: readonly number[];
  /** By recipe: how many attempts the scheduler has counted. */
  readonly attempts: ReadonlyMap<number, number>;
  readonly recalled: number;
  readonly portions: number;
  readonly reruns: number;
}

/** Drives a world to its end. */
export function drive(world: World, options: DriveOptions): Driven {
  const rig = new Rig(world, options);
  try {
    return rig.run();
  } catch (error) {
    const node = error instanceof Broken ? error.node : Number(/node (\d+)/.exec(String(error))?.[1] ?? -1);
    throw new Error(`${(error as Error).message}\n${node < 0 ? "" : rig.stories.of(node)}`, { cause: error });
  }
}

type Question = LookUp | Expand | Resolve;

class Rig {
  readonly stories = new Stories();
  private readonly state: ScheduleState;
  private readonly truth: readonly Truth[];
  private readonly random: () => number;
  private readonly idOf = new Map<number, number>();
  private readonly recipeOf: number[] = [];
  /** By lane: the nodes handed to it; the first is executing. */
  private readonly lanes: number[][];
  private readonly questions: Question[] = [];
  private readonly pauses: number[] = [];
  private readonly recalls: Recall[] = [];
  private inbox: Input[] = [];
  /** By node: its value, as long as it is stored. */
  private readonly values = new Map<number, number>();
  /** By node: the value it has as soon as the scheduler takes note. */
  private readonly offers = new Map<number, number>();
  /** The nodes whose result has vanished at some time. */
  private readonly vanished = new Set<number>();
  private readonly released = new Set<number>();
  private readonly failures = new Map<number, { count: number; vary: number }>();
  /** By node: attempts begun and not taken back. */
  private readonly attempts: number[] = [];
  private readonly begun: number[] = [];
  private steps = 0;
  private recalled = 0;
  private portions = 0;
  private ended = false;
  private failed = false;
  private cancelled: false | "soft" | "hard" = false;
  private toLose = 6;

  constructor(private readonly world: World, private readonly options: DriveOptions) {
    this.state = options.newState?.(world) ??
      newSchedule({ parallel: world.parallel, policy: world.policy, trace: true });
    this.truth = evaluate(world);
    this.random = randomOf(options.seed);
    this.lanes = this.state.lanes.map(() => []);
  }

  run(): Driven {
    this.feed({
      kind: "together",
      inputs: [{ kind: "groups-added", groups: this.world.groups }, ...this.join(this.world.wanted)],
    });
    for (let actions = this.actions(); actions.length > 0; actions = this.actions()) {
      const inputs: Input[] = [];
      for (let more = 1 + this.below(3); more > 0 && actions.length > 0; more--) {
        inputs.push(...actions[this.below(actions.length)]!());
        actions = this.actions();
      }
      if (inputs.length > 0) this.feed(inputs.length === 1 ? inputs[0]! : { kind: "together", inputs });
      expect(this.steps < 400 + this.world.recipes.length * 60, -1, "the run does not end");
    }
    expect(this.ended, -1, "nothing is left to happen, and the run has not ended");
    const byRecipe = <T>(of: (node: number) => T) =>
      new Map([...this.idOf].map(([recipe, node]) => [recipe, of(node)]));
    return {
      state: this.state,
      states: byRecipe((node) => stateOf(this.state, node)),
      values: new Map([...this.values].map(([node, value]) => [this.recipeOf[node]!, value])),
      begun: this.begun,
      attempts: byRecipe((node) => this.state.attempts.at(node)),
      recalled: this.recalled,
      portions: this.portions,
      reruns: this.vanished.size,
    };
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  /** Everything that may happen next. */
  private actions(): (() => Input[])[] {
    const { lanes, questions, pauses, recalls } = this;
    const take = <T>(list: T[], item: T) => list.splice(list.indexOf(item), 1);
    const all: (() => Input[])[] = [
      ...lanes.flatMap((lane) => lane.length === 0 ? [] : [() => this.complete(lane)]),
      ...questions.map((question) => () => (take(questions, question), this.answer(question))),
      ...pauses.map((node) => () => (take(pauses, node), [{ kind: "pause-ended" as const, node }])),
      ...recalls.map((recall) => () => (take(recalls, recall), this.takeBack(recall))),
    ];
    if (this.options.losing && this.toLose > 0 && all.length > 0 && this.values.size > 0) {
      all.push(() => this.lose());
    }
    if (this.options.cancels && this.cancelled !== "hard" && !this.ended && this.random() < 0.1) {
      all.push(() => {
        this.cancelled = this.cancelled === "soft" || this.random() < 0.5 ? "hard" : "soft";
        return [{ kind: "cancel-asked", hard: this.cancelled === "hard" }];
      });
    }
    return all;
  }

  /** One step, what it asks for, and what comes of that at once. */
  private feed(first: Input): void {
    this.inbox.push(first);
    while (this.inbox.length > 0) {
      const input = this.inbox.shift()!;
      this.steps++;
      const effects = (this.options.step ?? step)(this.state, input);
      this.stories.take(this.state, this.steps, (node, to) => {
        if (to === "failed" || to === "timed-out") this.failed = true;
        const again = (this.values.has(node) && !isSuccess(to)) && !this.vanished.has(node);
        expect(!again, node, "has its value, and begins again");
        // It may be there again: whoever missed it had looked before that.
        if (to === "wanted") this.values.delete(node);
        if (isSuccess(to)) {
          const value = this.offers.get(node);
          expect(value !== undefined, node, "has succeeded, and there is no value");
          this.values.set(node, value);
          this.offers.delete(node);
        }
      });
      for (const effect of effects) this.act(effect);
      checkInvariants(this.state);
    }
    this.compare();
  }

  /** The scheduler and the executor agree on what is going on. */
  private compare(): void {
    const { state } = this;
    expect(state.asked === this.questions.length, -1, `${state.asked} questions are open`);
    expect(state.paused === this.pauses.length, -1, `${state.paused} pauses are open`);
    this.lanes.forEach((lane, index) => {
      const known = [...state.lanes[index]!.running].join();
      expect(known === lane.join(), lane[0] ?? -1, `lane ${index} is said to hold ${known}, holds ${lane}`);
    });
    this.attempts.forEach((count, node) => {
      const known = state.attempts.at(node);
      expect(known === count, node, `${known} attempts are counted, ${count} have begun`);
    });
  }

  /** One effect. */
  private act(effect: Effect): void {
    expect(!this.ended || effect.kind !== "end" || this.options.losing === true, -1, "the run ends twice");
    switch (effect.kind) {
      case "look-up":
      case "expand":
      case "resolve":
        this.questions.push(effect);
        return;
      case "start":
        return this.start(effect.lane, effect.nodes);
      case "recall":
        if (this.options.slowRecalls) this.recalls.push(effect);
        else this.inbox.push(...this.takeBack(effect));
        return;
      case "pause":
        return this.pause(effect.node, effect.millis);
      case "cancel-running":
        if (effect.hard) this.kill();
        return;
      case "release":
        return this.release(effect.node);
      case "end":
        return this.end();
      default:
        return unreachable(effect);
    }
  }

  private start(lane: number, nodes: readonly number[]): void {
    const { policy } = this.world;
    expect(!this.failed || policy === "keep-going", nodes[0]!, "is handed out after a failure");
    expect(this.cancelled === false, nodes[0]!, "is handed out after a cancel");
    const held = this.lanes[lane]!;
    for (const node of nodes) {
      this.attempts[node] = (this.attempts[node] ?? 0) + 1;
      held.push(node);
    }
    if (nodes.length > 1) this.portions++;
    if (held.length === nodes.length) this.begin(held);
  }

  /** The first node of a lane begins: all that it needs must be there. */
  private begin(lane: readonly number[]): void {
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
  private upstreams(node: number): number[] {
    const { inputs, deps = [] } = this.recipe(node);
    return [...inputs, ...deps].map((call) => {
      const id = this.idOf.get(call);
      expect(id !== undefined, node, `begins before its deps were asked`);
      return id;
    });
  }

  private recipe(node: number): Recipe {
    return this.world.recipes[this.recipeOf[node]!]!;
  }

  /** The executing node of a lane comes to its end, one way or another. */
  private complete(lane: number[]): Input[] {
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
  private answer({ kind, node }: Question): Input[] {
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

  private ids(calls: readonly number[]): number[] {
    return calls.map((call) => this.idOf.get(call)!);
  }

  /** All of a list, or only its first. */
  private some(nodes: readonly number[]): readonly number[] {
    return this.random() < 0.5 ? nodes : nodes.slice(0, 1);
  }

  /** The calls, and those in their inputs, join the graph in any order. */
  private join(calls: readonly number[]): Input[] {
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
  private takeBack({ lane, count }: Recall): Input[] {
    const held = this.lanes[lane]!;
    const most = Math.max(0, Math.min(count, held.length - 1));
    const few = this.options.slowRecalls ? this.below(most + 1) : most;
    const nodes = held.splice(held.length - few, few);
    return this.recall(nodes);
  }

  private takeRest(lane: number[]): Input[] {
    return this.recall(lane.splice(0, lane.length));
  }

  private recall(nodes: readonly number[]): Input[] {
    for (const node of nodes) this.attempts[node]!--;
    this.recalled += nodes.length;
    return nodes.length === 0 ? [] : [{ kind: "recalled", nodes }];
  }

  /** Ends whatever executes; what was not begun is given back. */
  private kill(): void {
    for (const lane of this.lanes) {
      const node = lane.shift();
      if (node !== undefined) this.inbox.push(...this.takeRest(lane), { kind: "attempt-cancelled", node });
    }
  }

  /** Computes the pause anew from the rule and the failures that were really seen. */
  private pause(node: number, millis: number): void {
    const { count, vary } = this.failures.get(node)!;
    const { backoff, factor, maxBackoff, jitter, limit } = this.world.groups[this.recipe(node).group]!.retry;
    let expected = backoff;
    for (let more = 1; more < count; more++) expected *= factor;
    expected = Math.round(Math.min(expected, maxBackoff) * (1 - jitter * vary));
    expect(count <= limit, node, `is tried again after ${count} failures, ${limit} are allowed`);
    expect(expected === millis, node, `pauses for ${millis} ms instead of ${expected}`);
    this.pauses.push(node);
  }

  /** Nobody may need a result that is let go. */
  private release(node: number): void {
    const recipe = this.recipeOf[node]!;
    expect(this.values.has(node) || this.vanished.has(node), node, "is released without a value");
    expect(!this.world.wanted.includes(recipe), node, "is released though it is wanted");
    this.released.add(node);
    if (this.options.losing && this.random() < 0.5) this.vanish(node);
  }

  private vanish(node: number): void {
    if (this.values.delete(node)) this.vanished.add(node);
  }

  /** A stored result is gone; nobody notices until it is used. */
  private lose(): Input[] {
    const stored = [...this.values.keys()].filter((node) => isSuccess(stateOf(this.state, node)));
    if (stored.length > 0) this.vanish(stored[this.below(stored.length)]!);
    this.toLose--;
    return [];
  }

  /** The run says that it is over. */
  private end(): void {
    expect(this.lanes.every((lane) => lane.length === 0), -1, "the run ends while attempts are running");
    expect(this.questions.length === 0, -1, "the run ends while questions are open");
    const stopped = this.cancelled !== false || (this.failed && this.world.policy !== "keep-going");
    expect(stopped || this.pauses.length === 0, -1, "the run ends while a retry is due");
    this.ended = true;
    if (stopped || !this.options.losing) return;
    const lost = this.ids(this.world.wanted).filter((node) =>
      isSuccess(stateOf(this.state, node)) && !this.values.has(node)
    );
    if (lost.length === 0) return;
    this.ended = false;
    this.inbox.push({ kind: "results-lost", node: -1, during: "end", upstreams: lost });
  }
}

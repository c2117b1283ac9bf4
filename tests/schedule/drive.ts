/**
 * The rig: drives `step` through a world with an executor that is nothing but lists. Lanes run the nodes handed to them one
 * after another; what happens next is drawn from a seed; after every step all invariants are checked.
 */
import { isSuccess, type NodeState } from "../../src/model/state.ts";
import type { Effect, Recall, Start } from "../../src/schedule/effect.ts";
import type { Input } from "../../src/schedule/input.ts";
import { stateOf } from "../../src/schedule/set.ts";
import type { ScheduleState } from "../../src/schedule/state.ts";
import { step } from "../../src/schedule/step.ts";
import { unreachable } from "../../src/model/unreachable.ts";
import { type DriveOptions, Executor } from "./executor.ts";
import { Broken, checkInvariants, expect, Stories } from "./invariants.ts";
import { Turns } from "./turns.ts";
import type { World } from "./world.ts";

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
  /** How many attempts have waited, and how many of them were to wait for ever. */
  readonly waited: number;
  readonly stuck: number;
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

class Rig extends Executor {
  readonly stories = new Stories();
  private readonly pauses: number[] = [];
  private readonly recalls: Recall[] = [];
  private inbox: Input[] = [];
  private steps = 0;
  private portions = 0;
  private ended = false;
  private toLose = 6;
  private toRefuse = 4;
  /** By attempt: the step in which it went on. */
  private readonly resumedAt = new Map<number, number>();
  private waited = 0;
  private conditionsTold = 0;
  private stuck = 0;
  /** By node: those it needs, as far as the scheduler was told. */
  private readonly needs: Set<number>[] = [];
  private readonly turns = new Turns(this.state);

  run(): Driven {
    this.feed({
      kind: "together",
      inputs: [
        { kind: "rooms-set", rooms: this.world.rooms },
        { kind: "pools-set", pools: this.world.pools },
        { kind: "groups-added", groups: this.world.groups },
        ...this.join(this.world.wanted),
      ],
    });
    for (let actions = this.actions(); actions.length > 0; actions = this.actions()) {
      const inputs: Input[] = [];
      for (let more = 1 + this.below(3); more > 0 && actions.length > 0; more--) {
        inputs.push(...actions[this.below(actions.length)]!());
        actions = this.actions();
      }
      if (inputs.length > 0) this.feed(inputs.length === 1 ? inputs[0]! : { kind: "together", inputs });
      expect(this.steps < 400 + this.world.recipes.length * 100, -1, "the run does not end");
    }
    expect(this.waiting.size + this.resuming.size === 0, -1, "attempts wait for ever");
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
      waited: this.waited,
      stuck: this.stuck,
    };
  }

  /** Everything that may happen next. */
  private actions(): (() => Input[])[] {
    const { questions, pauses, recalls } = this;
    const lanes = this.allLanes();
    const take = <T>(list: T[], item: T) => list.splice(list.indexOf(item), 1);
    const all: (() => Input[])[] = [
      ...lanes.flatMap((lane) => lane.length === 0 ? [] : [() => this.complete(lane)]),
      ...questions.map((question) => () => (take(questions, question), this.answer(question))),
      ...pauses.map((node) => () => (take(pauses, node), [{ kind: "pause-ended" as const, node }])),
      ...[...this.waiting].flatMap(([node, lists]) => this.wakings(node, lists)),
      ...[...this.resuming].flatMap((node) => this.cancelled === false ? [] : [() => this.cancel(node)]),
      ...recalls.map((recall) => () => (take(recalls, recall), this.takeBack(recall))),
      ...[...this.closed.keys()].map(
        (room) => () => (this.closed.delete(room), [{ kind: "room-opened" as const, room }]),
      ),
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

  /** What may become of an attempt that waits. */
  private wakings(node: number, lists: readonly (readonly number[])[]): (() => Input[])[] {
    const all: (() => Input[])[] = [];
    if (this.cancelled !== false) all.push(() => this.cancel(node));
    const fails = this.recipe(node).failsAt === this.underWay.get(node)!.at && this.failuresLeft(node);
    if (fails) all.push(() => this.fail(node));
    else if (lists.every((list) => this.isOver(list))) {
      all.push(() => {
        this.waiting.delete(node);
        this.resuming.add(node);
        return [{ kind: "wait-over", node }];
      });
    }
    if (this.isOutdated()) all.push(() => this.outdate(node));
    const missing = this.upstreams(node).filter((up) => !this.values.has(up));
    if (missing.length > 0) all.push(() => this.lost(node, missing));
    return all;
  }

  /** One step, what it asks for, and what comes of that at once. */
  private feed(first: Input): void {
    this.inbox.push(first);
    while (this.inbox.length > 0) {
      const input = this.inbox.shift()!;
      this.steps++;
      this.turns.before(this.conditions(input));
      const effects = (this.options.step ?? step)(this.state, input);
      this.stories.take(this.state, this.steps, (node, to) => {
        if (to === "failed" || to === "timed-out") this.failed++;
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
      this.note(input);
      checkInvariants(this.state);
      this.turns.after([...this.questions.map(({ node }) => node), ...this.pauses]);
    }
    this.compare();
  }

  /** The nodes whose conditions an input tells. */
  private conditions(input: Input): number[] {
    if (input.kind === "together") return input.inputs.flatMap((one) => this.conditions(one));
    if (input.kind === "expanded") return input.conditional ? [input.node] : [];
    if (input.kind !== "nodes-added") return [];
    const first = this.conditionsTold;
    this.conditionsTold += input.nodes.length;
    return input.nodes.flatMap(({ conditional }, index) => conditional ? [first + index] : []);
  }

  /** Who needs whose result. */
  private note(input: Input): void {
    if (input.kind === "together") { for (const one of input.inputs) this.note(one); }
    const needs = (node: number, list: readonly number[] = []) => {
      const known = this.needs[node] ??= new Set();
      for (const up of list) known.add(up);
    };
    if (input.kind === "nodes-added") {
      const first = this.needs.length;
      input.nodes.forEach(({ upstreams }, index) => needs(first + index, upstreams));
    } else if (input.kind === "expanded") needs(input.node, input.upstreams);
    else if (input.kind === "attempt-waits") {
      this.waited++;
      needs(input.node, input.on);
    } else if (input.kind === "attempt-succeeded") needs(input.node, input.follow);
    else if (input.kind === "lookup-answered") needs(input.node, input.first ?? input.follow);
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
    for (const [name, pool] of state.pools) {
      const portions = [...new Set(state.portionOf.values())].filter((portion) => portion.pool === pool);
      for (const { lane, running } of portions) {
        const held = this.laneOf(name, lane).join();
        expect(
          [...running].join() === held,
          -1,
          `${name} ${lane} is said to hold ${[...running]}, holds ${held}`,
        );
      }
      const busy = [...this.ownLanes].filter(([key, lane]) =>
        key.startsWith(`${name} `) && lane.length > 0
      ).length;
      expect(
        busy === pool.busy && busy <= pool.lanes,
        -1,
        `${busy} lanes of ${name} are busy, ${pool.busy} known`,
      );
    }
    const usage = this.usage();
    for (const [name, room] of state.rooms) {
      const { amount, users } = usage.get(name) ?? { amount: 0, users: 0 };
      expect(amount === room.used, -1, `${room.used} of ${name} are said to be taken, ${amount} are`);
      expect(
        amount <= room.capacity || users === 1,
        -1,
        `${amount} of ${name} are taken, of ${room.capacity}`,
      );
    }
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
        for (const node of effect.nodes) {
          this.turns.opens(node);
          this.questions.push({ kind: "look-up", node });
        }
        return;
      case "expand":
      case "resolve":
        if (effect.kind !== "resolve") this.turns.opens(effect.node);
        this.questions.push(effect);
        return;
      case "resume":
        return this.resume(effect.node);
      case "start":
        return this.start(effect);
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

  private start({ pool, lane, nodes }: Start): void {
    const { needs } = this.world.groups[this.recipe(nodes[0]!).group]!;
    for (const [room] of needs) {
      const since = this.closed.get(room) ?? this.steps;
      expect(since === this.steps, nodes[0]!, `is handed out in the room ${room}, which is closed`);
    }
    if (needs.length > 0 && this.options.refuses && this.toRefuse > 0 && this.random() < 0.3) {
      this.toRefuse--;
      const [room] = needs[this.below(needs.length)]!;
      if (this.state.rooms.has(room)) {
        this.closed.set(room, this.steps);
        for (const node of nodes) this.inbox.push({ kind: "room-refused", node, room });
        for (const node of nodes) this.attempts[node] ??= 0;
        return;
      }
    }
    expect(!this.hasEnough, nodes[0]!, "is handed out after a failure");
    expect(this.cancelled === false, nodes[0]!, "is handed out after a cancel");
    const held = this.laneOf(pool, lane);
    const taken = [...this.underWay].some(([, attempt]) => attempt.lane === held) &&
      !this.lanes.includes(held);
    expect(!taken, nodes[0]!, `is handed to lane ${lane} of ${pool}, which is taken`);
    for (const node of nodes) {
      this.turns.opens(node);
      this.attempts[node] = (this.attempts[node] ?? 0) + 1;
      held.push(node);
    }
    if (nodes.length > 1) this.portions++;
    if (held.length === nodes.length) this.begin(held);
  }

  /** Ends whatever executes; what was not begun is given back. */
  private kill(): void {
    for (const lane of this.allLanes()) this.inbox.push(...this.takeRest(lane));
    for (const node of [...this.underWay.keys()]) this.inbox.push(...this.cancel(node));
  }

  /** An attempt that waited goes on: only others of its kind may be on its lane. */
  private resume(node: number): void {
    // It may just have been ended the hard way, which the scheduler is about to hear.
    if (!this.underWay.has(node) && (this.cancelled === "hard" || this.failed > 0)) return;
    expect(this.resuming.delete(node), node, "goes on, and was not told to");
    const { lane } = this.underWay.get(node)!;
    this.resumedAt.set(node, this.steps);
    const among = lane.every((one) => this.resumedAt.get(one) === this.steps);
    expect(among || !this.lanes.includes(lane), node, "goes on while its lane is in use");
    lane.push(node);
    const executing = this.lanes.filter((one) => one.length > 0).length;
    expect(executing <= this.world.parallel, node, `goes on as number ${executing}`);
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
    const user = this.needs.findIndex((needs, one) => needs.has(node) && !this.isSettled(one));
    expect(user < 0 || this.options.losing === true, node, `is released though ${user} needs it`);
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
    expect(this.allLanes().every((lane) => lane.length === 0), -1, "the run ends while attempts are running");
    expect(this.questions.length === 0, -1, "the run ends while questions are open");
    const stopped = this.cancelled !== false || this.hasEnough;
    expect(stopped || this.pauses.length === 0, -1, "the run ends while a retry is due");
    this.ended = true;
    if (this.waiting.size > 0) return this.endStuck();
    if (stopped || !this.options.losing) return;
    const lost = this.ids(this.world.wanted).filter((node) =>
      isSuccess(stateOf(this.state, node)) && !this.values.has(node)
    );
    if (lost.length === 0) return;
    this.ended = false;
    this.inbox.push({ kind: "results-lost", node: -1, during: "end", upstreams: lost });
  }

  /** Attempts wait for each other's locks: the engine says so, and asks all to end. */
  private endStuck(): void {
    this.stuck += this.waiting.size;
    expect(this.resuming.size === 0, -1, "the run ends though an attempt goes on");
    for (const [node, lists] of this.waiting) {
      expect(!lists.every((list) => this.isOver(list)), node, "the run ends though it has what it waits for");
    }
    const parked = [...this.state.parked.values()].some(({ queue }) => queue.length > 0);
    expect(parked && this.holders.size > 0, -1, "the run ends while attempts wait, without a lock");
    this.ended = false;
    this.cancelled = "soft";
    this.inbox.push({ kind: "cancel-asked", hard: false });
  }
}

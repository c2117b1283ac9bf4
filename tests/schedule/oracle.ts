/** The one oracle: it evaluates the calls of a world one after another, and what must wait for everything else in rounds. */
import type { NodeState } from "../../src/model/state.ts";
import type { Group } from "../../src/schedule/input.ts";
import type { Recipe, World } from "./world.ts";

/** What must become of a call. */
export interface Truth {
  readonly state: NodeState;
  readonly value: number | undefined;
  /** Whether the call ever joins the graph. */
  readonly met: boolean;
}

/** The share of a failed call in the value of a tolerant one. */
export const FAILED = 13;

/** The value of a call: it tells the order and number of its parts. */
export function mix(own: number, parts: readonly number[]): number {
  return parts.reduce((sum, part, index) => (sum * 31 + part * (index + 7)) % 1_000_003, own);
}

/** Whether a failed attempt is tried again as long as the limit allows. */
function isRetried(recipe: Recipe, { retry: { on } }: Group): boolean {
  return recipe.retriable && recipe.left !== 0 &&
    (on === undefined || on.includes(recipe.reason) || on.includes(recipe.errorName));
}

/** Whether all attempts fail in the end. */
function failsForGood(recipe: Recipe, group: Group): boolean {
  return recipe.failures > 0 && (!isRetried(recipe, group) || recipe.failures > group.retry.limit);
}

/** What a call has come to: `ready` ones are held back, because of their wave or their condition. */
interface Outcome {
  readonly state: NodeState;
  readonly value?: number;
  /** The calls that it has brought into the graph, besides its inputs. */
  readonly opened: readonly number[];
}

/** One look at all calls in order: what becomes of them while only some waves have begun and some conditions were judged. */
class Round {
  readonly outcomes: Outcome[] = [];
  readonly met = new Set<number>();

  constructor(
    private readonly world: World,
    private readonly wave: number,
    private readonly judged: ReadonlyMap<number, boolean>,
  ) {
    world.recipes.forEach((recipe, index) => this.outcomes.push(this.outcome(recipe, index)));
    for (const call of world.wanted) this.met.add(call);
    for (let index = world.recipes.length - 1; index >= 0; index--) {
      if (!this.met.has(index)) continue;
      for (const call of world.recipes[index]!.inputs) this.met.add(call);
      for (const call of this.outcomes[index]!.opened) this.met.add(call);
    }
  }

  private outcome(recipe: Recipe, index: number): Outcome {
    const { inputs, deps, stages, follow } = recipe;
    const group = this.world.groups[recipe.group]!;
    const opened: number[] = [];
    const none = (state: NodeState): Outcome => ({ state, opened });
    const fails = () => none(recipe.reason === "timeout" ? "timed-out" : "failed");
    if (!this.have(inputs)) return none(this.without(inputs));
    if (group.wave > this.wave) return none("ready");
    const isHeld = recipe.conditional && !this.judged.has(index);
    if (isHeld && !recipe.late) return none("ready");
    if (this.judged.get(index) === false && !recipe.late) return none("cancelled");
    if (deps !== undefined) {
      if (recipe.refuses) return none("failed");
      opened.push(...deps);
      if (!this.have(deps)) return none(this.without(deps));
      if (isHeld) return none("ready");
      if (this.judged.get(index) === false) return none("cancelled");
    }
    if (group.lookup && recipe.leftOut) return none("cancelled");
    let cached = group.lookup && recipe.hit;
    if (cached && follow === undefined && stages.length > 0) {
      opened.push(...stages.flat());
      if (!this.settled(stages.flat())) return none("blocked");
      cached = this.have(stages.flat());
    }
    if (!cached) {
      for (let at = 0; at <= 2 * stages.length; at++) {
        if (recipe.failures > 0 && at === recipe.failsAt && failsForGood(recipe, group)) return fails();
        const stage = stages[at >> 1];
        if (stage === undefined) break;
        opened.push(...stage);
        if (at % 2 === 0) continue;
        const hears = !recipe.tolerant && (!recipe.apart || this.settled(stage));
        if (hears && this.without(stage) === "cancelled") return none("failed");
        if (!this.settled(stage)) return none("blocked");
      }
    }
    if (follow !== undefined) {
      opened.push(...follow);
      if (!this.have(follow)) return none(this.without(follow));
    }
    const parts = (calls: readonly number[]) => calls.map((call) => this.outcomes[call]!.value ?? FAILED);
    const value = mix(recipe.own, parts(follow ?? [...inputs, ...deps ?? [], ...stages.flat()]));
    const done = recipe.skips && follow === undefined ? "skipped" : "succeeded";
    return { state: cached ? "up-to-date" : done, value, opened };
  }

  private have(calls: readonly number[]): boolean {
    return calls.every((call) => this.outcomes[call]!.value !== undefined);
  }
  private settled(calls: readonly number[]): boolean {
    return calls.every((call) => !["ready", "blocked"].includes(this.outcomes[call]!.state));
  }
  /** What becomes of one that needs calls which are not all there. */
  private without(calls: readonly number[]): NodeState {
    const failed = calls.some((call) =>
      this.outcomes[call]!.value === undefined && !["ready", "blocked"].includes(this.outcomes[call]!.state)
    );
    return failed ? "cancelled" : "blocked";
  }
  /** The calls that are held back, and whether by a condition. */
  held(conditional: boolean): number[] {
    return [...this.met].filter((call) => {
      const recipe = this.world.recipes[call]!;
      if (this.outcomes[call]!.state !== "ready") return false;
      return conditional === this.world.groups[recipe.group]!.wave <= this.wave;
    });
  }
}

/** The oracle: every call in order, one at a time, with nothing stopped by a failure elsewhere. */
export function evaluate(world: World): readonly Truth[] {
  let wave = Math.min(...world.groups.map((group) => group.wave));
  const judged = new Map<number, boolean>();
  while (true) {
    const round = new Round(world, wave, judged);
    const conditional = round.held(true);
    const held = round.held(false);
    if (conditional.length > 0) {
      const failed = [...round.met].some((call) =>
        ["failed", "timed-out"].includes(round.outcomes[call]!.state)
      );
      for (const call of conditional) judged.set(call, !failed);
    } else if (held.length > 0) {
      wave = Math.min(...held.map((call) => world.groups[world.recipes[call]!.group]!.wave));
    } else {
      return round.outcomes.map(({ state, value }, index) => ({ state, value, met: round.met.has(index) }));
    }
  }
}

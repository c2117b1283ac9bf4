/** Random worlds for the scheduler: small arithmetic graphs, and the one oracle, which evaluates them one after another. */
import fc from "fast-check";
import type { FailureReason } from "../../src/model/retry.ts";
import type { NodeState } from "../../src/model/state.ts";
import type { Group } from "../../src/schedule/input.ts";
import type { FailurePolicy } from "../../src/schedule/state.ts";

/** A call of a world; it refers to earlier ones only, by their indices. */
export interface Recipe {
  /** Its own share of its value. */
  readonly own: number;
  /** The calls in its input. */
  readonly inputs: readonly number[];
  /** The calls its `deps` returns, once its inputs are computed. */
  readonly deps: readonly number[] | undefined;
  /** Its `deps` throws. */
  readonly refuses: boolean;
  /** The calls its task returns: its value is made of theirs. */
  readonly follow: readonly number[] | undefined;
  /** The cache has a valid entry. */
  readonly hit: boolean;
  /** How many attempts fail before the first that does not, and how. */
  readonly failures: number;
  readonly reason: FailureReason;
  readonly errorName: string;
  readonly retriable: boolean;
  readonly group: number;
}

/** What one run is about. */
export interface World {
  readonly recipes: readonly Recipe[];
  /** By group: what the scheduler is told, and how long its attempts take. */
  readonly groups: readonly (Group & { readonly millis: number })[];
  readonly wanted: readonly number[];
  readonly parallel: number;
  readonly policy: FailurePolicy;
}

/** What must become of a call. */
export interface Truth {
  readonly state: NodeState;
  readonly value: number | undefined;
  /** Whether the call ever joins the graph. */
  readonly met: boolean;
}

/** The value of a call: it tells the order and number of its parts. */
export function mix(own: number, parts: readonly number[]): number {
  return parts.reduce((sum, part, index) => (sum * 31 + part * (index + 7)) % 1_000_003, own);
}

/** Whether all attempts fail in the end. */
function failsForGood(recipe: Recipe, group: Group): boolean {
  if (recipe.failures === 0) return false;
  const { limit, on } = group.retry;
  const again = recipe.retriable &&
    (on === undefined || on.includes(recipe.reason) || on.includes(recipe.errorName));
  return !again || recipe.failures > limit;
}

/** The oracle: every call in order, one at a time, with nothing stopped by a failure elsewhere. */
export function evaluate(world: World): readonly Truth[] {
  const states: NodeState[] = [];
  const values: (number | undefined)[] = [];
  const opens: (readonly number[])[] = [];
  world.recipes.forEach((recipe, index) => {
    const ready = (calls: readonly number[]) => calls.every((call) => values[call] !== undefined);
    const parts = (calls: readonly number[]) => mix(recipe.own, calls.map((call) => values[call]!));
    const { inputs, deps = [], follow } = recipe;
    const group = world.groups[recipe.group]!;
    const come = (state: NodeState, value?: number, ...met: number[]) => {
      states[index] = state;
      values[index] = value;
      opens[index] = [...inputs, ...met];
    };
    if (!ready(inputs)) return come("blocked");
    if (recipe.refuses && recipe.deps !== undefined) return come("failed");
    if (!ready(deps)) return come("blocked", undefined, ...deps);
    const cached = group.lookup && recipe.hit;
    if (!cached && failsForGood(recipe, group)) {
      return come(recipe.reason === "timeout" ? "timed-out" : "failed", undefined, ...deps);
    }
    if (follow !== undefined && !ready(follow)) return come("blocked", undefined, ...deps, ...follow);
    const value = follow === undefined ? parts([...inputs, ...deps]) : parts(follow);
    return come(cached ? "up-to-date" : "succeeded", value, ...deps, ...follow ?? []);
  });
  const met = new Set<number>(world.wanted);
  for (let index = world.recipes.length - 1; index >= 0; index--) {
    if (met.has(index)) { for (const call of opens[index]!) met.add(call); }
  }
  return states.map((state, index) => ({ state, value: values[index], met: met.has(index) }));
}

/** Which features a world may have. */
export interface WorldOptions {
  /** Attempts that fail for good, and `deps` that throw. */
  readonly fatal: boolean;
  /** `deps` asked late, and returned calls. */
  readonly dynamic: boolean;
  readonly policies: readonly FailurePolicy[];
}

const REASONS: readonly FailureReason[] = ["error", "exit", "timeout", "crash", "unclonable"];

/** A rule with anything in it but waiting. */
const retry = fc.record({
  limit: fc.nat(3),
  backoff: fc.constantFrom(0, 10, 1_000),
  factor: fc.constantFrom(1, 2, 1.5),
  maxBackoff: fc.constantFrom(5, 1_500, 300_000),
  jitter: fc.constantFrom(0, 0.5, 1),
  on: fc.constantFrom(undefined, undefined, ["error", "crash"], ["TypeError"], []),
});

/** Worlds of up to `size` calls. */
export function worlds(options: WorldOptions, size = 40): fc.Arbitrary<World> {
  const calls = (most: number) => fc.array(fc.nat(), { maxLength: most });
  const later = (some: fc.Arbitrary<number[]>) =>
    options.dynamic ? fc.option(some, { freq: 2, nil: undefined }) : fc.constant(undefined);
  const recipe = fc.record({
    own: fc.nat(1_000),
    inputs: fc.oneof(
      { weight: 2, arbitrary: fc.constant<number[]>([]) },
      { weight: 3, arbitrary: calls(4) },
    ),
    deps: later(calls(3)),
    refuses: fc.nat(9).map((chance) => options.fatal && chance === 0),
    follow: later(calls(3)),
    hit: fc.boolean(),
    failures: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2, options.fatal ? 5 : 3),
    reason: fc.constantFrom(...REASONS),
    errorName: fc.constantFrom("Error", "TypeError"),
    retriable: fc.nat(5).map((chance) => chance > 0),
    group: fc.nat(),
  });
  const group = fc.record({
    pool: fc.constantFrom("worker", "worker", "process"),
    retry,
    single: fc.nat(3).map((chance) => chance === 0),
    lookup: fc.boolean(),
    millis: fc.constantFrom(0.001, 0.02, 0.3, 20),
  });
  return fc.record({
    recipes: fc.array(recipe, { minLength: 1, maxLength: size, size: "max" }),
    groups: fc.array(group, { minLength: 1, maxLength: 4 }),
    wanted: fc.array(fc.nat(), { maxLength: 4 }),
    parallel: fc.integer({ min: 1, max: 8 }),
    policy: fc.constantFrom(...options.policies),
  }).map(({ recipes, groups, wanted, parallel, policy }): World => {
    const last = recipes.length - 1;
    const earlier = (index: number, calls: readonly number[] | undefined) =>
      index === 0 ? [] : (calls ?? []).map((call) => call % index);
    const list = groups.map((one) =>
      options.fatal ? one : { ...one, retry: { ...one.retry, limit: 3, on: undefined } }
    );
    return {
      recipes: recipes.map((one, index) => ({
        ...one,
        inputs: earlier(index, one.inputs),
        deps: one.deps === undefined ? undefined : earlier(index, one.deps),
        follow: one.follow === undefined ? undefined : earlier(index, one.follow),
        retriable: one.retriable || !options.fatal,
        group: one.group % groups.length,
      })),
      groups: list,
      // Without any, everything is wanted: wide graphs are what lanes are about.
      wanted: wanted.length === 0
        ? recipes.map((_, index) => index)
        : [...new Set([last, ...wanted.map((call) => call % recipes.length)])],
      parallel,
      policy,
    };
  });
}

/** Wide worlds of small calls that may share lanes, `size` of them at most. */
export function wideWorlds(size = 150): fc.Arbitrary<World> {
  return worlds({ fatal: false, dynamic: false, policies: ["stop"] }, size).map((world) => ({
    ...world,
    groups: world.groups.map((group) => ({ ...group, single: false, lookup: false, millis: 0.01 })),
    recipes: world.recipes.map((recipe) => ({ ...recipe, inputs: recipe.inputs.slice(3) })),
    wanted: world.recipes.map((_, index) => index),
  }));
}

/** Checks a property many times; a failure prints the seed, and `RUNNER_SEED` takes it again. */
export function check<T>(property: fc.IProperty<T>, numRuns = 300, options: fc.Parameters<T> = {}): void {
  const seed = Deno.env.get("RUNNER_SEED");
  fc.assert(property, { numRuns, ...options, ...(seed !== undefined && { seed: Number(seed) }) });
}

/** Numbers from 0 up to 1, always the same for a seed. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

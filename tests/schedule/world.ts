/** Random worlds for the scheduler: small arithmetic graphs, and the one oracle, which evaluates them one after another. */
import fc from "fast-check";
import type { FailureReason } from "../../src/model/retry.ts";
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
  /** The calls its attempts make and wait for, those of one list at once. */
  readonly stages: readonly (readonly number[])[];
  /** Its attempts wait for each call by itself, so that they hear of the first failure when all have ended. */
  readonly apart: boolean;
  /** Its attempts go on when a call of theirs has failed. */
  readonly tolerant: boolean;
  /** Where attempts fail: an even number before they make the calls of a stage, an odd one while they wait for them. */
  readonly failsAt: number;
  /** The calls its task returns: its value is made of theirs. */
  readonly follow: readonly number[] | undefined;
  /** It starts only when nothing else is left to do, and nothing has failed; `late`: its `deps` say so. */
  readonly conditional: boolean;
  readonly late: boolean;
  /** It may not run in this run. */
  readonly leftOut: boolean;
  /** Its task says that there was nothing to do. */
  readonly skips: boolean;
  readonly chunk: number | undefined;
  /** The cache has a valid entry. */
  readonly hit: boolean;
  /** How many attempts fail before the first that does not, and how. */
  readonly failures: number;
  readonly reason: FailureReason;
  readonly errorName: string;
  readonly retriable: boolean;
  /** What is left of its time for all attempts when one has failed: nothing, or more than any pause takes. */
  readonly left: number | undefined;
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
  /** With `keep-going`: how many failures there may be. */
  readonly maxFailures: number;
  /** What there is only so much of. */
  readonly rooms: readonly (readonly [room: string, capacity: number])[];
  /** Pools with lanes of their own. */
  readonly pools: readonly (readonly [pool: string, lanes: number])[];
}

/** Which features a world may have. */
export interface WorldOptions {
  /** Attempts that fail for good, and `deps` that throw. */
  readonly fatal: boolean;
  /** `deps` asked late, and returned calls. */
  readonly dynamic: boolean;
  /** Attempts that make calls. */
  readonly calling: boolean;
  /** Waves, conditions, and nodes that may not run. */
  readonly ordered: boolean;
  /** `any` may come to a deadlock, `safe` may not. */
  readonly locks: "none" | "safe" | "any";
  /** Rooms, and pools with lanes of their own. */
  readonly rooms?: boolean;
  readonly policies: readonly FailurePolicy[];
  /** Only some failures may come; otherwise any number. */
  readonly bounded?: boolean;
}

const REASONS: readonly FailureReason[] = ["error", "exit", "timeout", "crash", "unclonable"];

/** Worlds in which nothing comes between a ready node and its lane. */
export const PLAIN = { calling: false, ordered: false, locks: "none" } as const;

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
    refuses: fc.nat(9).map((chance) => options.fatal && chance === 9),
    stages: options.calling
      ? fc.oneof(
        { weight: 2, arbitrary: fc.constant<number[][]>([]) },
        { weight: 1, arbitrary: fc.array(calls(4), { maxLength: 3 }) },
      )
      : fc.constant<number[][]>([]),
    apart: fc.boolean(),
    tolerant: fc.boolean(),
    failsAt: fc.nat(6),
    follow: later(calls(3)),
    conditional: fc.nat(7).map((chance) => options.ordered && chance === 7),
    late: fc.boolean(),
    leftOut: fc.nat(19).map((chance) => options.ordered && options.fatal && chance === 19),
    skips: fc.nat(4).map((chance) => chance === 4),
    chunk: fc.option(fc.nat(3), { freq: 2, nil: undefined }),
    hit: fc.boolean(),
    failures: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2, options.fatal ? 5 : 3),
    reason: fc.constantFrom(...REASONS),
    errorName: fc.constantFrom("Error", "TypeError"),
    retriable: fc.nat(5).map((chance) => chance > 0),
    left: fc.nat(9).map((chance) => [options.fatal ? 0 : 1e9, 1e9, 1e9][chance]),
    group: fc.nat(),
  });
  const group = fc.record({
    pool: options.rooms
      ? fc.constantFrom("worker", "worker", "process", "away", "away")
      : fc.constantFrom("worker", "worker", "process"),
    needs: options.rooms
      ? fc.uniqueArray(fc.tuple(fc.constantFrom("r", "s", "without end"), fc.integer({ min: 1, max: 3 })), {
        maxLength: 2,
        selector: ([room]) => room,
      })
      : fc.constant<[string, number][]>([]),
    pack: fc.constantFrom(undefined, { count: 3, millis: Infinity }, { count: 50, millis: 1 }),
    retry,
    single: fc.nat(3).map((chance) => chance === 0),
    lookup: fc.boolean(),
    locks: options.locks === "none"
      ? fc.constant<string[]>([])
      : fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 2 }),
    wave: options.ordered ? fc.constantFrom(0, 0, 0, 1, 2, -3) : fc.constant(0),
    priority: fc.constantFrom(0, 0, 0, 5, -5),
    millis: fc.constantFrom(0.001, 0.02, 0.3, 20),
  });
  return fc.record({
    recipes: fc.array(recipe, { minLength: 1, maxLength: size, size: "max" }),
    groups: fc.array(group, { minLength: 1, maxLength: 4 }),
    wanted: fc.array(fc.nat(), { maxLength: 4 }),
    parallel: fc.integer({ min: 1, max: 8 }),
    policy: fc.constantFrom(...options.policies),
    maxFailures: options.bounded ? fc.integer({ min: 1, max: 4 }) : fc.constant(Infinity),
    rooms: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    lanes: fc.constantFrom(1, 2, Infinity),
  }).map(({ recipes, groups, wanted, parallel, policy, maxFailures, rooms, lanes }): World => {
    const last = recipes.length - 1;
    const earlier = (index: number, calls: readonly number[] | undefined) =>
      index === 0 ? [] : (calls ?? []).map((call) => call % index);
    const list = groups.map(({ pack, ...one }) =>
      one.pool === "away" && pack !== undefined ? { ...one, pack } : one
    ).map((one) => options.fatal ? one : { ...one, retry: { ...one.retry, limit: 3, on: undefined } });
    // Whether an attempt that waits fails before or after conditions are judged is for chance to decide.
    const steps = recipes.some((one) => one.conditional) ? ~1 : ~0;
    const whole = recipes.map((one, index): Recipe => ({
      ...one,
      inputs: earlier(index, one.inputs),
      late: one.late && one.deps !== undefined,
      deps: one.deps === undefined ? undefined : earlier(index, one.deps),
      stages: one.stages.map((stage) => earlier(index, stage)),
      follow: one.follow === undefined ? undefined : earlier(index, one.follow),
      retriable: one.retriable || !options.fatal,
      failsAt: one.failsAt % (2 * one.stages.length + 1) & steps,
      group: one.group % groups.length,
    }));
    return {
      recipes: options.locks === "safe" ? withoutDeadlocks(whole, list) : whole,
      groups: list,
      // Without any, everything is wanted: wide graphs are what lanes are about.
      wanted: wanted.length === 0
        ? recipes.map((_, index) => index)
        : [...new Set([last, ...wanted.map((call) => call % recipes.length)])],
      parallel,
      policy,
      maxFailures,
      rooms: options.rooms ? [["r", rooms[0]], ["s", rooms[1]]] : [],
      pools: options.rooms ? [["away", lanes]] : [],
    };
  });
}

/** Those that hold locks make no calls that need some, or that may have to wait until everything else is done. */
export function withoutDeadlocks(recipes: readonly Recipe[], groups: readonly Group[]): readonly Recipe[] {
  return recipes.map((recipe) => {
    const { locks, wave } = groups[recipe.group]!;
    if (locks.length === 0) return recipe;
    const reached = new Set(recipe.stages.flat());
    for (const call of reached) {
      const { inputs, deps = [], follow = [], stages } = recipes[call]!;
      for (const more of [...inputs, ...deps, ...follow, ...stages.flat()]) reached.add(more);
    }
    const safe = [...reached].every((call) => {
      const group = groups[recipes[call]!.group]!;
      return group.locks.length === 0 && group.wave <= wave && !recipes[call]!.conditional;
    });
    return safe ? recipe : { ...recipe, stages: [], failsAt: 0 };
  });
}

/** Wide worlds of small calls that may share lanes, `size` of them at most. */
export function wideWorlds(size = 150): fc.Arbitrary<World> {
  return worlds({ ...PLAIN, fatal: false, dynamic: false, policies: ["stop"] }, size).map((world) => ({
    ...world,
    groups: world.groups.map((group) => ({ ...group, single: false, lookup: false, millis: 0.01 })),
    recipes: world.recipes.map((recipe) => ({ ...recipe, inputs: recipe.inputs.slice(3) })),
    wanted: world.recipes.map((_, index) => index),
  }));
}

/**
 * Checks a property many times; a failure prints the seed, and `RUNNER_SEED` takes it again. `RUNNER_RUNS` multiplies the
 * number of runs.
 */
export function check<T>(property: fc.IProperty<T>, numRuns = 300, options: fc.Parameters<T> = {}): void {
  const seed = Deno.env.get("RUNNER_SEED");
  numRuns *= Number(Deno.env.get("RUNNER_RUNS") ?? 1);
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

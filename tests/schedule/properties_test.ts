/** The scheduler against one oracle: random graphs, random order of completion, random failures. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { isSuccess } from "../../src/model/state.ts";
import { newSchedule } from "../../src/schedule/state.ts";
import { step } from "../../src/schedule/step.ts";
import { drive } from "./drive.ts";
import type { DriveOptions } from "./executor.ts";
import { evaluate } from "./oracle.ts";
import { check, wideWorlds, withoutDeadlocks, type World, worlds } from "./world.ts";

const ALL = ["stop", "keep-going", "kill"] as const;
const seeds = fc.integer();
/** Everything that cannot come to a deadlock. */
const ANY = { calling: true, ordered: true, locks: "safe", rooms: true } as const;

/** Every call has become what it becomes when calls are evaluated one after another. */
function assertLikeOracle(world: World, options: DriveOptions): void {
  const { states, values, stuck } = drive(world, options);
  const truth = evaluate(world);
  strictEqual(stuck, 0, "attempts wait for ever");
  const met = truth.flatMap((one, index) => one.met ? [index] : []);
  deepStrictEqual([...states.keys()].sort((a, b) => a - b), met);
  for (const index of met) {
    const { state, value } = truth[index]!;
    strictEqual(states.get(index), state, `call ${index}`);
    strictEqual(values.get(index), value, `the value of call ${index}`);
  }
}

Deno.test("keep-going: everything that is not downstream of a failure runs, to the values of a sequential run", () => {
  const any = worlds({ fatal: true, dynamic: true, ...ANY, policies: ["keep-going"] });
  check(fc.property(any, seeds, fc.boolean(), fc.boolean(), (world, seed, slowRecalls, outdates) => {
    assertLikeOracle(world, { seed, slowRecalls, outdates });
  }));
});

Deno.test("without final failures every policy gives the values of a sequential run", () => {
  const any = worlds({ fatal: false, dynamic: true, ...ANY, policies: ALL });
  check(fc.property(any, seeds, fc.boolean(), fc.boolean(), (world, seed, slowRecalls, outdates) => {
    assertLikeOracle(world, { seed, slowRecalls, outdates });
  }));
});

Deno.test("on one lane attempts wait for calls that wait for calls, and everything ends as in a sequential run", () => {
  const any = worlds({ fatal: true, dynamic: true, ...ANY, policies: ["keep-going"] }).map((world): World => {
    // Each waits for some of the last ones, which do so as well.
    const recipes = world.recipes.map((recipe, index) =>
      index === 0 ? recipe : { ...recipe, stages: [...recipe.stages, [index - 1, index >> 1]], failsAt: 0 }
    );
    const wanted = [world.recipes.length - 1];
    return { ...world, parallel: 1, recipes: withoutDeadlocks(recipes, world.groups), wanted };
  });
  let waits = 0;
  check(fc.property(any, seeds, fc.boolean(), (world, seed, outdates) => {
    assertLikeOracle(world, { seed, outdates });
    waits += drive(world, { seed }).waited;
  }));
  ok(waits > 200, `${waits} waits`);
});

Deno.test("attempts that wait for each other's locks let the run end, and are told to end", () => {
  const any = worlds({
    fatal: true,
    dynamic: true,
    calling: true,
    ordered: true,
    locks: "any",
    rooms: true,
    policies: ALL,
  });
  let all = 0;
  check(fc.property(any, seeds, fc.boolean(), (world, seed, slowRecalls) => {
    const { states, stuck } = drive(world, { seed, slowRecalls, deadlocks: true });
    if (stuck === 0) return;
    all += stuck;
    for (const [index, name] of states) {
      ok(!["wanted", "blocked", "ready", "running"].includes(name), `call ${index} is left ${name}`);
    }
  }));
  ok(all > 10, `${all} attempts were stuck`);
});

Deno.test("keep-going with so many failures: nothing starts after the last that there may be, and everything before", () => {
  const any = worlds({ fatal: true, dynamic: true, ...ANY, policies: ["keep-going"], bounded: true });
  let stopped = 0, whole = 0;
  check(fc.property(any, seeds, fc.boolean(), (world, seed, slowRecalls) => {
    const truth = evaluate(world);
    const isFailed = (state: string): boolean => state === "failed" || state === "timed-out";
    const due = truth.filter(({ state, met }) => met && isFailed(state)).length;
    if (due < world.maxFailures) {
      whole++;
      return assertLikeOracle(world, { seed, slowRecalls });
    }
    stopped++;
    const { states, values } = drive(world, { seed, slowRecalls });
    for (const [index, value] of values) strictEqual(value, truth[index]!.value);
    const failures = [...states.values()].filter(isFailed).length;
    ok(failures >= world.maxFailures, `${failures} of ${due} failures came, ${world.maxFailures} may`);
  }));
  ok(stopped > 20 && whole > 20, `${stopped} runs met so many failures, ${whole} did not`);
});

Deno.test("stop and kill: nothing starts after the first final failure, what is there is right", () => {
  const any = worlds({ fatal: true, dynamic: true, ...ANY, policies: ["stop", "kill"] });
  let stopped = 0;
  check(fc.property(any, seeds, fc.boolean(), (world, seed, slowRecalls) => {
    const { states, values } = drive(world, { seed, slowRecalls });
    const truth = evaluate(world);
    for (const [index, value] of values) strictEqual(value, truth[index]!.value);
    const failures = [...states].filter(([, state]) => state === "failed" || state === "timed-out");
    // What was running when the first failure came is not tried again, and the calls of what waited never come.
    for (const [index] of failures) {
      const { failures, stages } = world.recipes[index]!;
      const may = failures > 0 || stages.length > 0;
      ok(!isSuccess(truth[index]!.state) || may, `call ${index} has failed`);
    }
    const due = truth.some(({ state, met }) => met && (state === "failed" || state === "timed-out"));
    strictEqual(failures.length > 0, due);
    if (due) stopped++;
  }));
  ok(stopped > 50, `${stopped} runs met a failure`);
});

Deno.test("a cancelled run ends, whatever was going on", () => {
  const any = worlds({ fatal: true, dynamic: true, ...ANY, policies: ALL });
  let cancelled = 0;
  check(fc.property(any, seeds, fc.boolean(), fc.boolean(), (world, seed, slowRecalls, losing) => {
    const { states, state } = drive(world, {
      seed,
      slowRecalls,
      cancels: true,
      losing: losing && !fatal(world),
    });
    if (!state.cancelled) return;
    cancelled++;
    for (const [index, name] of states) {
      ok(!["wanted", "blocked", "ready", "running"].includes(name), `call ${index} is left ${name}`);
    }
  }));
  ok(cancelled > 50, `${cancelled} runs were cancelled`);
});

/** Whether anything fails for good: a result that was lost may then be one that cannot be made again. */
function fatal(world: World): boolean {
  return evaluate(world).some(({ state }) => !isSuccess(state)) ||
    world.recipes.some((one) => one.failures > 0);
}

Deno.test("lost results are computed again, and what waited for them gets them", () => {
  const any = worlds({ fatal: false, dynamic: true, ...ANY, policies: ALL });
  let lost = 0;
  check(
    fc.property(any, seeds, fc.boolean(), (world, seed, slowRecalls) => {
      const { states, values, reruns } = drive(world, { seed, slowRecalls, losing: true });
      lost += reruns;
      const truth = evaluate(world);
      for (const [index, name] of states) ok(isSuccess(name), `call ${index} is left ${name}`);
      for (const [index, value] of values) {
        // A hit that stands for other calls makes more of them when it has to be made again.
        if (truth[index]!.met) strictEqual(value, truth[index]!.value);
      }
      for (const index of world.wanted) ok(values.has(index), `call ${index} has no value`);
    }),
    600,
  );
  ok(lost > 300, `${lost} results were lost`);
});

Deno.test("a second run with all results cached starts nothing", () => {
  const any = worlds({ fatal: false, dynamic: true, ...ANY, policies: ALL });
  check(fc.property(any, seeds, (world, seed) => {
    const cached: World = {
      ...world,
      groups: world.groups.map((group) => ({ ...group, lookup: true })),
      recipes: world.recipes.map((recipe) => ({ ...recipe, hit: true })),
    };
    const { begun, states } = drive(cached, { seed });
    deepStrictEqual(begun, []);
    for (const state of states.values()) strictEqual(state, "up-to-date");
  }));
});

Deno.test("small calls travel in portions and are taken back, without counting as attempts", () => {
  let recalled = 0;
  let portions = 0;
  check(
    fc.property(wideWorlds(), seeds, fc.boolean(), (world, seed, slowRecalls) => {
      const run = drive(world, { seed, slowRecalls });
      recalled += run.recalled;
      portions += run.portions;
      // The rig has compared every count after every step; in the end, one success and the failures are left.
      for (const [index, count] of run.attempts) strictEqual(count, world.recipes[index]!.failures + 1);
    }),
    200,
  );
  ok(recalled > 200 && portions > 500, `${recalled} recalled, ${portions} portions`);
});

/** Schedulers with one fault each, and what the rig must say. */
const FAULTS: readonly {
  readonly name: string;
  readonly says: RegExp;
  readonly options: Omit<DriveOptions, "seed">;
}[] = [
  {
    name: "starts when one upstream is missing",
    says:
      /begins before its upstream|is released though|lost results that it does not wait for|is looked up though/,
    options: {
      step: (state, input) => {
        const hasty = (one: typeof input): typeof input => {
          if (one.kind === "together") return { ...one, inputs: one.inputs.map(hasty) };
          if (one.kind !== "nodes-added") return one;
          return {
            ...one,
            nodes: one.nodes.map((node) => ({ ...node, upstreams: node.upstreams.slice(1) })),
          };
        };
        return step(state, hasty(input));
      },
    },
  },
  {
    name: "ignores the limit",
    says: /begins as number \d+ of/,
    options: {
      newState: ({ parallel, policy }) => newSchedule({ parallel: parallel + 2, policy, trace: true }),
    },
  },
  {
    name: "goes on after a failure",
    says: /(is handed out|begins) after a failure/,
    options: {
      newState: ({ parallel }) => newSchedule({ parallel, policy: "keep-going", trace: true }),
    },
  },
  {
    name: "forgets pauses",
    says: /pauses are open|has not ended/,
    options: { step: (state, input) => input.kind === "pause-ended" ? [] : step(state, input) },
  },
  {
    name: "counts attempts that never began",
    says: /attempts are counted|pauses for/,
    options: {
      step: (state, input) => {
        const effects = step(state, input);
        if (input.kind === "recalled") { for (const node of input.nodes) state.attempts.add(node, 1); }
        return effects;
      },
    },
  },
  {
    name: "runs a call twice",
    says: /begins again|has its value|ends twice/,
    options: {
      step: (state, input) => {
        if (input.kind !== "attempt-succeeded") return step(state, input);
        const first = step(state, input);
        const again = { kind: "results-lost", node: -1, during: "end", upstreams: [input.node] } as const;
        return [...first, ...step(state, again)];
      },
    },
  },
  {
    name: "never says that it is over",
    says: /has not ended/,
    options: { step: (state, input) => step(state, input).filter(({ kind }) => kind !== "end") },
  },
  {
    name: "releases what is still needed",
    says: /released/,
    options: {
      step: (state, input) => [
        ...step(state, input),
        ...(state.states.length > 0 ? [{ kind: "release" as const, node: 0 }] : []),
      ],
    },
  },
  {
    name: "keeps retrying",
    says: /is tried again after|pauses for/,
    options: {
      step: (state, input) => {
        if (input.kind !== "attempt-failed") return step(state, input);
        const attempts = state.attempts.at(input.node);
        state.attempts.set(input.node, 1);
        const effects = step(state, input);
        state.attempts.set(input.node, attempts);
        return effects;
      },
    },
  },
];

for (const { name, says, options } of FAULTS) {
  Deno.test(`a scheduler that ${name} is found out`, () => {
    const any = fc.oneof(worlds({ fatal: true, dynamic: true, ...ANY, policies: ["stop"] }), wideWorlds(60));
    let found = "nothing";
    try {
      const driven = fc.property(any, seeds, (world, seed) => void drive(world, { ...options, seed }));
      check(driven, 300, { endOnFailure: true });
    } catch (error) {
      const { message, cause } = error as Error;
      found = `${message}\n${cause}`;
    }
    match(found, says);
  });
}

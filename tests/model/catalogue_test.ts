/** What names and patterns mean: tasks, templates filled out, and every call that a `*` stands for. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { callsNamed, separatorIssues } from "../../src/model/catalogue.ts";
import type { StandardSchema } from "../../src/model/definition.ts";
import { issueText } from "../../src/model/failure.ts";
import { readableFrame } from "../../src/model/source.ts";
import { definitionOf, task } from "../../src/model/task.ts";
import { definitions, meant, run } from "./naming.ts";

const plain = task("plain", run);
const plant = task("plant", run);
const build = task("build::[env]::[os]", {
  choices: { env: ["dev", "prod"], os: ({ env }) => env === "prod" ? ["linux", "mac", "l*"] : ["linux"] },
  run,
});
const free = task("free::[any]", run);
const numbered = task("f::[n]", { fields: { n: "integer" }, choices: { n: [1, 2, 12] }, run });
const flagged = task("flag::[on]", { fields: { on: "boolean" }, run });
const needy = task("needy", { fields: { n: "number" }, run });
const tasks = definitions(plain, plant, build, free, numbered, flagged, needy);
const THERE = "\n    there are: plain, plant, build::[env]::[os], free::[any], f::[n], flag::[on], needy";

/** Patterns and what they mean. */
const CASES: Readonly<
  Record<string, readonly (readonly [pattern: string, meaning: unknown, fill?: unknown])[]>
> = {
  "a task's name is its call on no input": [
    ["plain", "plain"],
    ["plain", "plain", { ignored: 1 }],
    ["needy", {
      problem:
        'The task "needy" needs an input, so its name alone is no call: the field "n" is missing: it takes a number; call it with one\n    the task is defined at <at>',
    }],
  ],
  "a template filled out": [
    ["build::prod::mac", "build::prod::mac"],
    ["free::a::b", "free::a::b"],
    ["free::", "free::"],
    ["build::dev::mac", {
      problem:
        '"build::dev::mac" is no call of "build::[env]::[os]": the field "os" is "mac": it takes "linux"\n    the task is defined at <at>',
    }],
    ["build::prdo::mac", {
      problem:
        '"build::prdo::mac" is no call of "build::[env]::[os]": the field "env" is "prdo": it takes "dev" or "prod"; did you mean "prod"?\n    the task is defined at <at>',
    }],
  ],
  "values are cast, and the name is written with what they became": [
    ["f::01", "f::1"],
    ["f::+12", "f::12"],
    ["flag::YES", "flag::true"],
    ["flag::off", "flag::false"],
    ["f::x", {
      problem:
        '"f::x" is no call of "f::[n]": the field "n" is "x": it takes a whole number\n    the task is defined at <at>',
    }],
    ["f::3", {
      problem:
        '"f::3" is no call of "f::[n]": the field "n" is 3: it takes 1, 2 or 12\n    the task is defined at <at>',
    }],
  ],
  "placeholders are filled from the input of whoever asks": [
    ["build::[env]::linux", "build::dev::linux", { env: "dev" }],
    ["f::[n]", "f::2", { n: 2 }],
    ["f::[n]", "f::2", { n: 2n }],
    ["flag::[on]", "flag::false", { on: false }],
    ["build::[env]::*", ["build::prod::linux", "build::prod::mac", "build::prod::l*"], { env: "prod" }],
    ["free::[x]", {
      problem: '"free::[x]" has a placeholder, [x], and there is no input to fill it from',
    }],
    ["free::[env]", {
      problem:
        '"free::[env]" has the placeholder [env], but the input has no field "env"; did you mean "evn"?',
    }, { evn: 1 }],
    ["free::[x]", {
      problem: '"free::[x]" has the placeholder [x], but the input has no field "x"; it has target, region',
    }, { target: 1, region: 2 }],
    ["free::[x]", {
      problem: '"free::[x]" has the placeholder [x], but that field is [1], which cannot stand in a name',
    }, { x: [1] }],
    // Own fields only, and a value's own * stands for itself.
    ["free::[toString]", {
      problem:
        '"free::[toString]" has the placeholder [toString], but the input has no field "toString"; it has no fields',
    }, {}],
    ["free::[x]", "free::*", { x: "*" }],
    ["build::prod::[x]", "build::prod::l*", { x: "l*" }],
  ],
  "* and ? stand for choices, in their order": [
    ["build::*::*", ["build::dev::linux", "build::prod::linux", "build::prod::mac", "build::prod::l*"]],
    ["build::p*::???", ["build::prod::mac"]],
    ["build::prod::l*", ["build::prod::linux", "build::prod::l*"]],
    ["f::1*", ["f::1", "f::12"]],
    ["f::?", ["f::1", "f::2"]],
    ["pla*", ["plain", "plant"]],
    ["plan?", ["plant"]],
    ["build::*", {
      missing:
        '"build::*" matches no task: "build::[env]::[os]" has 2 fields, and a star stands for one of them; write "build::*::*"',
    }],
    ["bui*::prod::mac", { missing: `"bui*::prod::mac" matches no task${THERE}` }],
    ["build::x*::*", {
      missing:
        '"build::x*::*" matches nothing: [env] of "build::[env]::[os]" is "dev" or "prod"\n    the task is defined at <at>',
    }],
    ["build::x::*", {
      problem:
        '"build::x::*" matches nothing: the field "env" is "x": it takes "dev" or "prod"\n    the task is defined at <at>',
    }],
    ["free::*", {
      problem:
        '"free::*" has a * or ? for [any] of "free::[any]", which has no choices: declare them, as in choices: { any: ["…"] }\n    the task is defined at <at>',
    }],
    ["need*", {
      problem:
        'The task "needy" needs an input, so its name alone is no call: the field "n" is missing: it takes a number; call it with one\n    the task is defined at <at>',
    }],
  ],
  "a name that is nowhere": [
    ["plian", { missing: `There is no task "plian"; did you mean "plain"?${THERE}` }],
    ["build::prod", {
      missing: `There is no task "build::prod"; did you mean "build::[env]::[os]"?${THERE}`,
    }],
    ["zzz", { missing: `There is no task "zzz"${THERE}` }],
    ["", { missing: `There is no task ""${THERE}` }],
  ],
};

for (const [name, cases] of Object.entries(CASES)) {
  Deno.test(`names: ${name}`, () => {
    for (const [pattern, meaning, fill] of cases) {
      deepStrictEqual(meant(pattern, { tasks, fill }), meaning, pattern);
    }
  });
}

Deno.test("names: the call is the one that the task gives", () => {
  const found = callsNamed("f::01", { tasks });
  ok(found.kind === "one");
  strictEqual(found.call.key, numbered({ n: 1 }).key);
  const all = callsNamed("build::*::linux", { tasks });
  ok(all.kind === "many");
  deepStrictEqual(
    all.calls.map(({ call }) => call.key),
    ["dev", "prod"].map((env) => build({ env, os: "linux" }).key),
  );
  strictEqual((callsNamed("plain", { tasks }) as typeof found).call.key, plain().key);
});

Deno.test("names: several templates that fit are told; one that refuses the value does not count", () => {
  const one = task("s::[n]", { fields: { n: "integer" }, run });
  const two = task("s::[word]", { choices: { word: ["a", "1"] }, run });
  const both = definitions(one, two);
  deepStrictEqual(meant("s::2", { tasks: both }), "s::2");
  deepStrictEqual(meant("s::a", { tasks: both }), "s::a");
  deepStrictEqual(meant("s::1", { tasks: both }), {
    problem:
      '"s::1" fits several templates: "s::[n]", "s::[word]"; rename one of them, or call the one that is meant\n    at <at>\n    at <at>',
  });
  deepStrictEqual(meant("s::b", { tasks: both }), {
    problem:
      '"s::b" is no call of "s::[n]": the field "n" is "b": it takes a whole number\n    the task is defined at <at>',
  });
});

Deno.test("names: two definitions of one name are told with both places", () => {
  const one = task("twice", run);
  const two = task("twice", run);
  const three = task("twice::[x]", run);
  const four = task("twice::[x]", run);
  const problem = (name: string) => ({
    problem: `Two tasks are called "${name}"; rename one of them\n    at <at>\n    at <at>`,
  });
  deepStrictEqual(meant("twice", { tasks: definitions(one, two) }), problem("twice"));
  deepStrictEqual(meant("twi*", { tasks: definitions(one, two) }), problem("twice"));
  deepStrictEqual(meant("twice::1", { tasks: definitions(three, four) }), problem("twice::[x]"));
  deepStrictEqual(meant("twice", { tasks: definitions(one, one) }), "twice");
  const found = callsNamed("twice", { tasks: definitions(one, two) });
  ok(found.kind === "problem");
  ok(found.problem.includes(readableFrame(definitionOf(one)!.frames[0]!)));
  ok(found.problem.includes(readableFrame(definitionOf(two)!.frames[0]!)));
});

Deno.test("names: without a list all registered tasks count, those defined later too", () => {
  deepStrictEqual(meant("later::1", {}), meant("later::1", {}));
  ok("missing" in (meant("later::1", {}) as object));
  task("later::[n]", run);
  deepStrictEqual(meant("later::1", {}), "later::1");
  task("later::1", run);
  deepStrictEqual(meant("later::1", {}), "later::1");
  task("later::1", run);
  deepStrictEqual(meant("later::1", {}), {
    problem: 'Two tasks are called "later::1"; rename one of them\n    at <at>\n    at <at>',
  });
});

Deno.test("names: choices that throw are a problem, not a crash", () => {
  const one = task("thrower::[x]", {
    choices: {
      x: () => {
        throw new RangeError("not today");
      },
    },
    run,
  });
  const problem = { problem: 'Task "thrower::[x]": `choices.x` threw RangeError: not today\n    at <at>' };
  deepStrictEqual(meant("thrower::*", { tasks: definitions(one) }), problem);
  deepStrictEqual(meant("thrower::1", { tasks: definitions(one) }), problem);
});

Deno.test("names: a schema of the whole input is given what the texts stand for", () => {
  const schema: StandardSchema<{ n: number; s: string }, { n: number; s: string }> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (given) => {
        const { n, s } = given as { n: unknown; s: unknown };
        if (typeof n !== "number") return { issues: [{ message: "no number", path: ["n"] }] };
        if (typeof s !== "string") return { issues: [{ message: "no text", path: [{ key: "s" }] }] };
        return { value: { n, s } };
      },
    },
  };
  const one = task("whole::[n]::[s]", { fields: schema, choices: { n: [1, 2] }, run });
  const found = callsNamed("whole::01::5", { tasks: definitions(one) });
  deepStrictEqual(meant("whole::1::5", { tasks: definitions(one) }), "whole::1::5");
  deepStrictEqual(meant("whole::*::5", { tasks: definitions(one) }), ["whole::1::5", "whole::2::5"]);
  // 01 is no JSON, so it stays a text.
  deepStrictEqual(found.kind, "problem");
});

Deno.test("names: functions of choices are given what schemas made of the fields before", () => {
  const length: StandardSchema<string, number> = {
    "~standard": { version: 1, vendor: "test", validate: (given) => ({ value: String(given).length }) },
  };
  const asked: unknown[] = [];
  const one = task("made::[word]::[n]", {
    fields: { word: length, n: "integer" },
    choices: {
      word: ["a", "bb"] as never,
      n: (fields) => {
        asked.push(fields);
        return [fields.word];
      },
    },
    run,
  });
  deepStrictEqual(meant("made::*::?", { tasks: definitions(one) }), ["made::1::1", "made::2::2"]);
  // Once for the pattern, once when the call is checked.
  deepStrictEqual(asked, [{ word: 1 }, { word: 1 }, { word: 2 }, { word: 2 }]);
});

Deno.test("names: a * in a task's own name is that character", () => {
  const one = task("star*", run);
  const two = task("star*::[x]", { choices: { x: ["a", "b"] }, run });
  deepStrictEqual(meant("star*", { tasks: definitions(one, two) }), "star*");
  deepStrictEqual(meant("star*::?", { tasks: definitions(one, two) }), ["star*::a", "star*::b"]);
});

Deno.test("names: the separator bounds what a * and a value may be", () => {
  const one = task("sep-[a]-[b]", { choices: { a: ["x", "y"], b: ["1"] }, run });
  deepStrictEqual(meant("sep-x-1", { tasks: definitions(one), separator: "-" }), "sep-x-1");
  deepStrictEqual(meant("sep-x::y-1", { tasks: definitions(one), separator: "::" }), {
    missing: 'There is no task "sep-x::y-1"; did you mean "sep-[a]-[b]"?\n    there are: sep-[a]-[b]',
  });
});

Deno.test("separator: what stands between placeholders must be it", () => {
  const good = task("a::[b]::[c]", run);
  const odd = task("a::[b]-[c]::[d]", run);
  const single = task("a.[b].c", run);
  const issues = separatorIssues(definitions(good, odd, single), "::");
  deepStrictEqual(
    issues.map((issue) => issueText(issue).replaceAll(/\S+catalogue_test\.ts:\d+:\d+/g, "<at>")),
    [
      'Task "a::[b]-[c]::[d]": between [b] and [c] stands "-", but the separator is set to "::"\n    at <at>',
    ],
  );
});

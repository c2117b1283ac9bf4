/** Options of tasks: what each becomes in the definition, and what is said when it is wrong. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { futureContent, isFuture } from "../../src/model/future.ts";
import { type Definition, NO_FAILURES } from "../../src/model/definition.ts";
import { DefinitionError } from "../../src/model/failure.ts";
import { named } from "../../src/model/named.ts";
import { whenScheduled, whenTargetScheduled } from "../../src/model/rules.ts";
import { definitionOf, task } from "../../src/model/task.ts";

const load = task("options-load", () => 1);

/** The definition of a task with these options. */
function defined(options: Record<string, unknown>, name = "options::[env]::[os]"): Definition {
  return definitionOf(task(name, { run: () => 1, ...options } as never))!;
}

/** What a definition is refused with, without the place. */
function refusal(options: unknown, name = "options::[env]::[os]"): string {
  try {
    task(name, options as never);
  } catch (error) {
    ok(error instanceof DefinitionError);
    deepStrictEqual(error.issues.map(({ kind }) => kind), ["bad-task"]);
    const [, text, place] = /^Task "[^"]*": ([^]*)\n {4}at (\S+)$/.exec(error.message)!;
    match(place!, /task_options_test\.ts:\d+:\d+$/);
    return text!;
  }
  throw new Error(`it was not refused: ${JSON.stringify(options)}`);
}

Deno.test("options: what is not given", () => {
  const { rdeps, fields, schema, choices, locks, wave, priority, noSkip, files, logIgnore, deps } = defined(
    {},
  );
  deepStrictEqual(
    { rdeps, fields, schema, choices, locks, wave, priority, noSkip, files, logIgnore, deps },
    {
      rdeps: [],
      fields: {},
      schema: undefined,
      choices: undefined,
      locks: [],
      wave: 0,
      priority: 0,
      noSkip: false,
      files: undefined,
      logIgnore: [],
      deps: undefined,
    },
  );
});

Deno.test("options: what each becomes", () => {
  deepStrictEqual(defined({ locks: "b" }).locks, ["b"]);
  deepStrictEqual(defined({ locks: ["b", "a", "b"] }).locks, ["a", "b"]);
  strictEqual(defined({ wave: -2 }).wave, -2);
  strictEqual(defined({ priority: 0.5 }).priority, 0.5);
  strictEqual(defined({ noSkip: true }).noSkip, true);
  deepStrictEqual(defined({ logIgnore: /a/ }).logIgnore, [/a/]);
  deepStrictEqual(defined({ logIgnore: [/a/, /b/i] }).logIgnore, [/a/, /b/i]);
  deepStrictEqual(defined({ fields: { env: "integer" } }).fields, {
    env: { type: "integer", schema: undefined },
  });
  const call = load();
  const given = () => call;
  deepStrictEqual(defined({ deps: ["a", "b::[env]", "c::*", call, NO_FAILURES, given] }).deps, [
    "a",
    "b::[env]",
    "c::*",
    call,
    NO_FAILURES,
    given,
  ]);
  strictEqual(defined({ deps: given }).deps, given);
  deepStrictEqual(defined({ rdeps: "a::[env]" }).rdeps, [{ when: "target-scheduled", target: "a::[env]" }]);
  deepStrictEqual(defined({ rdeps: [call, whenScheduled("b"), whenTargetScheduled(call)] }).rdeps, [
    { when: "target-scheduled", target: call },
    { when: "scheduled", target: "b" },
    { when: "target-scheduled", target: call },
  ]);
});

Deno.test("who declares what it may do runs in a sandbox", () => {
  const of = (options: Record<string, unknown>) => {
    const { isolation, permissions, hermetic } = defined(options);
    return { isolation, permissions, hermetic };
  };
  deepStrictEqual(of({}), { isolation: "worker", permissions: undefined, hermetic: false });
  deepStrictEqual(of({ permissions: { read: ["data"], net: true, write: false, env: [] } }), {
    isolation: "sandbox",
    permissions: { read: ["data"], net: true },
    hermetic: false,
  });
  deepStrictEqual(of({ hermetic: true, inputs: "a" }), {
    isolation: "sandbox",
    permissions: {},
    hermetic: true,
  });
  deepStrictEqual(of({ isolation: "sandbox" }), { isolation: "sandbox", permissions: {}, hermetic: false });
});

Deno.test("what an attempt needs is read when the task is defined, a function when it is asked", () => {
  deepStrictEqual(defined({ resources: { tpu: 1, m: 2 } }).resources, { tpu: 1, m: 2 });
  deepStrictEqual(defined({ resources: { cpu: 2, mem: "1g", time: "1m", licence: 3 } }).resources, {
    cpu: 2,
    mem: 2 ** 30,
    time: 60_000,
    licence: 3,
  });
  const asked = () => ({ cpu: 1 });
  strictEqual(defined({ resources: asked }).resources, asked);
});

const run = () => 1;
const WRONG: Readonly<Record<string, readonly [options: unknown, problem: string][]>> = {
  "unknown ones": [
    [{ run, timout: 1 }, 'it has no option "timout"; did you mean "timeout"?'],
    [{ run, output: "x" }, 'it has no option "output"; did you mean "outputs"?'],
    [
      { run, somethingElse: 1 },
      'it has no option "somethingElse"; there are run, deps, rdeps, fields, choices, inputs, outputs, inputsIgnore, timeout, retry, resources, permissions, description, version, env, labels, locks, wave, priority, noSkip, cache, trackImports, hermetic, trigger, isolation, compression, logIgnore',
    ],
  ],
  "what it may do": [
    [
      { run, permissions: ["read"] },
      '`permissions` is a record, as in { read: ["data"], net: ["example.org"] }, not ["read"]',
    ],
    [{ run, permissions: { raed: true } }, '`permissions` knows no "raed"; did you mean "read"?'],
    [
      { run, permissions: { read: "data" } },
      '`permissions.read` is true, false or a list of texts, not "data"',
    ],
    [
      { run, permissions: { read: ["a,b"] } },
      "`permissions.read`: a comma would part the text in two; list the parts one by one",
    ],
    [
      { run, permissions: {}, isolation: "worker" },
      '`permissions` needs a sandbox: leave `isolation` out, or say isolation: "sandbox"',
    ],
    [
      { run, hermetic: true },
      "`hermetic` is about declared files: declare `inputs` or `outputs`, or leave it out",
    ],
  ],
  "what it needs": [
    [
      { run, resources: { mem: "lots" } },
      '`resources.mem` is a number of bytes, or a text with a unit, as in "16g" or "512m", not "lots"',
    ],
    [
      { run, resources: { cpu: -1 } },
      "`resources.cpu` is a number of processors from 0 up, as in 4 or 0.5, not -1",
    ],
    [{ run, resources: { cpus: 4 } }, '`resources` has "cpus"; did you mean "cpu"?'],
    [{ run, resources: { memory: "4g" } }, '`resources` has "memory"; did you mean "mem"?'],
    [{ run, resources: { tiem: "4h" } }, '`resources` has "tiem"; did you mean "time"?'],
    [{ run, retry: { max: { GPU: 4 } } }, '`retry`: `resources` has "GPU"; did you mean "gpu"?'],
  ],
  "plain values": [
    [{ run, description: 5 }, "`description` is a text, not 5"],
    [{ run, version: true }, "`version` is a text or a number, not true"],
    [{ run, env: "HOME" }, '`env` is a list of texts, not "HOME"'],
    [{ run, locks: ["a", ""] }, '`locks` is a text or a list of texts, not ["a", ""]'],
    [{ run, labels: 5 }, "`labels` is a text or a list of texts, not 5"],
    [{ run, wave: 1.5 }, "`wave` is a whole number, not 1.5"],
    [{ run, priority: NaN }, "`priority` is a number, not NaN"],
    [{ run, noSkip: "yes" }, '`noSkip` is true or false, not "yes"'],
    [{ run, cache: 0 }, "`cache` is true or false, not 0"],
    [{ run, trackImports: 1 }, "`trackImports` is true or false, not 1"],
    [{ run, trigger: "stat" }, '`trigger` is "content", "mtime", "both" or "exists", not "stat"'],
    [{ run, isolation: "thread" }, '`isolation` is "worker", "process", "sandbox" or "inline", not "thread"'],
    [{ run, hermetic: "yes" }, '`hermetic` is true or false, not "yes"'],
    [{ run, compression: 10 }, "`compression` is a gzip level from 0 to 9, not 10"],
    [{ run, logIgnore: "x" }, '`logIgnore` is a regular expression or a list of them, not "x"'],
    [
      { run, timeout: "soon" },
      '`timeout`: "soon" is not a duration: write a number with a unit, as in "250ms", "30s", "5m" or "2h"',
    ],
    [{ run, timeout: { idel: "1m" } }, '`timeout` knows no "idel"; did you mean "idle"?'],
    [{ run, timeout: { total: 1 } }, '`timeout` knows no "total"; there are attempt, idle, queue, task'],
    [
      { run, timeout: { idle: "a while" } },
      '`timeout.idle`: "a while" is not a duration: write a number with a unit, as in "250ms", "30s", "5m" or "2h"',
    ],
    [{ run, timeout: { queue: true } }, '`timeout.queue` is a duration, as in "5m", not true'],
    [
      { run, timeout: ["5m"] },
      '`timeout` is a duration, as in "5m", or a record, as in { attempt: "5m", idle: "1m" }, not ["5m"]',
    ],
    [{ run, retry: -1 }, "`retry.limit` is a whole number from 0 up, not -1"],
    [{ run, retry: { limmit: 1 } }, '`retry` knows no "limmit"; did you mean "limit"?'],
    [{ run, retry: "3" }, '`retry` is a number, or a record, as in { limit: 3 }, not "3"'],
  ],
  dependencies: [
    [{ run, deps: load }, "`deps` is a task: call it and put it in a record or list, as in [load()]"],
    [
      { run, deps: "a" },
      '`deps` is a function of the input, as in ({ n }) => ({ data: load({ n }) }), or a list of names, calls, NO_FAILURES and functions, not "a"',
    ],
    [
      { run, deps: ["a", load] },
      '`deps[1]` is the task "options-load" itself: call it, or name it, as in ["options-load"]',
    ],
    [
      { run, deps: [{ a: 1 }] },
      "`deps[0]` is a name, a pattern, a call, NO_FAILURES or a function of these, not { a: 1 }",
    ],
    [
      { run, deps: [""] },
      '`deps[0]` is a name, a pattern, a call, NO_FAILURES or a function of these, not ""',
    ],
    [
      { run, deps: ["b::[evn]"] },
      '`deps[0]` is "b::[evn]", but the task\'s name has no placeholder [evn]; did you mean "env"?',
    ],
    [
      { run, rdeps: ["b::[region]"] },
      '`rdeps[0]` is "b::[region]", but the task\'s name has no placeholder [region]; it has [env], [os]',
    ],
    [{ run, rdeps: load }, '`rdeps` is the task "options-load" itself: name it, or call it'],
    [
      { run, rdeps: 5 },
      "`rdeps` is a name, a pattern, a call, whenScheduled(…) or whenTargetScheduled(…), not 5",
    ],
    [
      { run, rdeps: [{ when: "always", target: "a" }] },
      '`rdeps[0]` has a `when` that is "scheduled" or "target-scheduled", not "always"',
    ],
    [{ run, rdeps: whenScheduled("") }, '`rdeps` has a target that is a name, a pattern or a call, not ""'],
    [{ run, rdeps: whenScheduled(load as never) }, "`rdeps` has a task for a target: name it, or call it"],
  ],
  "fields and choices": [
    [
      { run, fields: "number" },
      '`fields` is a record of types by field, as in { n: "number" }, or a schema, not "number"',
    ],
    [
      { run, fields: { env: "int" } },
      '`fields.env` is "string", "number", "integer", "boolean" or "bigint", or a schema (of zod, valibot, arktype or others of Standard Schema), not "int"',
    ],
    [
      { run, fields: { env: "nubmer" } },
      '`fields.env` is "string", "number", "integer", "boolean" or "bigint", or a schema (of zod, valibot, arktype or others of Standard Schema), not "nubmer"; did you mean "number"?',
    ],
    [
      { run, fields: { evn: "string" } },
      '`fields` has a field for which the name has no placeholder, "evn"; did you mean "env"?',
    ],
    [
      { run, choices: ["a"] },
      '`choices` is a record of lists by field, as in { env: ["dev", "prod"] }, not ["a"]',
    ],
    [
      { run, choices: { evn: ["a"] } },
      '`choices` has a field that the task does not have, "evn"; did you mean "env"?',
    ],
    [
      { run, choices: { target: ["a"] } },
      '`choices` has a field that the task does not have, "target"; it has env, os',
    ],
    [
      { run, choices: { env: "a" } },
      '`choices.env` is a list, or a function of the fields before it, not "a"',
    ],
    [
      { run, choices: { env: [1, 2] } },
      '`choices.env` holds 1, but the field is a text: declare it, as in fields: { env: "number" }',
    ],
    [{ run, choices: { env: [{}] } }, "`choices.env` holds {}, which cannot stand in a name"],
    [
      { run, fields: { env: "integer" }, choices: { env: [1, 1.5] } },
      "`choices.env` holds 1.5, but the field is declared: it takes a whole number",
    ],
  ],
};

for (const [name, cases] of Object.entries(WRONG)) {
  Deno.test(`options that are wrong: ${name}`, () => {
    for (const [options, problem] of cases) strictEqual(refusal(options), problem);
  });
}

Deno.test("options: a whole schema may have fields that the name does not show", () => {
  const schema = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } };
  const { deps, fields, schema: kept } = defined({ fields: schema, deps: ["a::[region]"] });
  deepStrictEqual([deps, fields, kept], [["a::[region]"], {}, schema]);
});

Deno.test("named: what names mean is found out when the future is looked into", () => {
  const future = named("named-later::*", "options-load");
  ok(isFuture(future));
  const failing = named("named-nowhere", "named-neither");
  task("named-later::[x]", { choices: { x: ["a", "b"] }, run: () => 1 });
  deepStrictEqual(Object.keys(futureContent(future) as object), [
    "named-later::a",
    "named-later::b",
    "options-load",
  ]);
  strictEqual(
    (futureContent(future) as Record<string, { key: string }>)["options-load"]!.key,
    load().key,
  );
  const part = futureContent(future.pick("options-load")) as { readonly key: string };
  strictEqual(part.key, load().key);
  // In an input it is looked into when the call is made.
  const take = task("named-take", (_: { parts: Record<string, unknown> }) => 1);
  strictEqual(take({ parts: future }).upstreams.length, 3);
  strictEqual(take({ parts: { one: future.pick("options-load") } }).upstreams[0]!.key, load().key);
  try {
    futureContent(failing);
  } catch (error) {
    ok(error instanceof DefinitionError);
    deepStrictEqual(error.issues.map(({ kind }) => kind), ["bad-target", "bad-target"]);
    match(error.message, /^There is no task "named-nowhere"[^]*\nThere is no task "named-neither"/);
    return;
  }
  throw new Error("names that mean nothing were taken");
});

Deno.test("named: a part that is not there is told with those that are", () => {
  try {
    futureContent(named("options-load").pick("other"));
  } catch (error) {
    strictEqual((error as Error).message, 'pick("other"): there is no such part; there are options-load');
    return;
  }
  throw new Error("a part that is not there was taken");
});

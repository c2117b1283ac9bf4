/** File rules and the helpers that make them; what functions of rules give, and what is said when that is wrong. */
import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { DefinitionError } from "../../src/model/failure.ts";
import type { FileRules } from "../../src/model/files.ts";
import { optional, output, regexFiles, whenScheduled, whenTargetScheduled } from "../../src/model/rules.ts";
import { definitionOf, task, type TaskOptions } from "../../src/model/task.ts";

type Options = Omit<TaskOptions<{ env: string }, Record<never, never>, number>, "run">;

let count = 0;
/** The rules of a task with these options for an input. */
function rulesOf(options: Options, input: unknown = { env: "dev" }): FileRules | undefined {
  const one = task(`rules-${count++}`, { ...options, run: (_: { env: string }) => 1 });
  return definitionOf(one)!.files?.(input);
}

Deno.test("regexFiles takes an expression or the text of one", () => {
  deepStrictEqual(regexFiles("src", /x$/i), { root: "src", pattern: /x$/i });
  deepStrictEqual(regexFiles("src", "^a"), { root: "src", pattern: /^a/ });
  throws(() => regexFiles("src", "(["), {
    name: "TypeError",
    message: 'regexFiles("src", "(["): Invalid regular expression: /([/: Unterminated character class',
  });
  throws(() => regexFiles("", /x/), { message: 'regexFiles("", /x/): the first is a folder\'s path' });
  throws(() => regexFiles("src", 5 as never), {
    message: 'regexFiles("src", 5): the second is a regular expression, or the text of one',
  });
});

Deno.test("output, optional and the reverse dependencies are plain data", () => {
  deepStrictEqual(output("a"), { path: "a" });
  deepStrictEqual(output("a", { maxAge: "2h" }), { path: "a", maxAge: 7_200_000 });
  throws(() => output("a", { maxAge: "soon" as never }), { name: "RangeError" });
  deepStrictEqual(optional("a"), { path: "a", optional: true });
  deepStrictEqual(whenScheduled("a"), { when: "scheduled", target: "a" });
  deepStrictEqual(whenTargetScheduled("a"), { when: "target-scheduled", target: "a" });
});

Deno.test("a task without file options has no files", () => {
  strictEqual(rulesOf({}), undefined);
  strictEqual(rulesOf({ trigger: "mtime", trackImports: true }), undefined);
});

Deno.test("rules may be one, a list, functions, and all of these mixed", () => {
  deepStrictEqual(rulesOf({ inputs: "a.txt" }), {
    inputs: ["a.txt"],
    ignore: [],
    outputs: [],
    trigger: "content",
    trackImports: false,
  });
  deepStrictEqual(
    rulesOf({
      inputs: [
        "src/**/*.ts",
        "!src/gen/**",
        optional("local.json"),
        regexFiles("lib", /\.ts$/),
        ({ env }) => `conf/${env}.json`,
        ({ env }) => [`data/${env}`, optional("more")],
        () => [],
      ],
      outputs: ({ env }) => [`dist/${env}`, output("report", { maxAge: 5 })],
      inputsIgnore: ["**/*.log", ({ env }) => `tmp/${env}`],
      trigger: "both",
      trackImports: true,
    }),
    {
      inputs: [
        "src/**/*.ts",
        "!src/gen/**",
        { path: "local.json", optional: true },
        { root: "lib", pattern: /\.ts$/ },
        "conf/dev.json",
        "data/dev",
        { path: "more", optional: true },
      ],
      ignore: ["**/*.log", "tmp/dev"],
      outputs: ["dist/dev", { path: "report", maxAge: 5 }],
      trigger: "both",
      trackImports: true,
    },
  );
});

Deno.test("a wrong rule in a declaration is refused where it stands", () => {
  const problems: readonly [Options, string][] = [
    [{ inputs: "" }, '`inputs` holds what is no rule: a path, a glob, optional(…) or regexFiles(…), not ""'],
    [
      { inputs: ["a", 5 as never] },
      "`inputs` holds what is no rule: a path, a glob, optional(…) or regexFiles(…), not 5",
    ],
    [
      { inputs: { root: "a", pattern: "b" } as never },
      '`inputs` holds what is no rule: a path, a glob, optional(…) or regexFiles(…), not { root: "a", pattern: "b" }',
    ],
    [
      { outputs: { path: "a", maxAge: -1 } },
      '`outputs` holds what is no rule: a path, a glob or output(…), not { path: "a", maxAge: -1 }',
    ],
    [{ inputsIgnore: /x/ as never }, "`inputsIgnore` holds what is no rule: a path or a glob, not /x/"],
  ];
  for (const [options, problem] of problems) {
    throws(() => rulesOf(options), (error: unknown) => {
      ok(error instanceof DefinitionError);
      match(error.message, /\n {4}at \S+rules_test\.ts:\d+:\d+$/);
      strictEqual(error.message.replace(/^Task "rules-\d+": /, "").split("\n")[0], problem);
      return true;
    });
  }
});

Deno.test("what functions of rules throw or give wrongly names the option, and keeps the cause", () => {
  const cause = new RangeError("no such environment");
  throws(
    () =>
      rulesOf({
        inputs: () => {
          throw cause;
        },
      }),
    (error: unknown) => {
      ok(error instanceof Error);
      strictEqual(error.message, "a function of `inputs` threw RangeError: no such environment");
      strictEqual(error.cause, cause);
      return true;
    },
  );
  throws(() => rulesOf({ outputs: [() => undefined as never] }), {
    message: "a function of `outputs` gave what is no rule: a path, a glob or output(…), not undefined",
  });
  throws(() => rulesOf({ inputsIgnore: () => ["a", 3 as never] }), {
    message: "a function of `inputsIgnore` gave what is no rule: a path or a glob, not 3",
  });
});

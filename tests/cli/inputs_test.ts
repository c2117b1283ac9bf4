/** Targets and the fields of their inputs, as they are written on the command line. */
import { assertEquals } from "@std/assert";
import { Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
type Mode = "fast" | "slow";
interface Kinds {
  n: number;
  flag: boolean;
  mode: Mode;
  level?: 1 | 2 | 3;
  list?: number[];
  name?: string;
  maybe?: string | undefined;
  either?: number | "auto";
  when?: Date;
  nested?: { x: number };
  big?: bigint;
}
const told = (value: unknown) => JSON.stringify(value, (_, one) => typeof one === "bigint" ? one + "n" : one);
export const kinds = task("kinds", (input: Kinds) => told(input));
export const plus = task("add", ({ a, b }: { a: number; b: number }) => a + b);
export const three = plus({ a: 1, b: 2 });
export const build = task("build::[env]::[os]", ({ env, os }) => \`built \${env} on \${os}\`);
export const free = task("free", (input: Awaited<unknown>) => told(input) ?? "nothing");
export const lax = task("lax", ({ who = "you" }: { who?: string }) => \`hello \${who}\`);
export const nothing = task("nothing", () => "needs nothing");
export const number = 3;
export const main = task("main", { deps: () => ({ sum: three }), run: (_, { deps }) => \`main \${deps.sum}\` });
`;

/** One command line, and what comes of it: what it prints on standard output, or its error. */
type Case = readonly [args: readonly string[], stdout: string, error?: string];

const KINDS = ["kinds", "--n", "1", "--flag", "--mode", "fast"];
const CASES: Readonly<Record<string, readonly Case[]>> = {
  "targets: the default, a task, an export, a call, a template filled out": [
    [[], "main 3\n"],
    [["main"], "main 3\n"],
    [["add", "--a", "1", "--b", "4"], "5\n"],
    [["plus", "--a", "1", "--b", "4"], "5\n"],
    [["three"], "3\n"],
    [["build::prod::linux"], "built prod on linux\n"],
    [["build", "--env", "dev", "--os", "mac"], "built dev on mac\n"],
    [["three", "nothing"], "{ three: 3, nothing: 'needs nothing' }\n"],
    [["three", "three"], "3\n"],
  ],
  "fields are typed from the source": [
    [[...KINDS, "--name", "007"], '{"flag":true,"mode":"fast","n":1,"name":"007"}\n'],
    [["kinds", "--n=-2.5", "--flag", "false", "--mode=slow"], '{"flag":false,"mode":"slow","n":-2.5}\n'],
    [["kinds", "--flag", "--mode", "slow", "--n", "-3"], '{"flag":true,"mode":"slow","n":-3}\n'],
    [[...KINDS, "--level", "2", "--maybe", "7"], '{"flag":true,"level":2,"maybe":"7","mode":"fast","n":1}\n'],
    [[...KINDS, "--either", "7"], '{"either":7,"flag":true,"mode":"fast","n":1}\n'],
    [[...KINDS, "--either", "auto"], '{"either":"auto","flag":true,"mode":"fast","n":1}\n'],
    [
      [...KINDS, "--list", "[1, 2]", "--nested", '{"x":1}'],
      '{"flag":true,"list":[1,2],"mode":"fast","n":1,"nested":{"x":1}}\n',
    ],
    [
      [...KINDS, "--when", "2020-02-03", "--big", "12345678901234567890"],
      '{"big":"12345678901234567890n","flag":true,"mode":"fast","n":1,"when":"2020-02-03T00:00:00.000Z"}\n',
    ],
    [["lax"], "hello you\n"],
    [["lax", "--who", "true"], "hello true\n"],
  ],
  "fields whose type nobody knows are JSON where they can be": [
    [["free"], "nothing\n"],
    [["free", "--a", "1", "--b", "x", "--c"], '{"a":1,"b":"x","c":true}\n'],
    [["free", "--input", "[1,2]"], "[1,2]\n"],
    [["free", "--", "--cache", "none", "--json"], '{"cache":"none","json":true}\n'],
  ],
  "--input, and fields on top of it": [
    [["add", "--input", '{"a":1,"b":2}'], "3\n"],
    [["add", "--input", '{"a":1}', "--b", "5"], "6\n"],
    [["add", "--input", '{"a":1,"b":2}', "--b", "-7"], "-6\n"],
    [["build::prod::linux", "--input", "{}"], "built prod on linux\n"],
    [["add", "--input", '{"a":'], "", "--input is not JSON: Unexpected end of JSON input"],
    [["add", "--input", '{"a":1}'], "", 'The task "add" needs a field that is missing: --b <number>'],
    [["add", "--input", '{"a":1,"b":"x"}'], "", 'The field "b" of --input is a number, not "x"'],
    [
      ["add", "--input", '{"aa":1,"b":2}'],
      "",
      'The task "add" has no field "aa"; did you mean --a?\n    it has: a, b',
    ],
    [["add", "--input", "3"], "", '--input for "add" is an object with the fields a, b, not 3'],
    [
      ["free", "--input", "[1]", "--a", "3"],
      "",
      "--input is not an object, so fields cannot be laid over it; give one or the other",
    ],
    [["nothing", "--input", "3"], "", 'The task "nothing" takes no input, so --input has nothing to go to'],
    [
      ["three", "--input", "{}"],
      "",
      "--input has nothing to go to: three is a call, which has an input already",
    ],
  ],
  "fields that are wrong": [
    [["kinds", "--n", "x"], "", '--n takes a number, not "x"'],
    [["kinds", "--n"], "", "--n needs a value: a number"],
    [
      ["kinds", "--n", "1"],
      "",
      'The task "kinds" needs fields that are missing: --flag <boolean> --mode <"fast" | "slow">',
    ],
    [["kinds", "--flag", "maybe"], "", '--flag takes true or false, not "maybe"'],
    [["kinds", "--mode", "fats"], "", '--mode takes "fast" or "slow", not "fats"'],
    [["kinds", "--level", "4"], "", '--level takes 1, 2 or 3, not "4"'],
    [["kinds", "--either", "x"], "", '--either takes "auto" or a number, not "x"'],
    [["kinds", "--list", "3,4"], "", '--list takes JSON of type number[], not "3,4"'],
    [["kinds", "--list", "3"], "", '--list takes JSON of type number[], not "3"'],
    [["kinds", "--when", "soon"], "", '--when takes a date, as in 2026-01-31, not "soon"'],
    [["kinds", "--big", "1.5"], "", '--big takes a whole number, not "1.5"'],
    [
      ["kinds", "--nested.x", "3"],
      "",
      `--nested.x is no field; give the whole of "nested" as JSON: --nested '{ "x": … }'`,
    ],
    [
      ["kinds", "--leval", "3"],
      "",
      'The task "kinds" has no field "leval"; did you mean --level?\n    it has: n, flag, mode, level, list, name, maybe, either, when, nested, big',
    ],
    [
      ["nothing", "--quick", "3"],
      "",
      'The task "nothing" has no field "quick"; did you mean --quiet?\n    it takes no input',
    ],
    [
      ["three", "--a", "1"],
      "",
      "run has no option --a, and as a field it has nothing to go to: three is a call, which has an input already",
    ],
    [
      ["three", "--cahce", "x"],
      "",
      "run has no option --cahce; did you mean --cache? As a field it has nothing to go to: three is a call, which has an input already",
    ],
    [
      ["three", "--", "--a", "1"],
      "",
      "--a has nothing to go to: three is a call, which has an input already",
    ],
    [["three", "--flaky"], "", "run has no option --flaky; history has it"],
    [
      ["nothing", "--now"],
      "",
      'run has no option --now; cancel has it, and the task "nothing" has no such field',
    ],
    [["add", "--", "word"], "", '"word" stands after --, where only fields may stand: --name value'],
  ],
  "targets that are wrong": [
    [
      ["ad"],
      "",
      'There is no task or exported call "ad"; did you mean "add"?\n    there are: three, build::[env]::[os], free, kinds, lax, main, nothing, add',
    ],
    [["number"], "", 'The export "number" is neither a task nor a call, so it cannot be run'],
    [
      ["build"],
      "",
      'The task "build::[env]::[os]" needs fields that are missing: --env <string> --os <string>',
    ],
    [
      ["build::prod"],
      "",
      'There is no task or exported call "build::prod"; did you mean "build::[env]::[os]"?\n    there are: three, build::[env]::[os], free, kinds, lax, main, nothing, add',
    ],
  ],
  "options that are wrong": [
    [
      ["--wokers", "3"],
      "",
      "There is no option --wokers; did you mean --workers? If it is a field, write it after --",
    ],
    [["--workers", "0"], "", '--workers takes a whole number from 1 up, not "0"'],
    [["--parallel", "two"], "", '--parallel takes a whole number from 1 up, not "two"'],
    [["--state"], "", "--state needs a value, as in --state .runner"],
    [["--cache"], "", "--cache needs a value, as in --cache ./cache"],
    [["--quiet=no"], "", "--quiet takes no value: say --quiet, or leave it out, not --quiet=no"],
    [["--stop", "--kill"], "", "--stop and --kill contradict each other"],
    [["--stop", "--keep-going", "--kill"], "", "--stop and --keep-going and --kill contradict each other"],
    [
      ["--force=mian"],
      "",
      '--force mian: no call of this run, and no task, is called so; did you mean "main"?',
    ],
    [["--force="], "", "--force= needs the name of a task; --force alone is everything"],
    [
      ["--cache", "none", "--cache-read-only"],
      "",
      '--cache-read-only is for a cache in a folder, not for "none"',
    ],
  ],
};

for (const [name, cases] of Object.entries(CASES)) {
  Deno.test(name, async () => {
    using place = new Place({ "p.ts": PIPELINE });
    // Two at a time: one would leave a processor idle.
    const left = [...cases];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [args, stdout, error] = next;
        const ended = await place.runner("run", "p.ts", "--quiet", ...args);
        assertEquals(
          { args, code: ended.code, stdout: ended.stdout, stderr: ended.stderr },
          {
            args,
            code: error === undefined ? 0 : 2,
            stdout,
            stderr: error === undefined ? "" : `error: ${error}\n`,
          },
        );
      }
    };
    await Promise.all([worker(), worker()]);
  });
}

Deno.test("an option that another command has is told as that", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const told = async (...words: string[]) => (await place.runner(...words)).stderr;
  assertEquals(
    await told("plan", "p.ts", "three", "--keep-going"),
    "error: plan has no option --keep-going; run has it\n",
  );
  assertEquals(
    await told("explain", "p.ts", "add", "--a", "1", "--b", "2", "--timeout", "3s"),
    'error: explain has no option --timeout; run has it, and the task "add" has no such field\n',
  );
  assertEquals(
    await told("cache", "clear", "p.ts", "three", "--workers", "2"),
    "error: cache has no option --workers; run, plan, graph, explain have it\n",
  );
});

/** Templates, globs and declared fields on the command line: what they mean, and what is said when they mean nothing. */
import { assertEquals } from "@std/assert";
import { Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
const schema = { "~standard": { version: 1, vendor: "test", validate: (value) =>
  Number.isInteger(value) && value > 0 ? { value } : { issues: [{ message: "expected a number from 1 up" }] } } };
export const build = task("build::[env]::[os]", {
  description: "Builds it.",
  choices: { env: ["dev", "prod"], os: ({ env }) => env === "prod" ? ["linux", "mac"] : ["linux"] },
  run: ({ env, os }) => \`\${env} on \${os}\`,
});
export const size = task("size::[n]", { fields: { n: "integer" }, choices: { n: [1, 2, 12] }, run: ({ n }) => n * 2 });
export const flag = task("flag", {
  fields: { on: "boolean", level: "number", big: "bigint" },
  run: ({ on, level, big }) => [typeof on, on, typeof level, level, typeof big, String(big)].join(" "),
});
export const count = task("count", { fields: { n: schema as never }, run: ({ n }) => \`\${typeof n} \${n}\` });
export const free = task("free::[any]", ({ any }) => \`free \${any}\`);
export const unit = task("test::unit", () => "unit");
export const all = task("test::all", () => "all");
export const three = size({ n: 1 });
`;

/** One command line, and what comes of it: what it prints on standard output, or its error. */
type Case = readonly [args: readonly string[], stdout: string, error?: string];

const THERE =
  "\n    there are: test::all, build::[env]::[os], count, flag, free::[any], size::[n], test::unit";
const CASES: Readonly<Record<string, readonly Case[]>> = {
  "globs and filled-out names": [
    [["build::prod::mac"], "prod on mac\n"],
    [["build::prod::*"], "{ 'build::prod::linux': 'prod on linux', 'build::prod::mac': 'prod on mac' }\n"],
    [
      ["build::*::linux", "test::unit"],
      "{\n  'build::dev::linux': 'dev on linux',\n  'build::prod::linux': 'prod on linux',\n  'test::unit': 'unit'\n}\n",
    ],
    // A pattern gives a record, however many it matches.
    [["build::d*::*"], "{ 'build::dev::linux': 'dev on linux' }\n"],
    [["test::*"], "{ 'test::all': 'all', 'test::unit': 'unit' }\n"],
    [["test::unit", "test::u*", "three"], "{ 'test::unit': 'unit', three: 2 }\n"],
    [["size::1?"], "{ 'size::12': 24 }\n"],
    [["free::a::b"], "free a::b\n"],
  ],
  "values of names are cast, and called by what they became": [
    [["size::01"], "2\n"],
    [["size::01", "size::1", "size::+2"], "{ 'size::1': 2, 'size::2': 4 }\n"],
    [["size", "--n", "12"], "24\n"],
    [
      ["size::x"],
      "",
      '"size::x" is no call of "size::[n]": the field "n" is "x": it takes a whole number\n    the task is defined at <here>/p.ts:9:21',
    ],
    [
      ["size::7"],
      "",
      '"size::7" is no call of "size::[n]": the field "n" is 7: it takes 1, 2 or 12\n    the task is defined at <here>/p.ts:9:21',
    ],
    [
      ["size::7*"],
      "",
      '"size::7*" matches nothing: [n] of "size::[n]" is 1, 2 or 12\n    the task is defined at <here>/p.ts:9:21',
    ],
  ],
  "fields are cast as they are declared": [
    [
      ["flag", "--on", "YES", "--level", "1e3", "--big", "12345678901234567890"],
      "boolean true number 1000 bigint 12345678901234567890\n",
    ],
    [["flag", "--on", "--level=-.5", "--big", "0"], "boolean true number -0.5 bigint 0\n"],
    [["flag", "--on", "0", "--level", "1", "--big", "-1"], "boolean false number 1 bigint -1\n"],
    [["flag", "--on", "maybe", "--level", "1", "--big", "1"], "", '--on is "maybe": it takes true or false'],
    [["flag", "--on", "--level", "1px", "--big", "1"], "", '--level is "1px": it takes a number'],
    [["flag", "--on", "--level"], "", "--level needs a value: it takes a number"],
    [
      ["flag", "--on"],
      "",
      'The task "flag" needs fields that are missing: --level <number> --big <bigint>',
    ],
    [
      ["flag", "--off", "1"],
      "",
      'The task "flag" has no field "off"; did you mean --on?\n    it has: on, level, big',
    ],
    [
      ["flag", "--input", '{"on":true,"level":"1","big":1}'],
      "",
      'Task "flag": the field "level" is "1": it takes a number\n    the task is defined at <here>/p.ts:10:21',
    ],
    [["count", "--n", "7"], "number 7\n"],
    [["count", "--n", "0"], "", '--n is "0": expected a number from 1 up'],
  ],
  "choices are kept, and told": [
    [["build", "--env", "prod", "--os", "mac"], "prod on mac\n"],
    [
      ["build", "--env", "dev", "--os", "mac"],
      "",
      'Task "build::[env]::[os]": the field "os" is "mac": it takes "linux"\n    the task is defined at <here>/p.ts:4:22',
    ],
    [
      ["build"],
      "",
      'The task "build::[env]::[os]" needs fields that are missing: --env <"dev" | "prod"> --os <string>',
    ],
    [["size"], "", 'The task "size::[n]" needs a field that is missing: --n <1 | 2 | 12>'],
    [
      ["build::prdo::mac"],
      "",
      '"build::prdo::mac" is no call of "build::[env]::[os]": the field "env" is "prdo": it takes "dev" or "prod"; did you mean "prod"?\n    the task is defined at <here>/p.ts:4:22',
    ],
  ],
  "patterns that mean nothing": [
    [
      ["free::*"],
      "",
      '"free::*" has a * or ? for [any] of "free::[any]", which has no choices: declare them, as in choices: { any: ["…"] }\n    the task is defined at <here>/p.ts:15:21',
    ],
    [
      ["build::*"],
      "",
      '"build::*" matches no task: "build::[env]::[os]" has 2 fields, and a star stands for one of them; write "build::*::*"',
    ],
    [["nothing*"], "", `"nothing*" matches no task${THERE}`],
    [
      ["build::prod::*", "--env", "dev"],
      "",
      "run has no option --env, and as a field it has nothing to go to: build::prod::* is a call, which has an input already",
    ],
  ],
};

for (const [name, cases] of Object.entries(CASES)) {
  Deno.test(`names: ${name}`, async () => {
    using place = new Place({ "p.ts": PIPELINE });
    const left = [...cases];
    // Two at a time: each is a program of its own.
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [args, stdout, error] = next;
        const ended = await place.runner("run", "p.ts", "--quiet", "--cache", "none", ...args);
        assertEquals(
          { args, code: ended.code, stdout: ended.stdout, stderr: place.plain(ended.stderr) },
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

Deno.test("names: list and --help show declared fields with type and choices", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const listed = await place.runner("list", "p.ts");
  const text = `Calls
  three

Tasks
  test::all
  build::[env]::[os]  Builds it.
      --env <string>  "dev" or "prod"
      --os <string>
  count
      --n <value>
  flag
      --on <boolean>
      --level <number>
      --big <bigint>
  free::[any]
      --any <string>
  size::[n]
      --n <integer>  1, 2 or 12
  test::unit
`;
  assertEquals([listed.code, listed.stderr, listed.stdout], [0, "", text]);
  const help = await place.runner("run", "p.ts", "--help");
  assertEquals(help.stdout.slice(help.stdout.indexOf("Calls\n")), text);
  const json = await place.runner("list", "p.ts", "--json");
  const { tasks } = JSON.parse(json.stdout) as {
    readonly tasks: readonly { readonly name: string; readonly fields: unknown }[];
  };
  assertEquals(tasks.filter(({ name }) => /^(size|flag)/.test(name)).map(({ fields }) => fields), [
    [
      { name: "on", type: "boolean", optional: false },
      { name: "level", type: "number", optional: false },
      { name: "big", type: "bigint", optional: false },
    ],
    [{ name: "n", type: "integer", optional: false, choices: [1, 2, 12] }],
  ]);
});

Deno.test("names: the separator of the settings, and the last placeholder takes the rest", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
export const settings = { cache: "none", separator: "/" };
export const pair = task("pair/[a]/[b]", ({ a, b }) => \`\${a}|\${b}\`);
`,
  });
  const ended = await place.runner("run", "p.ts", "--quiet", "pair/x/y/z");
  assertEquals([ended.code, ended.stderr, ended.stdout], [0, "", "x|y/z\n"]);
});

Deno.test("names: graph and cache clear take patterns too", async () => {
  using place = new Place({ "p.ts": PIPELINE });
  const run = await place.runner("run", "p.ts", "--quiet", "build::prod::*", "size::2");
  assertEquals(run.code, 0, run.stderr);
  const graph = await place.runner("graph", "p.ts", "build::prod::*", "--json");
  const { nodes } = JSON.parse(graph.stdout) as { readonly nodes: readonly unknown[] };
  assertEquals([graph.code, nodes.length], [0, 2]);
  const cleared = await place.runner("cache", "clear", "p.ts", "build::*::*", "--json");
  assertEquals([cleared.code, cleared.stdout], [0, '{"cleared":2}\n']);
  const wrong = await place.runner("cache", "clear", "build::prod::mac");
  assertEquals([wrong.code, place.plain(wrong.stderr)], [
    2,
    'error: The cache .runner/cache has no results of a task "build::prod::mac"; it is a call of "build::[env]::[os]": clear that, or name the pipeline too: runner cache clear <pipeline.ts> build::prod::mac\n',
  ]);
});

/** What compiles and what does not: one run of the compiler over all the programs of `refused.ts`, `accepted.ts` and `names.ts`. */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { ACCEPTED, HELPERS } from "./accepted.ts";
import { ACCEPTED_NAMES, REFUSED_NAMES } from "./names.ts";
import { PRELUDE, REFUSED } from "./refused.ts";

const ROOT = new URL("../../", import.meta.url);
const IMPORTS = `import { all, isFuture, run, RunFailed, task, value } from "runner";
import type { Call, Context, FailureReason, Future, NodeFailure, RunStats, Task, TaskOptions } from "runner";
import { NO_FAILURES } from "${new URL("src/model/definition.ts", ROOT)}";
import { optional, output, regexFiles, whenScheduled } from "${new URL("src/model/rules.ts", ROOT)}";
import { type as ark } from "npm:arktype@2";
import * as v from "npm:valibot@1";
import * as z from "npm:zod@4";
`;
/** Whatever a program imports and does not use is no error of it. */
const USED = "\nexport { ark, isFuture, NO_FAILURES, optional, output, regexFiles, v, whenScheduled, z };\n";

/** The compiler's errors by file name: each as its line and code. */
type Errors = ReadonlyMap<string, readonly { readonly line: number; readonly code: string }[]>;

/** Writes programs into a folder of their own, and compiles them all. */
async function compile(programs: Readonly<Record<string, string>>): Promise<Errors> {
  const folder = await Deno.makeTempDir({ prefix: "runner-types-" });
  try {
    for (const [name, text] of Object.entries(programs)) await Deno.writeTextFile(`${folder}/${name}`, text);
    const command = new Deno.Command(Deno.execPath(), {
      args: [
        "check",
        "--no-lock",
        "--config",
        fileURLToPath(new URL("deno.json", ROOT)),
        ...Object.keys(programs).map((name) => `${folder}/${name}`),
      ],
      env: { NO_COLOR: "1" },
    });
    return errorsOf(new TextDecoder().decode((await command.output()).stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Reads what the compiler printed. */
function errorsOf(output: string): Errors {
  const errors = new Map<string, { line: number; code: string }[]>();
  const pattern = /^(TS\d+) \[ERROR\]:[^]*?^\s+at file:\S*\/([^/\s]+):(\d+):\d+$/gm;
  for (const [, code, file, line] of output.matchAll(pattern)) {
    errors.set(file!, [...errors.get(file!) ?? [], { line: Number(line), code: code! }]);
  }
  const unread = /error: (?!Type checking failed|TS\d+|Found \d+ errors)(.*)/.exec(output);
  assert(unread === null, `the compiler could not begin: ${output}`);
  return errors;
}

/** Where a program says that it is wrong: the line after `// TS…`. */
function expected(text: string): { line: number; code: string }[] {
  return text.split("\n").flatMap((line, index) =>
    /^\/\/ TS\d+$/.test(line) ? [{ line: index + 2, code: line.slice(3) }] : []
  );
}

const refused = [...REFUSED, ...REFUSED_NAMES].map(({ name, code }, index) => ({
  name,
  file: `refused_${index}.ts`,
  text: `${IMPORTS}${PRELUDE}${code}${USED}`,
}));
const accepted = [...ACCEPTED, ...ACCEPTED_NAMES].map(({ name, code }, index) => ({
  name,
  file: `accepted_${index}.ts`,
  text: `${IMPORTS}${PRELUDE}${HELPERS}${code}${USED}`,
}));

Deno.test("programs that are wrong do not compile, programs that are right do", async (test) => {
  const programs = [...refused, ...accepted];
  const errors = await compile(Object.fromEntries(programs.map(({ file, text }) => [file, text])));
  for (const { name, file, text } of refused) {
    await test.step(`refused: ${name}`, () => {
      const found = errors.get(file) ?? [];
      const [wanted, ...others] = expected(text);
      assert(wanted !== undefined && others.length === 0, "the program names one line");
      assertEquals(found, [wanted], `${text}\ngives ${JSON.stringify(found)}`);
    });
  }
  for (const { name, file, text } of accepted) {
    await test.step(`accepted: ${name}`, () => {
      assertEquals(errors.get(file) ?? [], [], text.slice(IMPORTS.length + PRELUDE.length + HELPERS.length));
    });
  }
});

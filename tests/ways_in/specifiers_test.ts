/** A module counts as part of a task's code whichever way its name is written, on Deno and on Bun. */
import { assertEquals } from "@std/assert";
import { Place } from "../cli/support.ts";
import { tempFolder } from "../support/temp.ts";
import { isThere, LOCAL, perform } from "./support.ts";

const SHORT = {
  "p.ts": `import { task } from "runner";
import { one } from "./one";
import { two } from "./two";
import { three } from "./three.js";
export const main = task("main", () => one + two + three)();
`,
  "one.ts": 'export const one = "a";\n',
  "two/index.ts": 'export const two = "a";\n',
  "three.ts": 'export const three = "a";\n',
};

/** Edits one file after another; each has to be noticed, and nothing else. */
async function checkEdits(
  place: Place,
  command: readonly [string, ...string[]],
  files: readonly string[],
): Promise<void> {
  const run = async () => {
    const { code, stdout, stderr } = await place.start(["run", "p.ts"], { command }).ended;
    assertEquals(code, 0, stderr);
    return [stdout.trim(), /ran 1 /.test(stderr)] as const;
  };
  const values = files.map(() => "a");
  assertEquals(await run(), [values.join(""), true]);
  for (const [index, file] of files.entries()) {
    values[index] = "b";
    place.write(file, place.read(file).replace('"a"', '"b"'));
    assertEquals(await run(), [values.join(""), true], file);
  }
  assertEquals(await run(), [values.join(""), false]);
}

Deno.test("endings and index files left out, on Deno where that is allowed", async () => {
  using place = new Place(SHORT);
  const [deno, ...rest] = LOCAL;
  const command = [deno, "run", "--unstable-sloppy-imports", ...rest.slice(1)] as const;
  await checkEdits(place, command, ["one.ts", "two/index.ts", "three.ts"]);
});

Deno.test("scopes of an import map", async () => {
  using place = new Place({
    "deno.json": JSON.stringify({ scopes: { "./lib/": { inner: "./lib/inner.ts", "part/": "./parts/" } } }),
    "main.ts": `import { run, task } from ${JSON.stringify(new URL("../../mod.ts", import.meta.url).href)};
import { value } from "./lib/lib.ts";
export const whole = task("whole", () => value);
if (import.meta.main) {
  const { value, stats } = await run(whole());
  console.log(value, stats.ran);
}
`,
    "lib/lib.ts":
      'import { inner } from "inner";\nimport { part } from "part/one.ts";\nexport const value = inner + part;\n',
    "lib/inner.ts": 'export const inner = "a";\n',
    "parts/one.ts": 'export const part = "a";\n',
  });
  const run = async () => {
    const args = ["run", "-A", "--quiet", "main.ts"];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: place.path }).output();
    return new TextDecoder().decode(stdout) || new TextDecoder().decode(stderr);
  };
  assertEquals([await run(), await run()], ["aa 1\n", "aa 0\n"]);
  place.write("lib/inner.ts", 'export const inner = "b";\n');
  assertEquals([await run(), await run()], ["ba 1\n", "ba 0\n"]);
  place.write("parts/one.ts", 'export const part = "b";\n');
  assertEquals([await run(), await run()], ["bb 1\n", "bb 0\n"]);
});

const BUN = isThere("bun");
Deno.test({
  name: `whatever Bun understands${BUN ? "" : " (ignored: there is no bun)"}`,
  ignore: !BUN,
  fn: async () => {
    using dist = tempFolder();
    await perform("bundle", dist.path);
    const command = ["bun", `${dist.path}/cli.js`] as const;
    using short = new Place(SHORT);
    await checkEdits(short, command, ["one.ts", "two/index.ts", "three.ts"]);
    using mapped = new Place({
      "tsconfig.json": JSON.stringify({ compilerOptions: { paths: { "@/*": ["./src/*"] } } }),
      "package.json": JSON.stringify({ imports: { "#two": "./src/two.ts" } }),
      "p.ts": `import { task } from "runner";
import { one } from "@/one.ts";
import { two } from "#two";
export const main = task("main", () => one + two)();
`,
      "src/one.ts": 'export const one = "a";\n',
      "src/two.ts": 'export const two = "a";\n',
    });
    await checkEdits(mapped, command, ["src/one.ts", "src/two.ts"]);

    // Of a package, its version is what counts.
    const packaged = (name: string) => ({
      [`node_modules/${name}/package.json`]: '{ "version": "a", "main": "main.js" }\n',
      [`node_modules/${name}/main.js`]: 'exports.version = require("./package.json").version;\n',
    });
    using installed = new Place({
      "p.ts": `import { task } from "runner";
import { version } from "one";
import * as two from "@some/two";
export const main = task("main", () => version + two.version)();
`,
      ...packaged("one"),
      ...packaged("@some/two"),
    });
    await checkEdits(installed, command, [
      "node_modules/one/package.json",
      "node_modules/@some/two/package.json",
    ]);
  },
});

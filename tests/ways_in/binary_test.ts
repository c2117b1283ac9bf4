/** The single executable, made by Bun and by Deno, in an empty folder with nothing but a pipeline. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import process from "node:process";
import { Place } from "../cli/support.ts";
import { tempFolder } from "../support/temp.ts";
import {
  checkCommand,
  checkFullOutput,
  checkSandbox,
  FULL,
  isThere,
  keysBy,
  LOCAL,
  perform,
  PIPELINE,
  ROOT,
} from "./support.ts";

const BUN = isThere("bun");
Deno.test({
  name: `the executable by Bun${BUN ? "" : " (ignored: there is no bun)"}`,
  ignore: !BUN,
  fn: async () => {
    using dist = tempFolder();
    await perform("compile:bun", dist.path);
    using place = new Place({ "p.ts": PIPELINE });
    const command = [`${dist.path}/runner-bun`] as const;
    await checkCommand(place, command);
    assertEquals(await keysBy(place, command), await keysBy(place, LOCAL));
    if (FULL === "") await checkFullOutput(command);
    checkSandbox(command);
    checkSandbox(["bun", `${dist.path}/cli.js`]);

    const texts = new Place({
      "throws.ts": 'import { task } from "runner";\ntask("x", () => 1);\nthrow new RangeError("no");\n',
      "syntax.ts": "const y = ;\n",
      "absent.ts": 'import "./nowhere.ts";\n',
      "fetched.ts": 'import "npm:part@1.0.0";\n',
      "installed.ts":
        'import { task } from "runner";\nimport { part } from "part";\nexport const main = task("main", () => part);\n',
      "node_modules/part/package.json":
        '{ "name": "part", "version": "1.0.0", "type": "module", "exports": "./lib/part.js" }\n',
      "node_modules/part/lib/part.js": "export const part = 7;\n",
    });
    using _ = texts;
    const told = async (file: string) => {
      const { code, stderr } = await texts.start(["run", file], { command }).ended;
      assertEquals(code, 2);
      return texts.plain(stderr).replaceAll(/:(\d+):\d+/g, ":$1");
    };
    assertEquals(
      await told("throws.ts"),
      "error: throws.ts does not load: RangeError: no\n    at <here>/throws.ts:3\n",
    );
    assertEquals(
      await told("syntax.ts"),
      "error: syntax.ts does not load: SyntaxError: Unexpected ;\n    at <here>/syntax.ts:1\n",
    );
    assertEquals(
      (await told("absent.ts")).split("\n")[0],
      "error: absent.ts does not load: Cannot find module './nowhere.ts' imported from <here>/absent.ts",
    );
    assertEquals(
      await told("fetched.ts"),
      "error: fetched.ts does not load: Cannot find package 'npm:part@1.0.0' imported from <here>/fetched.ts\n" +
        "    this executable, which Bun has made, fetches nothing that is imported: `npm install part@1.0.0` in the " +
        'pipeline\'s folder, and import it as "part"; or run the pipeline by Deno, which does\n',
    );
    const installed = await texts.start(["run", "installed.ts", "--quiet"], { command }).ended;
    assertEquals([installed.code, installed.stdout], [0, "7\n"], installed.stderr);
  },
});

/** Why `deno compile` cannot work here, or nothing. */
const NO_DENORT = (() => {
  const given = process.env["DENORT_BIN"];
  if (given !== undefined) return fs.existsSync(given) ? "" : `DENORT_BIN names ${given}, which is not there`;
  using folder = tempFolder();
  fs.writeFileSync(`${folder.path}/empty.ts`, "");
  const { success } = new Deno.Command(Deno.execPath(), {
    args: ["compile", "--quiet", "--output", `${folder.path}/empty`, `${folder.path}/empty.ts`],
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return success ? "" : "denort cannot be downloaded, and DENORT_BIN is not set";
})();

Deno.test({
  name: `the executable by Deno${NO_DENORT === "" ? "" : ` (ignored: ${NO_DENORT})`}`,
  ignore: NO_DENORT !== "",
  fn: async () => {
    // Where an executable from the sources looks for what it carries.
    await perform("compile", `${ROOT}/dist`);
    using place = new Place({ "p.ts": PIPELINE });
    const command = [`${ROOT}/dist/runner`] as const;
    await checkCommand(place, command);
    assertEquals(await keysBy(place, command), await keysBy(place, LOCAL));
    checkSandbox(command);
  },
});

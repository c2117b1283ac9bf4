/** Several runs at once on one cache and one tree of outputs. */
import { assertEquals } from "@std/assert";
import { until } from "../support/files.ts";
import { Place } from "./support.ts";

const COUNT = 60;
const PIPELINE = `import fs from "node:fs";
import { task } from "runner";
export const copy = task("copy::[n]", {
  fields: { n: "integer" },
  choices: { n: Array.from({ length: ${COUNT} }, (_, n) => n) },
  inputs: "in.txt",
  outputs: ({ n }) => \`out/\${n}.txt\`,
  run: ({ n }) => fs.writeFileSync(\`out/\${n}.txt\`, \`\${fs.readFileSync("in.txt", "utf8")} \${n}\`),
});
export const main = task("main", { deps: ["copy::*"], run: (_input, { results }) => Object.keys(results).length });
`;

Deno.test("three runs at once: each gives its value, every output is whole, nothing half-done is left", async () => {
  using place = new Place({ "p.ts": PIPELINE, "in.txt": "first" });
  for (const text of ["first", "second"]) {
    Deno.writeTextFileSync(`${place.path}/in.txt`, text);
    const runs = await Promise.all([1, 2, 3].map(() => place.runner("run", "p.ts", "--quiet")));
    assertEquals(runs.map(({ code, stdout }) => [code, stdout]), Array(3).fill([0, `${COUNT}\n`]));
    for (let n = 0; n < COUNT; n++) {
      assertEquals(Deno.readTextFileSync(`${place.path}/out/${n}.txt`), `${text} ${n}`);
    }
  }
  assertEquals([...Deno.readDirSync(`${place.path}/.runner/cache/tmp`)], []);
  const { stdout } = await place.runner("history", "--json");
  assertEquals((JSON.parse(stdout) as unknown[]).length, 6);
});

const SLOW = `import fs from "node:fs";
import { task } from "runner";
export const out = task("out", {
  outputs: "out.txt",
  run: async () => {
    fs.writeFileSync("out.txt", "");
    fs.writeFileSync(\`began.\${process.pid}\`, "");
    while (!fs.existsSync("go")) await new Promise((turn) => setTimeout(turn, 5));
    fs.appendFileSync("out.txt", "whole");
  },
});
`;

Deno.test("what two runs make at the same time is given, and not kept", async () => {
  using place = new Place({ "p.ts": SLOW });
  const begun = () =>
    [...Deno.readDirSync(place.path)].filter(({ name }) => name.startsWith("began.")).length;
  const start = async (count: number) => {
    const { ended } = place.start(["run", "p.ts", "out"]);
    await until(`${count} have begun`, () => begun() === count);
    return { ended };
  };
  const runs = [await start(1), await start(2)];
  Deno.writeTextFileSync(`${place.path}/go`, "");
  for (const { ended } of runs) {
    const { code, stderr } = await ended;
    assertEquals(
      [code, / was made by run \S+ at the same time, and both wrote its outputs/.test(stderr)],
      [0, true],
      stderr,
    );
  }
  for (const line of ["ran 1 · up to date 0", "ran 0 · up to date 1"]) {
    const { code, stderr } = await place.runner("run", "p.ts", "out");
    assertEquals([code, stderr.includes(line), stderr.includes("warning")], [0, true, false], stderr);
  }
  assertEquals(Deno.readTextFileSync(`${place.path}/out.txt`), "whole");
});

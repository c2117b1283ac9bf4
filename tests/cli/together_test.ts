/** Several runs at once on one cache and one tree of outputs. */
import { assertEquals } from "@std/assert";
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

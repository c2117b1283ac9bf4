/** `--state`: where runs note what they do; the commands that ask for it take the same option. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { Place } from "./support.ts";

Deno.test("a run notes itself where --state says, and history finds it there", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";\nexport const main = task("main", () => 1);\n`,
  });
  const { code, stderr } = await place.runner("run", "p.ts", "--state", "far");
  assertEquals(code, 0, stderr);
  assertEquals(fs.readdirSync(`${place.path}/.runner`), ["cache"]);
  assertEquals(fs.existsSync(`${place.path}/far/history.db`), true);
  assertStringIncludes(
    (await place.runner("history", "--state", "far")).stdout,
    "p.ts --state far",
  );
});

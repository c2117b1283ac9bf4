/** Going on with a run that was cut off. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { until } from "../support/files.ts";
import { Place } from "./support.ts";

const PIPELINE = `import { task } from "runner";
import fs from "node:fs";
const runs = (name: string) => fs.appendFileSync("ran", name);
const shown = async (file: string) => {
  while (!fs.existsSync(file)) await new Promise((done) => setTimeout(done, 10));
};
export const first = task("first", () => runs("a"));
export const second = task("second", { deps: ["first"], run: async () => { runs("b"); await shown("go"); } });
export const third = task("third", { deps: ["second"], run: async () => { runs("c"); await shown("on"); } });
`;

/** Runs until the tasks that wait have begun so often, and is killed. */
async function cutOff(place: Place, args: readonly string[], ran: string): Promise<void> {
  const program = place.start(args);
  await until(`${ran} has run`, () => place.read("ran") === ran);
  program.kill("SIGKILL");
  await program.ended;
}

Deno.test("a run that was forced: what it has done before it was cut off is not done again, all else is", async () => {
  using place = new Place({ "p.ts": PIPELINE, go: "", on: "" });
  assertEquals((await place.runner("run", "p.ts", "third")).code, 0);
  assertEquals(place.read("ran"), "abc");
  place.remove("go");
  place.remove("on");
  await cutOff(place, ["run", "p.ts", "third", "--force"], "abcab");
  place.write("go", "");
  // Cut off once more: what the first of the two has done is still known.
  await cutOff(place, ["resume", "last"], "abcabbc");
  place.write("on", "");
  const { code, stderr } = await place.runner("resume", "last");
  assertEquals([code, place.read("ran")], [0, "abcabbcc"], stderr);
  assertStringIncludes(stderr, "resuming: runner run p.ts third --force\n");
  assertStringIncludes(stderr, "ran third ");
  // The same command by itself forces all of it.
  assertEquals((await place.runner("run", "p.ts", "third", "--force")).code, 0);
  assertEquals(place.read("ran"), "abcabbccabc");
});

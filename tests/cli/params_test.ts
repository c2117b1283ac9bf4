/** Parameters: what is said of one that is misspelt. */
import { assertEquals } from "@std/assert";
import { Place } from "./support.ts";

Deno.test("a parameter that was typed and that nothing has read is told, run or up to date, where that can be known", async () => {
  using place = new Place({
    "p.ts": `import { task } from "runner";
export const settings = { params: { of: "settings" } };
export const one = task("one", (_: undefined, { params }) => Number(params["mass"] ?? 1));
export const none = task("none", () => 1);
export const unknown = task("unknown", { cache: false, run: () => 1 });
export const fails = task("fails", () => { throw new Error("no"); });
`,
  });
  const told = async (...words: string[]) =>
    (await place.runner("run", "p.ts", ...words)).stderr.split("\n").filter((line) =>
      line.startsWith("warning")
    );
  const mss = 'warning: parameter "mss" was given and nothing has read it; did you mean "mass"?';
  assertEquals(await told("one", "--param", "mss=3"), [mss]);
  assertEquals(await told("one", "--param", "mss=3"), [mss], "up to date");
  assertEquals(await told("one", "none", "--param", "mss=3", "--param", "mass=2"), [
    'warning: parameter "mss" was given and nothing has read it',
  ]);
  assertEquals(await told("one", "--param", "mass=3"), []);
  assertEquals(await told("one"), []);
  assertEquals(await told("one", "unknown", "--param", "mss=3"), [], "what is not kept may have read it");
  assertEquals(await told("fails", "--param", "mss=3"), []);
  assertEquals(await told("one", "--param", "mss=4", "--cache", "memory"), [mss]);
});

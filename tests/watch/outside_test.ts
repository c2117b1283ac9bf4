/** Files outside the working folder: told by their absolute paths, and named in whatever way. */
import fs from "node:fs";
import { assertEquals } from "@std/assert";
import { all } from "../../src/model/future.ts";
import { reads, upper, writesUp } from "../fixtures/watched.ts";
import { Watched } from "./support.ts";

const FILES = { "../ext/e.txt": "e1", "src/a.txt": "a" };

for (
  const [what, target] of Object.entries({
    "a literal": () => reads({ path: "../ext/e.txt" }),
    "a literal that takes a detour": () => reads({ path: "./../work/../ext/e.txt" }),
    "a glob": () => reads({ path: "../ext/*.txt" }),
    "a folder": () => reads({ path: "../ext" }),
    "ctx.dep": () => reads({ path: "../ext/e.txt", dep: true }),
    "ctx.dep of a path that goes further up than it has to": () => {
      const parent = Deno.cwd().split("/").at(-2)!;
      return reads({ path: `../../${parent}/ext/e.txt`, dep: true });
    },
  })
) {
  Deno.test(`${what} with ../: edited, removed, there again`, async () => {
    await using watch = await Watched.open(FILES, target);
    assertEquals(watch.last.value, "e1");
    watch.edit("../ext/e.txt", "e2");
    await watch.settled();
    assertEquals([watch.iterations.length, watch.last.value], [2, "e2"]);
    watch.edit("../ext/e.txt", "e2");
    await watch.settled();
    assertEquals(watch.iterations.length, 2);
    watch.remove("../ext/e.txt");
    await watch.settled();
    assertEquals(watch.iterations.length, 3);
    watch.edit("../ext/e.txt", "e3");
    await watch.settled();
    assertEquals([watch.iterations.length, watch.last.value], [4, "e3"]);
    // Only the folder is told.
    fs.rmSync("../ext", { recursive: true });
    watch.watcher.tellEven(watch.full("../ext"));
    await watch.settled();
    assertEquals(watch.iterations.length, 5);
  });
}

Deno.test("a glob and a folder with ../: new files", async () => {
  for (const path of ["../ext/**/*.txt", "../ext"]) {
    await using watch = await Watched.open(FILES, reads({ path }));
    watch.edit("../ext/new/f.txt", "f");
    await watch.settled();
    assertEquals([watch.iterations.length, watch.last.value], [2, "e1,f"]);
    assertEquals(watch.last.changed, ["../ext/new/f.txt"]);
  }
});

Deno.test("files in the working folder that a pattern with ../, or an absolute one, fits", async () => {
  await using watch = await Watched.open(
    FILES,
    () => all([reads({ path: "../*/src/*.txt" }), reads({ path: `${Deno.cwd()}/../*/src/*.txt` })]),
  );
  assertEquals(watch.last.value, ["a", "a"]);
  watch.edit("src/a.txt", "A");
  await watch.settled();
  assertEquals([watch.iterations.length, watch.last.value], [2, ["A", "A"]]);
  watch.edit("src/b.txt", "B");
  await watch.settled();
  assertEquals([watch.iterations.length, watch.last.value], [3, ["A,B", "A,B"]]);
});

Deno.test("one file by two names: both readers run again, and it is told once", async () => {
  await using watch = await Watched.open(
    FILES,
    () => all([reads({ path: "../ext/e.txt" }), reads({ path: `${Deno.cwd()}/../ext/e.txt` })]),
  );
  watch.edit("../ext/e.txt", "e2");
  await watch.settled();
  assertEquals([watch.iterations.length, watch.last.value], [2, ["e2", "e2"]]);
  assertEquals(watch.last.stats?.ran, 2);
  assertEquals(watch.last.changed, ["../ext/e.txt"]);
});

Deno.test("another change that comes first does not leave it as it was", async () => {
  await using watch = await Watched.open(FILES, all([reads({ path: "../ext/e.txt" }), upper({ name: "a" })]));
  watch.write("../ext/e.txt", "e2");
  watch.write("src/a.txt", "b");
  watch.watcher.tell(watch.full("src/a.txt"), watch.full("../ext/e.txt"));
  await watch.settled();
  assertEquals([watch.iterations.length, watch.last.value], [2, ["e2", "b"]]);
});

Deno.test("an output with ../ that a hand edits or removes comes back", async () => {
  await using watch = await Watched.open(FILES, writesUp());
  watch.watcher.tell(watch.full("../ext/out.txt"));
  await watch.settled();
  assertEquals(watch.iterations.length, 1);
  watch.edit("../ext/out.txt", "by hand");
  await watch.settled();
  assertEquals([watch.iterations.length, watch.read("../ext/out.txt")], [2, "A"]);
  assertEquals(watch.last.changed, ["../ext/out.txt"]);
  watch.remove("../ext/out.txt");
  await watch.settled();
  assertEquals([watch.iterations.length, watch.read("../ext/out.txt")], [3, "A"]);
  assertEquals(watch.iterations.map(({ stats }) => stats?.ran), [1, 0, 0]);
});

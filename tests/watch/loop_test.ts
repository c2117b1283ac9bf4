/** Watches in one process, driven by hand: what leads to a run, and what does not. */
import fs from "node:fs";
import { Recorder } from "../support/recorder.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { all } from "../../src/model/future.ts";
import { watch } from "runner";
import {
  broken,
  copy,
  everything,
  gate,
  join,
  lists,
  noted,
  restless,
  threaded,
  unstored,
  upper,
} from "../fixtures/watched.ts";
import { nothingLeft } from "../support/leaks.ts";
import { tempFolder } from "../support/temp.ts";
import { Watched } from "./support.ts";

const FILES = { "src/a.txt": "a", "src/b.txt": "b", "src/c.txt": "c", "src/d.txt": "d" };

Deno.test("only what an edit concerns runs again", async () => {
  await using watch = await Watched.open(FILES, everything);
  assertEquals(watch.last.stats?.ran, 7);
  watch.edit("src/a.txt", "new");
  await watch.settled();
  assertEquals(watch.iterations.length, 2);
  assertEquals(watch.last.changed, ["src/a.txt"]);
  assertEquals(watch.last.stats?.ranByTask, { upper: 1, join: 1, copy: 1 });
  assert(watch.read("dist/copy.txt").startsWith("src/a.txt=new;"));
});

Deno.test("what an edit concerns starts before anything else is looked up", async () => {
  const told: string[] = [];
  await using watch = await Watched.open(FILES, everything, {
    onTransition: ({ call, to }) => {
      if (to === "running" || to === "up-to-date") told.push(`${call} ${to}`);
    },
  });
  told.length = 0;
  watch.edit("src/d.txt", "new");
  await watch.settled();
  // One reads the file, the other all of its folder.
  assertEquals(told.slice(0, 2).sort(), ["join running", 'upper({ name: "d" }) running']);
  assertEquals(told.length, 7);
});

Deno.test("files that a task finds out count too when its result is not stored", async () => {
  await using watch = await Watched.open(FILES, () => unstored());
  assertEquals(watch.last.value, "a");
  watch.edit("src/a.txt", "new");
  await watch.settled();
  assertEquals([watch.iterations.length, watch.last.value], [2, "new"]);
});

Deno.test("a task that changes its own input is not run again for ever", async () => {
  await using watch = await Watched.open(FILES, restless());
  await watch.settled();
  assertEquals([watch.iterations.length, watch.last.value, watch.read("out/times.txt")], [1, "a", "4"]);
});

Deno.test("a task that writes into the folder it reads does not wake the watch", async () => {
  await using watch = await Watched.open({ "d/a.txt": "a" }, lists());
  const written = () => watch.read("d/list.txt").split(" ")[0];
  watch.watcher.tell(watch.full("d/list.txt"));
  await watch.settled();
  assertEquals([watch.iterations.length, written()], [1, "d/a.txt"]);
  watch.edit("d/b.txt", "b");
  await watch.settled();
  watch.watcher.tell(watch.full("d/list.txt"));
  await watch.settled();
  assertEquals([watch.iterations.length, written()], [2, "d/a.txt,d/b.txt"]);
});

Deno.test("the same bytes, a touch and files nobody reads start nothing", async () => {
  await using watch = await Watched.open(FILES, everything);
  watch.edit("src/a.txt", "a");
  await watch.settled();
  fs.utimesSync("src/b.txt", new Date(), new Date(Date.now() + 5_000));
  watch.watcher.tell(watch.full("src/b.txt"));
  await watch.settled();
  watch.edit("src/notes.md", "not among the inputs");
  watch.write("elsewhere.txt", "x");
  watch.watcher.tellEven(watch.full("elsewhere.txt"));
  await watch.settled();
  watch.edit("src/left out/x.txt", "left out by the rules");
  await watch.settled();
  assertEquals(watch.iterations.length, 1);
});

Deno.test("outputs: what the run wrote starts nothing, what a hand did is put right", async () => {
  await using watch = await Watched.open(FILES, everything);
  watch.watcher.tell(...["a", "b", "c", "d", "all"].map((name) => watch.full(`out/${name}.txt`)));
  watch.watcher.tell(watch.full("dist/copy.txt"));
  await watch.settled();
  assertEquals(watch.iterations.length, 1);
  watch.edit("dist/copy.txt", "by hand");
  await watch.settled();
  assertEquals(watch.iterations.length, 2);
  assertEquals(watch.last.stats?.ran, 0);
  assert(watch.read("dist/copy.txt").startsWith("src/a.txt=a;"));
  watch.watcher.tell(watch.full("dist/copy.txt"));
  await watch.settled();
  assertEquals(watch.iterations.length, 2);
  watch.remove("out/a.txt");
  await watch.settled();
  assertEquals([watch.iterations.length, watch.read("out/a.txt")], [3, "A"]);
  watch.edit("out/a.txt", "once more");
  await watch.settled();
  assertEquals([watch.iterations.length, watch.read("out/a.txt")], [4, "A"]);
});

Deno.test("files that come, go and are renamed; folders too", async () => {
  await using watch = await Watched.open(FILES, join());
  watch.edit("src/deep/er/new.txt", "new");
  await watch.settled();
  assert(watch.read("out/all.txt").includes("src/deep/er/new.txt=new;"));
  fs.renameSync("src/deep", "src/other");
  // Only the folders themselves are told.
  watch.watcher.tell(watch.full("src/deep"), watch.full("src/other"));
  await watch.settled();
  assert(watch.read("out/all.txt").includes("src/other/er/new.txt=new;"));
  assert(!watch.read("out/all.txt").includes("deep"));
  fs.rmSync("src/other", { recursive: true });
  watch.watcher.tell(watch.full("src/other"));
  await watch.settled();
  assert(!watch.read("out/all.txt").includes("other"));
});

Deno.test("a file that does not exist yet, one that was only found out, and one that went", async () => {
  await using watch = await Watched.open({}, all({ a: upper({ name: "a" }), note: noted({}) }));
  assertEquals(watch.last.value, { a: "nothing", note: "nothing" });
  watch.edit("src/a.txt", "there");
  await watch.settled();
  assertEquals(watch.last.value, { a: "there", note: "nothing" });
  watch.edit("extra/note.txt", "noted");
  await watch.settled();
  assertEquals(watch.last.value, { a: "there", note: "noted" });
  watch.edit("extra/note.txt", "again");
  await watch.settled();
  watch.remove("src/a.txt");
  await watch.settled();
  assertEquals(watch.last.value, { a: "nothing", note: "again" });
  assertEquals(watch.iterations.length, 5);
});

Deno.test("a failure is handed out, its half output starts nothing, and mending the file does", async () => {
  await using watch = await Watched.open({ "src/a.txt": "bad" }, broken());
  assertEquals(watch.last.error?.name, "RunFailed");
  assertEquals(watch.last.stats?.failed, 1);
  watch.watcher.tell(watch.full("out/half.txt"));
  await watch.settled();
  assertEquals(watch.iterations.length, 1);
  watch.edit("src/a.txt", "good");
  await watch.settled();
  assertEquals(watch.last.value, "fine");
  watch.edit("src/a.txt", "bad");
  await watch.settled();
  watch.remove("src/a.txt");
  await watch.settled();
  assert(String(watch.last.error).includes("src/a.txt"));
  watch.edit("src/a.txt", "good");
  await watch.settled();
  assertEquals(watch.last.value, "fine");
});

Deno.test("what changes during a run leads to the next one, right after it", async () => {
  await using watch = await Watched.open(FILES, everything);
  let open = () => {};
  const reached = new Promise<void>((at) => {
    gate.pass = (task) => {
      if (task !== "copy") return;
      gate.pass = () => {};
      at();
      return new Promise((done) => open = done);
    };
  });
  watch.edit("src/a.txt", "first");
  await reached;
  watch.edit("src/b.txt", "second");
  open();
  await watch.settled();
  assertEquals(watch.iterations.length, 3);
  assertEquals(watch.last.changed, ["src/b.txt"]);
  assert(watch.read("dist/copy.txt").endsWith("|FIRST|SECOND|C|D"));
});

Deno.test("a task whose input changes while it runs is run again, and its dependents get the newer result", async () => {
  const recorder = new Recorder();
  await using watch = await Watched.open(FILES, everything, { reporter: recorder });
  let open = () => {};
  const reached = new Promise<void>((at) => {
    gate.pass = (task) => {
      if (task !== "upper a") return;
      gate.pass = () => {};
      at();
      return new Promise((done) => open = done);
    };
  });
  watch.edit("src/a.txt", "older");
  await reached;
  watch.edit("src/a.txt", "newer");
  open();
  await watch.settled();
  assert(watch.read("dist/copy.txt").includes("|NEWER|"));
  assertEquals(watch.iterations[1]!.error, undefined);
  const restarted = recorder.events.filter((event) => event.kind === "node-restarted");
  assertEquals(restarted.map(({ call, paths }) => [call, ...paths]).sort(), [
    ["join", "src/a.txt"],
    ['upper({ name: "a" })', "src/a.txt"],
  ]);
  // In one run, not by a second one.
  assertEquals(watch.iterations[1]!.stats?.ranByTask["copy"], 1);
  assert(String((watch.iterations[1]!.value as { copied: string }).copied).includes("|NEWER|"));
});

Deno.test("asked for: a run without a change, and one of everything", async () => {
  await using watch = await Watched.open(FILES, everything);
  watch.again();
  await watch.settled();
  assertEquals(watch.last.stats?.ran, 0);
  watch.again(true);
  await watch.settled();
  assertEquals(watch.last.stats?.ran, 7);
  assertEquals(watch.iterations.map(({ changed }) => changed), [[], [], []]);
});

Deno.test("force counts for the first run only", async () => {
  await using watch = await Watched.open(FILES, everything, { force: ["copy"] });
  watch.again();
  await watch.settled();
  assertEquals(watch.last.stats?.ran, 0);
});

Deno.test("ended while nothing runs, and in the middle of a run", async () => {
  {
    await using watch = await Watched.open(FILES, everything);
    watch.end();
    assertEquals(await watch.gone, "closed");
    assert(watch.watcher.closed);
  }
  await using watch = await Watched.open(FILES, copy());
  let open = () => {};
  const reached = new Promise<void>((at) => {
    gate.pass = () => {
      gate.pass = () => {};
      at();
      return new Promise((done) => open = done);
    };
  });
  watch.edit("src/a.txt", "new");
  await reached;
  watch.end();
  open();
  assertEquals(await watch.gone, "closed");
  assertEquals(watch.last.error?.name, "RunCancelled");
});

Deno.test("threads: one waits for the next run, and none is left", async () => {
  {
    await using watch = await Watched.open(FILES, threaded());
    for (const text of ["one", "two", "three"]) {
      watch.edit("src/a.txt", text);
      await watch.settled();
      assertEquals(watch.last.value, text);
    }
  }
  await nothingLeft();
});

Deno.test("a module of the pipeline that changes ends the watch that cannot load it; a touch does not", async () => {
  await using watch = await Watched.open(
    { ...FILES, "lib.ts": "export const x = 1;", "pipeline.ts": 'import "./lib.ts";' },
    join(),
    {},
    "end",
    ["pipeline.ts"],
  );
  fs.utimesSync("lib.ts", new Date(), new Date(Date.now() + 5_000));
  watch.watcher.tell(watch.full("lib.ts"));
  await watch.settled();
  assertEquals(watch.iterations.length, 1);
  watch.edit("lib.ts", "export const x = 2;");
  assertEquals(await watch.gone, "reload");
  assertEquals(watch.events.at(-1), { kind: "watch-reload", paths: ["lib.ts"] });
});

Deno.test("watch() of the library: an async iterable that ends when it is closed", async () => {
  using temp = tempFolder();
  const home = Deno.cwd();
  Deno.chdir(temp.path);
  try {
    const seen: unknown[] = [];
    let round = 0;
    await using handle = watch(() => upper({ name: NAMES[round++]! }), {
      history: false,
      debounce: 0,
      watcher: () => ({ watch: () => Promise.resolve(), close: () => Promise.resolve() }),
    });
    for await (const { value } of handle) {
      seen.push(value);
      if (seen.length === 3) break;
      handle.again();
    }
    assertEquals(seen, ["nothing", "nothing", "nothing"]);
    assertEquals(round, 3);
  } finally {
    Deno.chdir(home);
  }
});

const NAMES = ["a", "b", "c", "d"];

Deno.test("a quiet period that makes no sense is refused at once", () => {
  assertThrows(() => watch(noted({}), { debounce: -1 }), Error, "debounce");
});

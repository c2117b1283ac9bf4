/** What is done while it is quiet, on a clock that is moved by hand. */
import fs from "node:fs";
import { assertEquals } from "@std/assert";
import { runIn } from "../../src/engine/run.ts";
import type { Future } from "../../src/model/future.ts";
import { prepareGlobs } from "../../src/store/files/globs.ts";
import { openFiles } from "../../src/store/files/files.ts";
import type { Iteration, Loop } from "../../src/watch/loop.ts";
import { openWatch } from "../../src/watch/open.ts";
import type { Work } from "../../src/engine/work.ts";
import { machine, openPorts } from "../../src/wire.ts";
import { upper } from "../fixtures/watched.ts";
import { tempFolder } from "../support/temp.ts";
import { ENTRY, HandClock, HandWatcher } from "./support.ts";

/** A watch with a quiet period of 300 ms; how often its target was made is counted. */
class Prepared implements AsyncDisposable {
  readonly clock = new HandClock();
  readonly watcher = new HandWatcher();
  readonly iterations: Iteration<unknown>[] = [];
  made = 0;
  make: () => Future<unknown> = () => upper({ name: "a" });
  private readonly temp = tempFolder();
  private readonly home = Deno.cwd();
  private readonly loop: Loop<unknown>;
  private readonly gone: Promise<unknown>;
  private wake: () => void = () => {};

  private constructor() {
    Deno.chdir(this.temp.path);
    fs.mkdirSync("src");
    fs.writeFileSync("src/a.txt", "0");
    const cwd = Deno.cwd();
    const options = { cache: "cache", state: "state" };
    this.loop = openWatch<unknown>({
      cwd,
      files: openFiles({ cache: `${cwd}/cache`, writable: true, cwd }),
      clock: this.clock,
      makeWatcher: this.watcher.make,
      ignored: [`${cwd}/cache`, `${cwd}/state`],
      code: [],
      options,
      debounce: 300,
      onModules: "run",
      tell: (event) => event.kind === "watch-waiting" && this.wake(),
      run: async (held, manner, told) => {
        this.made++;
        const open = (given: typeof told, work: Work) => openPorts(ENTRY, [], given, work, held);
        return await runIn(open, machine, { rerunOutdated: true, ...manner })(this.make(), told);
      },
    });
    this.gone = this.loop.go((iteration) => this.iterations.push(iteration));
  }

  static async open(): Promise<Prepared> {
    await prepareGlobs();
    const watch = new Prepared();
    await watch.rests();
    return watch;
  }

  /** Resolves when changes are waited for again. */
  async rests(): Promise<void> {
    await new Promise<void>((resolve) => this.wake = resolve);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Writes the input and tells of it. */
  edit(text: string): void {
    fs.writeFileSync("src/a.txt", text);
    this.watcher.tell(`${Deno.cwd()}/src/a.txt`);
  }

  /** Lets time pass, and then whatever is waiting for that. */
  async pass(millis: number): Promise<void> {
    this.clock.pass(millis);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** What became of the last run. */
  get last(): readonly [runs: number, value: unknown, made: number] {
    return [this.iterations.length, this.iterations.at(-1)?.value, this.made];
  }

  again(): void {
    this.loop.again(false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.loop.end();
    await this.gone;
    Deno.chdir(this.home);
    this.temp[Symbol.dispose]();
  }
}

Deno.test("a run is planned when half of the quiet period has passed, and begins at its end", async () => {
  await using watch = await Prepared.open();
  assertEquals(watch.last, [1, "0", 1]);
  watch.edit("1");
  await watch.pass(149);
  assertEquals(watch.made, 1);
  await watch.pass(1);
  assertEquals([watch.made, watch.iterations.length], [2, 1]);
  await watch.pass(149);
  assertEquals(watch.iterations.length, 1);
  const rests = watch.rests();
  await watch.pass(1);
  await rests;
  assertEquals(watch.last, [2, "1", 2]);
});

Deno.test("a further change makes what was prepared worthless: the run sees that change, and there is one run", async () => {
  await using watch = await Prepared.open();
  watch.edit("1");
  await watch.pass(200);
  assertEquals(watch.made, 2);
  watch.make = () => upper({ name: "b" });
  watch.edit("2");
  await watch.pass(149);
  assertEquals(watch.made, 2);
  await watch.pass(1);
  assertEquals(watch.made, 3);
  const rests = watch.rests();
  await watch.pass(150);
  await rests;
  // The other one that its target is now.
  assertEquals(watch.last, [2, "nothing", 3]);
});

Deno.test("what changes nothing prepares nothing; what is asked for is not what was prepared", async () => {
  await using watch = await Prepared.open();
  watch.edit("0");
  await watch.pass(300);
  assertEquals(watch.last, [1, "0", 1]);
  watch.edit("1");
  await watch.pass(200);
  assertEquals(watch.made, 2);
  fs.writeFileSync("src/a.txt", "0");
  const rests = watch.rests();
  watch.again();
  await rests;
  assertEquals([watch.iterations.length, watch.made], [2, 3]);
});

Deno.test("what is wrong with a plan is told when the run would have begun, and not if it was mended by then", async () => {
  await using watch = await Prepared.open();
  const right = watch.make;
  const wrong = (): never => {
    throw new Error("no target");
  };
  watch.make = wrong;
  watch.edit("1");
  await watch.pass(299);
  assertEquals(watch.iterations.length, 1);
  const rests = watch.rests();
  await watch.pass(1);
  await rests;
  assertEquals(watch.iterations.at(-1)?.error?.message, "no target");
  watch.edit("2");
  await watch.pass(200);
  watch.make = right;
  watch.edit("3");
  const mended = watch.rests();
  await watch.pass(150);
  await watch.pass(150);
  await mended;
  assertEquals([watch.iterations.length, watch.iterations.at(-1)?.value], [3, "3"]);
});

Deno.test("a watch that ends drops what it has prepared", async () => {
  const watch = await Prepared.open();
  watch.edit("1");
  await watch.pass(200);
  assertEquals(watch.made, 2);
  await watch[Symbol.asyncDispose]();
  assertEquals(watch.iterations.length, 1);
  assertEquals(watch.clock.pending, 0);
});

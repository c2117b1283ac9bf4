/** Watches driven by hand: changes are told when the test says so, and the quiet period ends when it says so. */
import fs from "node:fs";
import { dirname, resolve } from "node:path";
import type { Clock } from "../../src/execute/member.ts";
import type { Iteration, Loop, LoopEnd, WatchEvent } from "../../src/watch/loop.ts";
import type { WatchOptions } from "../../src/watch/watch.ts";
import { type Entry, openLoop } from "../../src/wire.ts";
import { tempFolder } from "../support/temp.ts";
import type { MakeWatcher, WatchSet } from "../../src/watch/watcher.ts";

/** The entry points of this checkout. */
export const ENTRY: Entry = {
  worker: new URL("../../workers/task_worker.ts", import.meta.url).href,
  cli: new URL("../../cli.ts", import.meta.url).href,
  library: new URL("../../mod.ts", import.meta.url).href,
};

/** A watcher that tells what it is told to. */
export class HandWatcher {
  set: WatchSet | undefined;
  closed = false;
  private tellAll: (paths: readonly string[]) => void = () => {};
  private waiting: (() => void)[] = [];

  readonly make: MakeWatcher = (changed) => {
    this.tellAll = changed;
    return {
      watch: (set) => {
        this.set = set;
        for (const one of this.waiting.splice(0)) one();
        return Promise.resolve();
      },
      close: () => {
        this.closed = true;
        return Promise.resolve();
      },
    };
  };

  /** Tells changes, as a real watcher does: only of what is watched. */
  tell(...paths: readonly string[]): void {
    const { set } = this;
    if (set === undefined) return this.tellAll(paths);
    const fits = (path: string) =>
      set.files.has(path) || [...set.trees].some((tree) => path.startsWith(`${tree}/`));
    const wanted = paths.filter(fits);
    if (wanted.length > 0) this.tellAll(wanted);
  }

  /** Tells changes that nobody may have asked for. */
  tellEven(...paths: readonly string[]): void {
    this.tellAll(paths);
  }
}

/** A clock that stands still. */
export class HandClock implements Clock {
  private now = 0;
  private timers = new Map<() => void, number>();

  after(millis: number, callback: () => void): () => void {
    const timer = () => callback();
    this.timers.set(timer, this.now + millis);
    return () => void this.timers.delete(timer);
  }

  /** Lets time pass. */
  pass(millis: number): void {
    const end = this.now + millis;
    while (true) {
      const due = [...this.timers].filter(([, at]) => at <= end).sort(([, a], [, b]) => a - b)[0];
      if (due === undefined) break;
      this.timers.delete(due[0]);
      this.now = due[1];
      due[0]();
    }
    this.now = end;
  }

  /** How many timers there are. */
  get pending(): number {
    return this.timers.size;
  }
}

/** A watch in a folder of its own, which is the working folder meanwhile. */
export class Watched implements AsyncDisposable {
  readonly watcher = new HandWatcher();
  readonly iterations: Iteration<unknown>[] = [];
  readonly events: WatchEvent[] = [];
  readonly folder: string;
  readonly gone: Promise<LoopEnd>;
  private readonly temp = tempFolder();
  private readonly home = Deno.cwd();
  private loop: Loop<unknown> | undefined;
  private idle = false;
  private waiting: (() => void)[] = [];

  private constructor(
    files: Readonly<Record<string, string>>,
    target: unknown,
    options: WatchOptions,
    onModules: "run" | "end",
    code: readonly string[],
  ) {
    // There is room beside it for what `../` leads to.
    this.folder = `${fs.realpathSync(this.temp.path)}/work`;
    fs.mkdirSync(this.folder);
    Deno.chdir(this.folder);
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    this.gone = this.go(target, options, onModules, code);
  }

  /** Opens one, and waits for the first run to be over. */
  static async open(
    files: Readonly<Record<string, string>>,
    target: unknown,
    options: WatchOptions = {},
    onModules: "run" | "end" = "run",
    code: readonly string[] = [],
  ): Promise<Watched> {
    const watched = new Watched(files, target, options, onModules, code);
    await watched.settled();
    return watched;
  }

  /** Resolves when nothing runs and nothing is about to. */
  async settled(): Promise<void> {
    await turn();
    while (!this.idle) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      await turn();
    }
  }

  /** Writes a file and tells it. */
  edit(path: string, text: string): void {
    this.write(path, text);
    this.watcher.tell(this.full(path));
  }

  /** Removes a file and tells it. */
  remove(path: string): void {
    fs.rmSync(path, { force: true });
    this.watcher.tell(this.full(path));
  }

  full(path: string): string {
    return resolve(this.folder, path);
  }

  write(path: string, text: string): void {
    fs.mkdirSync(dirname(path), { recursive: true });
    fs.writeFileSync(path, text);
  }

  read(path: string): string {
    return fs.existsSync(path) ? fs.readFileSync(path, "utf8") : "";
  }

  again(force = false): void {
    this.idle = false;
    this.loop!.again(force);
  }

  end(hard = false): void {
    this.loop!.end(hard);
  }

  get last(): Iteration<unknown> {
    return this.iterations.at(-1)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.loop?.end(true);
    await this.gone.catch(() => {});
    Deno.chdir(this.home);
    this.temp[Symbol.dispose]();
  }

  private async go(
    target: unknown,
    options: WatchOptions,
    onModules: "run" | "end",
    code: readonly string[],
  ): Promise<LoopEnd> {
    const loop = this.loop = await openLoop(ENTRY, [], target, {
      history: false,
      watcher: this.watcher.make,
      ...options,
    }, {
      debounce: 0,
      onModules,
      code: code.map((name) => this.full(name)),
      tell: (event) => {
        this.events.push(event);
        this.idle = event.kind === "watch-waiting";
        this.turned();
      },
    });
    const end = await loop.go((iteration) => {
      this.iterations.push(iteration);
    });
    this.idle = true;
    this.turned();
    return end;
  }

  private turned(): void {
    for (const one of this.waiting.splice(0)) one();
  }
}

/** Lets everything happen that can happen at once. */
async function turn(): Promise<void> {
  for (let count = 0; count < 3; count++) await new Promise((done) => setTimeout(done, 0));
}

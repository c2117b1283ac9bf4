/** The watcher over chokidar: single files are watched one by one, folders as a whole. */
import fs from "node:fs";
import { dirname } from "node:path";
import { runtime } from "../runtime/runtime.ts";
import { Names } from "./names.ts";
import type { MakeWatcher, Watcher, WatchSet } from "./watcher.ts";

/** More single files than this are watched by their folders, where these hold several. */
const MOST_SINGLE = 100;
/** So many single files of one folder make that folder one to be watched. */
const ENOUGH = 4;
/** How often files are looked at where nobody tells of changes, in milliseconds. */
const POLL = 200;
/** Deno keeps 16 events of the system for whoever is busy, and drops the rest: so many at once, and some may be missing. */
const MANY = 12;
/** Bun's recursive watch ends the program when its folder is moved: it tells of that by an event without a name. */
const PER_FOLDER = runtime.name === "bun";
/** Events with less than this between them came at once, in milliseconds. */
const AT_ONCE = 250;
/** Folders that are never looked into unless something in there is asked for. */
const SKIPPED = /\/(?:\.git|node_modules)(?=\/|$)/;

/** The part of chokidar that is used. */
interface Chokidar {
  watch(paths: readonly string[], options: Readonly<Record<string, unknown>>): Instance;
}
interface Instance {
  on(event: "all", listener: (event: string, path: string) => void): unknown;
  on(event: "ready", listener: () => void): unknown;
  on(event: "raw", listener: () => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
  add(paths: readonly string[]): unknown;
  unwatch(paths: readonly string[]): unknown;
  close(): Promise<void>;
}

/** Makes watchers; `poll` is for file systems that tell nothing, such as those of other machines. */
export function chokidarWatcher(poll = false): MakeWatcher {
  return (changed, warn) => new ChokidarWatcher(poll, changed, warn);
}

/** What chokidar is told to watch. */
interface Plan {
  readonly trees: ReadonlySet<string>;
  readonly single: ReadonlySet<string>;
}

class ChokidarWatcher implements Watcher {
  private set: WatchSet = { files: new Set(), trees: new Set(), ignored: [] };
  private readonly names = new Names();
  private above: ReadonlySet<string> = new Set();
  private plan: Plan = { trees: new Set(), single: new Set() };
  private trees: Instance | undefined;
  private single: Instance | undefined;
  private closed = false;
  private pending: string[] = [];
  private crowd = 0;
  private latest = 0;
  private planned = false;

  constructor(
    private poll: boolean,
    private readonly changed: (paths: readonly string[], lost: boolean) => void,
    private readonly warn: (text: string) => void,
  ) {}

  async watch(set: WatchSet): Promise<void> {
    if (this.closed) return;
    this.set = set;
    this.above = foldersAbove(set);
    this.names.take(set);
    const plan = planOf(set);
    const before = this.plan;
    this.plan = plan;
    const starting: Promise<void>[] = [];
    if (!sameSet(before.trees, plan.trees)) {
      const old = this.trees;
      this.trees = undefined;
      // The new one is there before the old one goes: no change falls between them.
      if (plan.trees.size > 0) starting.push(this.start("trees", plan.trees));
      await Promise.all(starting);
      await old?.close();
    }
    if (!sameSet(before.single, plan.single)) {
      const old = this.single;
      this.single = undefined;
      if (plan.single.size > 0) await this.start("single", plan.single);
      await old?.close();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([this.trees?.close(), this.single?.close()]);
    this.trees = this.single = undefined;
  }

  /** Starts an instance; resolves when it has looked around. */
  private async start(kind: "trees" | "single", paths: ReadonlySet<string>): Promise<void> {
    const { watch } = await import("npm:chokidar@6.0.0" as string) as unknown as Chokidar;
    if (this.closed) return;
    const instance = watch([...paths], {
      ignoreInitial: true,
      backend: this.poll ? "polling" : kind === "trees" && !PER_FOLDER ? "native-recursive" : "native",
      pollingInterval: POLL,
      pollingBinaryInterval: POLL,
      // Who saves a file by writing another and renaming it wants no run without that file.
      atomic: 50,
      ignorePermissionErrors: true,
      ...(kind === "trees" && { ignored: (path: string) => this.isIgnored(path) }),
    });
    this[kind] = instance;
    instance.on("all", (_event, path) => this.heard(path));
    if (!this.poll) instance.on("raw", () => this.crowded());
    await new Promise<void>((ready) => {
      instance.on("ready", ready);
      instance.on("error", (error) => {
        void this.failed(kind, instance, error).then(ready);
      });
    });
  }

  /** Where the system has no watches left, changes are polled for. */
  private async failed(kind: "trees" | "single", instance: Instance, error: unknown): Promise<void> {
    const { code, message } = error as { code?: string; message?: string };
    const full = code === "ENOSPC" || code === "EMFILE" ||
      /No space left|Too many open files|OS file watch limit/.test(message ?? "");
    if (this[kind] !== instance || this.closed) return;
    // Deno calls a folder that is watched by two names by one of them, to both watchers: the one whose name it is tells it.
    if (message?.includes("reported a path outside its root")) return;
    if (!full || this.poll) return this.warn(`watching: ${message ?? String(error)}`);
    this.poll = true;
    this.warn(
      `the system has no watches left (${code ?? message}), so files are looked at every ${POLL} ms; ` +
        "raise fs.inotify.max_user_watches, or watch less",
    );
    await instance.close();
    await this.start(kind, this.plan[kind]);
  }

  /** Takes one event as the system tells it, before chokidar looks what has become of the file. */
  private crowded(): void {
    const now = performance.now();
    this.crowd = now - this.latest < AT_ONCE ? this.crowd + 1 : 1;
    this.latest = now;
    if (this.crowd >= MANY) this.soon();
  }

  private heard(path: string): void {
    if (this.closed) return;
    const before = this.pending.length;
    for (const name of this.names.of(path)) if (this.isWanted(name)) this.pending.push(name);
    this.names.drop(path);
    if (this.pending.length > before) this.soon();
  }

  /** Flocks of events are handed on together. */
  private soon(): void {
    if (this.planned) return;
    this.planned = true;
    queueMicrotask(() => {
      const paths = this.pending;
      this.pending = [];
      this.planned = false;
      if (!this.closed) this.changed(paths, this.crowd >= MANY);
    });
  }

  /** Whether anybody asked for a path. */
  private isWanted(path: string): boolean {
    const { files, trees } = this.set;
    if (files.has(path) || this.above.has(path) || trees.has(path)) return true;
    if (this.isIgnored(path)) return false;
    for (let at = dirname(path); at !== dirname(at); at = dirname(at)) if (trees.has(at)) return true;
    return false;
  }

  private isIgnored(path: string): boolean {
    const { files, trees, ignored } = this.set;
    const out = SKIPPED.test(path) ||
      ignored.some((folder) => path === folder || path.startsWith(`${folder}/`));
    return out && !files.has(path) && !this.above.has(path) && !trees.has(path);
  }
}

/** The folders above everything that is asked for. */
function foldersAbove({ files, trees }: WatchSet): ReadonlySet<string> {
  const above = new Set<string>();
  for (const path of [...files, ...trees]) {
    for (let at = dirname(path); !above.has(at); at = dirname(at)) above.add(at);
  }
  return above;
}

/** What to watch as a whole, and what one by one. */
function planOf({ files, trees }: WatchSet): Plan {
  const whole = new Set<string>();
  for (const tree of [...trees].sort()) if (!isInside(tree, whole)) whole.add(tree);
  const rest = [...files].filter((path) => !isInside(path, whole));
  if (rest.length > MOST_SINGLE) {
    const folders = new Map<string, number>();
    for (const path of rest) folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + 1);
    const more = [...folders].filter(([folder, count]) => count >= ENOUGH && fs.existsSync(folder))
      .map(([folder]) => folder);
    for (const folder of more.sort()) if (!isInside(folder, whole)) whole.add(folder);
    // A folder may have come after one that lies in it.
    for (const folder of whole) if (isInside(dirname(folder), whole)) whole.delete(folder);
  }
  return { trees: whole, single: new Set(rest.filter((path) => !isInside(path, whole))) };
}

function isInside(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = path;; at = dirname(at)) {
    if (folders.has(at)) return true;
    if (at === dirname(at)) return false;
  }
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

/** The watch: runs, waits for a change that matters, and runs again. */
import type { RunStats } from "../model/event.ts";
import type { Clock } from "../execute/member.ts";
import type { Needs } from "./needs.ts";
import { Quiet } from "./quiet.ts";
import type { MakeWatcher, Watcher } from "./watcher.ts";

/** One run of a watch. */
export interface Iteration<Value> {
  /** The value, when the run succeeded. */
  readonly value?: Value;
  /** The counts, as far as there was a run. */
  readonly stats?: RunStats;
  /** Why there is no value. */
  readonly error?: Error;
  /** The files whose change led to it; empty for the first, and when it was asked for. */
  readonly changed: readonly string[];
}

/** What a watch tells between runs. */
export type WatchEvent =
  /** Nothing runs; so many files are watched. */
  | { readonly kind: "watch-waiting"; readonly files: number }
  /** These have changed, and a run begins. */
  | { readonly kind: "watch-changed"; readonly paths: readonly string[] }
  /** The pipeline's own code has changed. */
  | { readonly kind: "watch-reload"; readonly paths: readonly string[] }
  /** Something a user should know. */
  | { readonly kind: "watch-warning"; readonly message: string };

/** One run, as the loop asks for it. */
export type RunOnce<Value> = (
  how: { readonly force: boolean; readonly signal: AbortSignal; readonly kill: AbortSignal },
) => Promise<Omit<Iteration<Value>, "changed">>;

/** A run of which all has been done that can be done before it begins. */
export interface Prepared<Value> {
  /** Begins it. */
  readonly begin: () => Promise<Omit<Iteration<Value>, "changed">>;
  /** It is not wanted: something else has changed, or nothing that matters. */
  readonly drop: () => void;
}

/** What a watch is made of. */
export interface LoopParts<Value> {
  readonly run: RunOnce<Value>;
  /** Prepares a run in which nothing is forced. */
  readonly prepare?: (how: Omit<Parameters<RunOnce<Value>>[0], "force">) => Prepared<Value>;
  readonly needs: Needs;
  /** The local modules that the pipeline is made of, as absolute paths. */
  readonly modules: () => readonly string[];
  /** What a change of them leads to: a run, or the end of this watch, for another process has to begin anew. */
  readonly onModules: "run" | "end";
  /** When the modules were loaded, Unix time in milliseconds: one that was written later is not the one that was loaded. */
  readonly loadedAt?: number;
  readonly makeWatcher: MakeWatcher;
  /** Folders that runs write for themselves. */
  readonly ignored: readonly string[];
  readonly clock: Clock;
  /** The quiet period in milliseconds. */
  readonly debounce: number;
  readonly tell: (event: WatchEvent) => void;
  /** Nothing runs: what makes the next run begin sooner may be done. */
  readonly idle?: () => void;
  /** The watch is over. */
  readonly over?: () => Promise<void>;
}

/** How a watch ended. */
export type LoopEnd = "closed" | "reload";

/** Runs again and again. */
export class Loop<Value> {
  private readonly ask = new AbortController();
  private readonly kill = new AbortController();
  private readonly watcher: Watcher;
  private readonly quiet: Quiet;
  private readonly told = new Set<string>();
  private readonly marks = new Map<string, string>();
  private rested = false;
  /** Nothing runs, and changes are waited for. */
  private waits = false;
  /** The run that begins when nothing else changes. */
  private prepared: Prepared<Value> | undefined;
  /** Whether there may be changes that were not told. */
  private lost = false;
  private asked: { readonly force: boolean } | undefined;
  private wake: () => void = () => {};
  /** What has been watched since the last run. */
  private before: ReadonlySet<string> = new Set();
  private count = 0;

  constructor(private readonly parts: LoopParts<Value>) {
    this.watcher = parts.makeWatcher(
      (paths, lost) => this.changed(paths, lost ?? false),
      (message) => parts.tell({ kind: "watch-warning", message }),
    );
    this.quiet = new Quiet(parts.clock, parts.debounce, () => {
      this.rested = true;
      this.wake();
    }, () => this.prepare());
  }

  /** Runs and watches until the end; each iteration is handed out. */
  async go(each: (iteration: Iteration<Value>) => void): Promise<LoopEnd> {
    const { parts, ask, kill } = this;
    try {
      let changed: readonly string[] = [];
      let force = false;
      while (true) {
        // Before the run: a module that changes while it is loaded counts as changed.
        this.markModules();
        parts.needs.begin(changed);
        const { prepared } = this;
        this.prepared = undefined;
        const ended = prepared?.begin() ?? parts.run({ force, signal: ask.signal, kill: kill.signal });
        each({ ...await ended, changed });
        if (ask.signal.aborted) return "closed";
        let found = await this.watchNeeds();
        found ??= await this.next();
        if (found === undefined) return "closed";
        if (found.reload) {
          parts.tell({ kind: "watch-reload", paths: found.changed });
          return "reload";
        }
        ({ changed, force } = found);
        if (changed.length > 0) parts.tell({ kind: "watch-changed", paths: changed });
      }
    } finally {
      this.quiet.cancel();
      this.unprepare();
      await Promise.all([this.watcher.close(), this.parts.over?.()]);
    }
  }

  /** Asks for a run. */
  again(force: boolean): void {
    this.asked = { force: force || (this.asked?.force ?? false) };
    this.wake();
  }

  /** Ends the watch: a run that is under way is asked to stop, or made to. */
  end(hard = false): void {
    this.ask.abort();
    if (hard) this.kill.abort();
    this.wake();
  }

  /** The files are watched that the last run needed; what has changed before they were is found out now. */
  private async watchNeeds(): Promise<Next | undefined> {
    const { parts } = this;
    const { files, trees } = parts.needs.watched();
    // Those too that were there when the run began: one that is gone may come back.
    for (const path of [...parts.modules(), ...this.marks.keys()]) files.add(path);
    const fresh = [...files, ...trees].filter((path) => !this.before.has(path));
    await this.watcher.watch({ files, trees, ignored: parts.ignored });
    this.before = new Set([...files, ...trees]);
    this.count = files.size;
    if (fresh.length === 0) return undefined;
    // Nobody watched them while they were read.
    parts.needs.changed(fresh);
    return this.judge(fresh);
  }

  /** Waits for a reason to run. */
  private async next(): Promise<Next | undefined> {
    let waiting = false;
    while (!this.ask.signal.aborted) {
      if (this.asked !== undefined) {
        const { force } = this.asked;
        this.asked = undefined;
        this.unprepare();
        const found = this.takeTold();
        return { changed: found?.changed ?? [], force, reload: found?.reload ?? false };
      }
      if (this.rested) {
        const found = this.takeTold();
        if (found !== undefined) return found;
        this.unprepare();
        continue;
      }
      if (!waiting && this.told.size === 0) {
        waiting = true;
        this.parts.idle?.();
        this.parts.tell({ kind: "watch-waiting", files: this.count });
        // Whoever was told may have asked for something.
        continue;
      }
      this.waits = true;
      await new Promise<void>((resolve) => this.wake = resolve);
      this.waits = false;
    }
    return undefined;
  }

  /**
   * Half of the quiet period has passed: what the run will rest on is worked out meanwhile. It counts for nothing when anything
   * else is told until the end; what nobody watches is as it was now, instead of a moment later.
   */
  private prepare(): void {
    const { parts, ask, kill } = this;
    if (parts.prepare === undefined || !this.waits || this.lost || this.asked !== undefined) return;
    const found = this.judge([...this.told]);
    if (found === undefined || found.reload) return;
    this.prepared = parts.prepare({ signal: ask.signal, kill: kill.signal });
  }

  private unprepare(): void {
    this.prepared?.drop();
    this.prepared = undefined;
  }

  private takeTold(): Next | undefined {
    const { before, lost } = this;
    // Who switches a branch changes more than the system tells: then all that is watched is looked at.
    const paths = [...new Set(lost ? [...this.told, ...before] : this.told)];
    if (lost) this.parts.needs.changed([...before]);
    this.lost = false;
    this.told.clear();
    this.quiet.cancel();
    this.rested = false;
    return paths.length === 0 ? undefined : this.judge(paths);
  }

  /** Whether changes of these paths are a reason to run. */
  private judge(paths: readonly string[]): Next | undefined {
    const code = this.changedModules();
    if (code.length > 0 && this.parts.onModules === "end") {
      return { changed: code, force: false, reload: true };
    }
    const changed = [...new Set([...code, ...this.parts.needs.relevant(paths)])];
    return changed.length === 0 ? undefined : { changed, force: false, reload: false };
  }

  /** Takes in what the watcher tells. */
  private changed(paths: readonly string[], lost: boolean): void {
    if (paths.length === 0 && !lost) return;
    if (lost) this.lost = true;
    for (const path of paths) this.told.add(path);
    this.unprepare();
    // At once, so that a run that is under way does not take a file for what it was.
    this.parts.needs.changed(paths);
    this.quiet.tell();
  }

  private markModules(): void {
    const { needs, modules } = this.parts;
    // What was written since the modules were loaded, and before the first run, has changed already.
    const loadedAt = this.marks.size === 0 ? this.parts.loadedAt ?? Infinity : Infinity;
    this.marks.clear();
    for (const path of modules()) {
      this.marks.set(path, needs.changedSince(path, loadedAt) ? "another" : needs.digest(path));
    }
  }

  private changedModules(): string[] {
    const paths = new Set([...this.marks.keys(), ...this.parts.modules()]);
    return [...paths].filter((path) => this.marks.get(path) !== this.parts.needs.digest(path))
      .map((path) => this.parts.needs.shown(path));
  }
}

/** A reason to run. */
interface Next {
  readonly changed: readonly string[];
  readonly force: boolean;
  readonly reload: boolean;
}

/** What a running task holds in its hands: `ctx`, of which most is made only when it is asked for. */
import type { Context, WantedValue } from "../../model/definition.ts";
import { Skipped, Unchanged } from "./endings.ts";
import type { Work } from "./work.ts";

/** Prints a line: inside a task the console is caught, and goes to the attempt's output. */
function log(...data: readonly unknown[]): void {
  // deno-lint-ignore no-console -- it goes to the attempt's output
  console.log(...data);
}

/** The parts of a context that are made on demand. */
export interface ContextMakers {
  readonly directory: () => string;
  readonly deps: () => unknown;
  readonly results: () => Readonly<Record<string, unknown>>;
  readonly params: () => Readonly<Record<string, unknown>>;
  readonly input: () => unknown;
  readonly inputs: () => readonly string[];
  readonly outputs: () => readonly string[];
  readonly fingerprint: () => string;
  readonly changedDeps: () => readonly string[];
  readonly name: () => string;
  readonly dep: (paths: readonly string[]) => string;
  readonly prompt: (message: string, secret: boolean) => Promise<string>;
  readonly work: () => Work;
}

/** The context of one attempt. */
export class AttemptContext implements Context<unknown> {
  private controller: AbortController | undefined;
  private aborted: DOMException | undefined;
  private place: string | undefined;
  private known: Map<keyof ContextMakers, unknown> | undefined;
  constructor(readonly attempt: number, readonly key: string, private readonly makers: ContextMakers) {}

  get name(): string {
    return this.once("name");
  }
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.aborted !== undefined) this.controller.abort(this.aborted);
    }
    return this.controller.signal;
  }
  get directory(): string {
    return this.place ??= this.makers.directory();
  }
  /** The folder, if it was asked for. */
  get usedDirectory(): string | undefined {
    return this.place;
  }
  get deps(): unknown {
    return this.once("deps");
  }
  get results(): Readonly<Record<string, unknown>> {
    return this.once("results");
  }
  get params(): Readonly<Record<string, unknown>> {
    return this.once("params");
  }
  get input(): unknown {
    return this.once("input");
  }
  get inputs(): readonly string[] {
    return this.once("inputs");
  }
  get outputs(): readonly string[] {
    return this.once("outputs");
  }
  get inputFingerprint(): string {
    return this.once("fingerprint");
  }
  get depsChanged(): boolean {
    return this.changedDeps.length > 0;
  }
  get changedDeps(): readonly string[] {
    return this.once("changedDeps");
  }
  get log(): (...data: readonly unknown[]) => void {
    return log;
  }
  skip(why: string): never {
    throw new Skipped(why);
  }
  unchanged(why = ""): never {
    throw new Unchanged(why);
  }
  // Functions of their own when they are asked for, so that `({ n }, { run }) => …` works too.
  get dep(): Context["dep"] {
    return (...paths) => {
      if (paths.length === 0 || paths.some((path) => typeof path !== "string" || path === "")) {
        throw new TypeError("ctx.dep(path, …) takes the paths of files that the task reads");
      }
      return this.makers.dep(paths);
    };
  }
  get prompt(): Context["prompt"] {
    return (message) => this.makers.prompt(message, false);
  }
  get promptSecret(): Context["promptSecret"] {
    return (message) => this.makers.prompt(message, true);
  }
  get create(): Context["create"] {
    return (pattern) => this.makers.work().create(pattern);
  }
  get start(): Context["start"] {
    return (...targets) => this.makers.work().start(targets);
  }
  get run(): Context["run"] {
    return <const Target>(target: Target) => this.makers.work().run(target) as Promise<WantedValue<Target>>;
  }
  get wait(): Context["wait"] {
    return (...names) => this.makers.work().wait(names);
  }
  get map(): Context["map"] {
    return (items, task, options = {}) => this.makers.work().map(items, task, options.chunk ?? "auto");
  }
  /** Whether the task may have noticed that it was asked to stop: what it returned then may be half of its work. */
  get noticedAbort(): boolean {
    return this.aborted !== undefined && this.controller !== undefined;
  }
  /** Why the attempt was asked to stop, if it was. */
  get abortReason(): "cancelled" | "timeout" | undefined {
    return this.aborted === undefined
      ? undefined
      : this.aborted.name === "TimeoutError"
      ? "timeout"
      : "cancelled";
  }
  /** Asks the attempt to stop; gives the reason that the signal has. */
  abort(reason: "cancelled" | "timeout"): DOMException {
    this.aborted ??= new DOMException(
      reason === "timeout" ? "the task has run past its timeout" : "the run was cancelled",
      reason === "timeout" ? "TimeoutError" : "AbortError",
    );
    this.controller?.abort(this.aborted);
    return this.aborted;
  }

  /** A part that is made when it is first asked for, and stays the same. */
  private once<Part extends keyof ContextMakers>(part: Part): ReturnType<ContextMakers[Part]> {
    const known = this.known ??= new Map();
    if (!known.has(part)) known.set(part, (this.makers[part] as () => unknown)());
    return known.get(part) as ReturnType<ContextMakers[Part]>;
  }
}

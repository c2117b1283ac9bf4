/** What an attempt finds out that its result depends on: files, parameters, calls. */
import type { SeenFile, Trigger } from "../../model/files.ts";
import { paramDigest, type Trace, type TracedAsk, tracedValidity } from "../../model/trace.ts";

/** What was found out in the end. */
export interface Found {
  /** What to look at the next time. */
  readonly trace: Trace;
  /** The validity that follows from how it is now. */
  readonly validity: string;
  /** Digests of parameters by name. */
  readonly params: Readonly<Record<string, string>>;
  /** Keys of calls and digests of their results. */
  readonly calls: readonly (readonly [key: string, digest: string])[];
}

/** The findings of one attempt. */
export class Findings {
  private readonly files = new Map<string, SeenFile>();
  private readonly params = new Map<string, string>();
  private readonly asks: TracedAsk[] = [];
  private readonly calls: (readonly [key: string, digest: string])[] = [];

  constructor(private readonly trigger: Trigger) {}

  /** Files the task reads, as they were when it said so. */
  addFiles(files: readonly SeenFile[]): void {
    for (const file of files) if (!this.files.has(file.path)) this.files.set(file.path, file);
  }

  /** Calls the task makes. */
  addAsk(ask: TracedAsk): void {
    this.asks.push(ask);
  }

  /** The results of calls the task waited for. */
  addCalls(calls: readonly { readonly key: string; readonly digest: string }[]): void {
    for (const { key, digest } of calls) this.calls.push([key, digest]);
  }

  /** The files that were noted. */
  get seen(): readonly SeenFile[] {
    return [...this.files.values()];
  }

  /** The parameters of the run; reading one notes it. */
  watched(params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const note = (name: string): void => void this.params.set(name, paramDigest(params, name));
    return new Proxy(params, {
      get: (target, name) => {
        if (typeof name === "string") note(name);
        return typeof name === "string" && Object.hasOwn(target, name) ? target[name] : undefined;
      },
      has: (target, name) => {
        if (typeof name === "string") note(name);
        return Object.hasOwn(target, name);
      },
      ownKeys: (target) => {
        note("*");
        for (const name of Object.keys(target)) note(name);
        return Reflect.ownKeys(target);
      },
      set: () => false,
      deleteProperty: () => false,
      defineProperty: () => false,
    });
  }

  /** What to look at the next time, and the validity that follows from how it is now; `undefined` when nothing was found out. */
  trace(base: string): Found | undefined {
    if (this.files.size === 0 && this.params.size === 0 && this.asks.length === 0) return undefined;
    const files = [...this.files.keys()].sort();
    const params = [...this.params.keys()].sort();
    const calls = [...this.calls].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
    const trace: Trace = { files, params, trigger: this.trigger, asks: this.asks };
    const validity = tracedValidity(base, trace, {
      files: files.map((path) => this.files.get(path)!.mark),
      params: params.map((name) => this.params.get(name)!),
      calls,
    });
    return { trace, validity, params: Object.fromEntries(this.params), calls };
  }
}

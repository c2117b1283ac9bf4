/** What an attempt finds out that its result depends on: files, parameters, calls. */
import type { SeenFile, Trigger } from "../../model/files.ts";
import {
  checkOf,
  inOrder,
  paramDigest,
  type Trace,
  type TracedAsk,
  type TracedCalls,
  tracedValidity,
  type TraceFacts,
} from "../../model/trace.ts";

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
  /** By ask: keys and digests of its answer; `undefined` as long as there is none. */
  private readonly answers: (TraceFacts["calls"] | undefined)[] = [];
  /** How many asks, from the first one on, have their answers. */
  private answered = 0;
  private lost = false;

  constructor(private readonly trigger: Trigger) {}

  /** Files the task reads, as they were when it said so. */
  addFiles(files: readonly SeenFile[]): void {
    for (const file of files) if (!this.files.has(file.path)) this.files.set(file.path, file);
  }

  /** Calls the task makes; gives the number to tell the answer by. */
  addAsk(calls: TracedCalls): number {
    const facts = {
      files: [...this.files.values()].map(({ mark }) => mark),
      params: [...this.params.values()],
      calls: this.answers.slice(0, this.answered).flatMap((one) => one!),
    };
    const known = { files: this.files.size, params: this.params.size, asks: this.answered };
    this.answers.push(undefined);
    return this.asks.push({ ...calls, known, check: checkOf(facts) }) - 1;
  }

  /** The results of calls the task waited for; none when it only started them. */
  answer(ask: number, calls: readonly { readonly key: string; readonly digest: string }[]): void {
    this.answers[ask] = calls.map(({ key, digest }) => [key, digest] as const);
    while (this.answers[this.answered] !== undefined) this.answered++;
  }

  /** Calls the task made have failed: what it gives rests on that. */
  fail(): void {
    this.lost = true;
  }

  /** Whether the result may be kept: one that rests on a failure may not. */
  get keeps(): boolean {
    return !this.lost;
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
    const files = [...this.files.keys()];
    const params = [...this.params.keys()];
    const calls = inOrder(this.answers.flatMap((one) => one ?? []));
    const trace: Trace = { files, params, trigger: this.trigger, asks: this.asks };
    const validity = tracedValidity(base, trace, {
      files: [...this.files.values()].map(({ mark }) => mark),
      params: [...this.params.values()],
      calls,
    });
    return { trace, validity, params: Object.fromEntries(this.params), calls };
  }
}

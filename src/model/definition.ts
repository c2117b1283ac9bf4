/** What a task is, once it is defined: what calls, plans and hosts know of it. */
import type { RetryRule } from "./retry.ts";
import type { SourceFrame } from "./source.ts";

/** What a running task is given besides its input. */
export interface Context<Deps = Record<never, never>> {
  /** Aborted when the attempt is cancelled or out of time; its reason says which. */
  readonly signal: AbortSignal;
  /** The absolute path of a folder of this attempt's own: empty at first, kept with the result. Made when first read. */
  readonly directory: string;
  /** The values of the upstream calls that `deps` named. */
  readonly deps: Deps;
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** The task's name, placeholders filled out. */
  readonly name: string;
  /** The identity of the call: 40 hex characters. */
  readonly key: string;
  /** Writes a line to the task's captured output, as `console.log` does. */
  log(...data: readonly unknown[]): void;
}

/** Where a task runs: on a Web Worker, in a child process, or on the main thread. */
export type Isolation = "worker" | "process" | "inline";

/** A definition: what `task()` was given, checked, and where. */
export interface Definition {
  /** The name; unique in a run. */
  readonly name: string;
  /** The user's frames at the `task()` call, innermost first. */
  readonly frames: readonly SourceFrame[];
  /** The computation. */
  readonly run: (input: unknown, ctx: Context<unknown>) => unknown;
  /** The upstream calls of an input. */
  readonly deps: ((input: unknown) => unknown) | undefined;
  /** One sentence, or nothing. */
  readonly description: string;
  /** Replaces the code digest. */
  readonly version: string | undefined;
  /** Names of environment variables, sorted. */
  readonly env: readonly string[];
  /** The name first, then the declared labels. */
  readonly labels: readonly string[];
  /** Milliseconds an attempt may take; 0 is without limit. */
  readonly timeout: number;
  /** When to try again. */
  readonly retry: RetryRule;
  /** Where it runs. */
  readonly isolation: Isolation;
  /** The gzip level of results. */
  readonly compression: number;
  /** Whether results are stored. */
  readonly cache: boolean;
}

/** Whether two definitions were made by the same statement, in two copies of a module. */
export function sameDefinition(one: Definition, other: Definition): boolean {
  if (one === other) return true;
  const [a, b] = [one.frames[0], other.frames[0]];
  return a !== undefined && b !== undefined && a.module === b.module && a.line === b.line &&
    a.column === b.column;
}

/** `watch()`: a target is run again whenever something changes that it needs. */
import { type Duration, milliseconds } from "../model/duration.ts";
import { DefinitionError } from "../model/failure.ts";
import type { Resolved } from "../model/future.ts";
import type { RunOptions } from "../engine/options.ts";
import type { Iteration, Loop, LoopEnd } from "./loop.ts";
import type { MakeWatcher } from "./watcher.ts";

/** The quiet period when nothing else is said, in milliseconds. */
export const DEFAULT_DEBOUNCE = 300;
/** Iterations that nobody has taken are kept up to this number. */
const MOST_KEPT = 100;

/** How a watch is to go. */
export interface WatchOptions extends RunOptions {
  /** How long nothing must change before a run begins; default 300 ms, 0 is at once. */
  readonly debounce?: Duration;
  /** Who tells changes; `"poll"` looks again and again, for file systems that tell nothing. */
  readonly watcher?: "poll" | MakeWatcher;
}

/** A watch that is under way. It begins at once; iterations that nobody takes are kept, up to a hundred of them. */
export interface WatchHandle<Value> extends AsyncIterable<Iteration<Value>>, AsyncDisposable {
  /** Runs again, now; with `force` also what is up to date. */
  again(how?: { readonly force?: boolean }): void;
  /** Ends the watch: a run that is under way is asked to stop. */
  close(): Promise<void>;
}

/** Watches a target: a future, an array or record of futures, or a function that makes one anew for each run. */
export type Watch = <const Target>(
  target: Target | (() => Target | Promise<Target>),
  options?: WatchOptions,
) => WatchHandle<Resolved<Target>>;

/**
 * The quiet period in milliseconds.
 *
 * @throws {DefinitionError} when it is none.
 */
export function debounceOf(debounce: Duration | undefined): number {
  try {
    return milliseconds(debounce ?? DEFAULT_DEBOUNCE);
  } catch (error) {
    const problem = `debounce: ${(error as Error).message}`;
    throw new DefinitionError([{ kind: "bad-option", problem }]);
  }
}

/** The handle of a loop that is opened now. */
export function handleOf<Value>(opening: Promise<Loop<Value>>): WatchHandle<Value> {
  const kept: Iteration<Value>[] = [];
  let over = false;
  let failed: { readonly error: unknown } | undefined;
  let wake: (() => void)[] = [];
  const turn = (): void => {
    for (const one of wake) one();
    wake = [];
  };
  const ended: Promise<LoopEnd | void> = opening.then((loop) =>
    loop.go((iteration) => {
      kept.push(iteration);
      if (kept.length > MOST_KEPT) kept.shift();
      turn();
    })
  ).catch((error: unknown) => void (failed = { error })).finally(() => {
    over = true;
    turn();
  });
  const close = async (): Promise<void> => {
    await opening.then((loop) => loop.end(), () => {});
    await ended;
  };
  return {
    again: ({ force = false } = {}) => void opening.then((loop) => loop.again(force), () => {}),
    close,
    [Symbol.asyncDispose]: close,
    async *[Symbol.asyncIterator]() {
      while (true) {
        const next = kept.shift();
        if (next !== undefined) yield next;
        else if (failed !== undefined) throw failed.error;
        else if (over) return;
        else await new Promise<void>((resolve) => wake.push(resolve));
      }
    },
  };
}

/** Which attempt is running: what is printed and what goes wrong in this thread is that one's. */
import type { StreamName } from "../../runtime/taps.ts";

/** An attempt, as far as this is about it. */
export interface Owner {
  readonly output: { write(stream: StreamName, chunk: Uint8Array | string): void };
  /** No longer the owner of what is printed. */
  ended: boolean;
}

/** A way to know it; an `AsyncLocalStorage` is one. */
export interface Owners {
  run<Args extends unknown[], Output>(owner: Owner, body: (...args: Args) => Output, ...args: Args): Output;
  getStore(): Owner | undefined;
}

/** Enough where there is one attempt at a time: whichever began last. */
class Last implements Owners {
  private last: Owner | undefined;

  run<Args extends unknown[], Output>(owner: Owner, body: (...args: Args) => Output, ...args: Args): Output {
    this.last = owner;
    return body(...args);
  }

  getStore(): Owner | undefined {
    return this.last;
  }
}

let owners: Owners = new Last();

/** From now on, attempts are known in this way. */
export function knowOwnersBy(way: Owners): void {
  owners = way;
}

/** Runs code in the name of an attempt. */
export function runAs<Args extends unknown[], Output>(
  owner: Owner,
  body: (...args: Args) => Output,
  ...args: Args
): Output {
  return owners.run(owner, body, ...args);
}

/** The attempt in whose name this code runs, if it is any's. */
export function currentOwner(): Owner | undefined {
  return owners.getStore();
}

/** Timers of any length. */

const isDeno = "Deno" in globalThis;

/** The longest pause that `setTimeout` knows, some 25 days: what is longer would be over at once. */
const LONGEST = 2 ** 31 - 1;

/** Calls back after some milliseconds, unless it is called off by what it gives; after `Infinity`, never. */
export function after(millis: number, callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number): void => {
    timer = setTimeout(() => left > LONGEST ? wait(left - LONGEST) : callback(), Math.min(left, LONGEST));
  };
  wait(millis);
  return () => clearTimeout(timer);
}

/**
 * Calls back after some milliseconds, up to 25 days, unless it is called off by what it gives. The program does not wait for it:
 * where nothing else is left, it ends before.
 */
export function afterIdly(millis: number, callback: () => void): () => void {
  if (!isDeno) {
    const timer = setTimeout(callback, millis);
    timer.unref();
    return () => clearTimeout(timer);
  }
  // While a module is being loaded, Deno waits for each timer, whether or not that keeps the program alive.
  const word = new Int32Array(new SharedArrayBuffer(4));
  const waited = Atomics.waitAsync(word, 0, 0, millis);
  if (waited.async) void waited.value.then((how) => how === "timed-out" && callback());
  return () => void Atomics.notify(word, 0);
}

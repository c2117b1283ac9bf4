/** Timers of any length. */

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

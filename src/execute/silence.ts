/** Silence, as far as it can be told from files: whoever prints makes them grow. */
import type { Clock } from "./member.ts";

/** So many looks make a silence, and the longest pause between two of them, in milliseconds. */
export const LOOKS = 10, LONGEST = 10_000;

/**
 * Looks now and then whether an attempt has printed something: what it prints is in a file even while its thread is busy.
 *
 * @param limit how long it may print nothing, in milliseconds.
 * @param printed how much it has printed, in bytes.
 * @param waits whether it waits for an answer: then it has nothing to say.
 * @returns what ends the watch.
 */
export function watchSilence(
  clock: Clock,
  limit: number,
  printed: () => number,
  waits: () => boolean,
  silent: () => void,
): () => void {
  let before = printed();
  let quiet = 0;
  let callOff = (): void => {};
  const look = (): void => {
    const pause = Math.min(LONGEST, limit / LOOKS, limit - quiet);
    callOff = clock.after(pause, () => {
      const now = printed();
      quiet = now === before && !waits() ? quiet + pause : 0;
      before = now;
      if (quiet < limit) look();
      else silent();
    });
  };
  look();
  return () => callOff();
}

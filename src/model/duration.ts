/** Lengths of time as users write them, in milliseconds once read. */

/** A length of time: a number of milliseconds, or a number with a unit: `"250ms"`, `"30s"`, `"5m"`, `"2h"`, `"1d"`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a duration.
 *
 * @returns milliseconds.
 * @throws {RangeError} when the text is not a number with one of the units ms, s, m, h, d, or is negative.
 */
export function milliseconds(duration: Duration | string): number {
  if (typeof duration === "number") {
    if (!(duration >= 0)) {
      throw new RangeError(`A duration cannot be ${duration}: give milliseconds from 0 up`);
    }
    return duration;
  }
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$/.exec(duration);
  const unit = match?.[2] === undefined ? undefined : UNITS[match[2]];
  if (match === null || unit === undefined) {
    throw new RangeError(
      `"${duration}" is not a duration: write a number with a unit, as in "250ms", "30s", "5m" or "2h"`,
    );
  }
  return Number(match[1]) * unit;
}

/** Renders milliseconds for people: `840 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function readableDuration(millis: number): string {
  if (millis < 1_000) return `${Math.round(millis)} ms`;
  if (millis < 60_000) return `${(millis / 1_000).toFixed(1)} s`;
  const seconds = Math.round(millis / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}

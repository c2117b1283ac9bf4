/** A pipeline that takes long to load says so: nothing else is told while a module waits. */
import type * as waitsModule from "./load_waits.ts";
import type { Clock } from "../execute/member.ts";

/** After so many milliseconds it is told. */
const SLOW = 10_000;
/** The most places that are named. */
const PLACES = 5;

/**
 * Says once, if a pipeline has not finished loading after a while, where it may be waiting.
 *
 * @returns what calls that off.
 */
export function tellWhenSlow(
  path: string,
  url: string,
  clock: Clock,
  say: (text: string) => void,
): () => void {
  let over = false;
  const callOff = clock.after(SLOW, () =>
    void placesOf(url).then((places) => {
      if (!over) say(slowText(path, places));
    }));
  return () => {
    over = true;
    callOff();
  };
}

async function placesOf(url: string): Promise<readonly string[]> {
  try {
    const { waitsOf }: typeof waitsModule = await import("./load_waits.ts" as string);
    return waitsOf(url);
  } catch {
    // It is only a hint.
    return [];
  }
}

function slowText(path: string, places: readonly string[]): string {
  const lines = places.slice(0, PLACES).map((place) => `    at ${place}\n`);
  if (places.length > PLACES) lines.push(`    and ${places.length - PLACES} more\n`);
  const which = places.length === 0
    ? "a top-level await, in it or in a module that it imports"
    : places.length === 1
    ? "perhaps this top-level await"
    : "perhaps one of these top-level awaits";
  return `note: ${path} has not finished loading after ${
    SLOW / 1_000
  } s: it waits for something, ${which}; what may take long belongs into a task\n${lines.join("")}`;
}

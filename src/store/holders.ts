/** Who holds slots of shared limits, and whether the holders live: by their processes on this machine, elsewhere by their pulse. */
import fs from "node:fs";
import { join } from "node:path";
import { isSameProcess, processSpace, processStart } from "../runtime/processes.ts";
import { fileSystemTime, readSlot, type SeenSlot, type Slot } from "./slot_file.ts";

/** How often a lease is renewed, in milliseconds. */
export const PERIOD = 5_000;
/** What is not renewed for so long has been left behind, in milliseconds. */
const PATIENCE = 2 * PERIOD;

/** Who holds a slot. */
export interface Holder extends Slot {
  /** Whether the holder lives, as far as can be told at once. */
  readonly alive: boolean;
}

/** Whether a file of a slot has been left behind. */
export type IsOver = (file: string, seen: SeenSlot) => boolean;

/** Whether the process that holds a slot lives; `undefined` when that cannot be told from here. */
function holderLives({ host, space, pid, process }: Slot, here: string): boolean | undefined {
  if (host !== here || space !== processSpace()) return undefined;
  if (!isSameProcess(pid, process)) return false;
  // Without a beginning it may be another process with the same number.
  return process !== "" && processStart(pid) !== "" ? true : undefined;
}

/** How long ago a file was written to, in milliseconds by the clock of the file system that has noted it; 0 when that cannot be told. */
export function ageOf(file: string, { mtime }: SeenSlot): number {
  const time = fileSystemTime(file);
  return time === undefined ? 0 : time - mtime;
}

/** Whether a file is older than a lease may be. */
function isOld(file: string, seen: SeenSlot): boolean {
  return ageOf(file, seen) > PATIENCE;
}

/**
 * Tells what was left behind. Of a process that cannot be asked, clocks decide, but never those of two machines against each other:
 * that of the file system, when a pulse is seen for the first time, and from then on our own.
 */
export function watchPulses(host: string, now: () => number): IsOver {
  const pulses = new Map<string, { readonly pulse: string; readonly at: number; readonly old: boolean }>();
  return (file, seen) => {
    const lives = holderLives(seen.slot, host);
    if (lives !== undefined) return !lives;
    const pulse = `${seen.slot.mark} ${seen.pulse}`;
    const known = pulses.get(file);
    if (known?.pulse === pulse) return known.old || now() - known.at >= PATIENCE;
    const old = isOld(file, seen);
    pulses.set(file, { pulse, at: now(), old });
    return old;
  };
}

/** Who holds the limits of a folder. */
export function leaseHolders(folder: string, host: string): Holder[] {
  return filesIn(folder).flatMap((name) =>
    filesIn(join(folder, name)).filter((slot) => /^\d+$/.test(slot)).flatMap((slot) => {
      const file = join(folder, name, slot);
      const seen = attempt(() => readSlot(file));
      if (seen === undefined) return [];
      return [{ ...seen.slot, alive: holderLives(seen.slot, host) ?? !isOld(file, seen) }];
    })
  );
}

/** What a function gives, or `undefined` when it could not be done: it is tried again with the next period. */
export function attempt<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** The names in a folder, in order; numbers by what they count. */
export function filesIn(folder: string): string[] {
  const names = attempt(() => fs.readdirSync(folder)) ?? [];
  return names.sort((one, other) => Number(one) - Number(other) || (one < other ? -1 : 1));
}

/**
 * Limits that several processes share: slots as files in the cache, each held by whoever made it. What a dead process held is
 * taken from it: at once on the same machine, else when its file has not been renewed for two periods.
 *
 * A file of a slot is removed only by whoever has made a second one, the end of exactly this lease, whether its holder gives it back
 * or somebody else takes it from the dead. So nobody removes a lease that took the place of the one he has looked at.
 */
import fs from "node:fs";
import { join } from "node:path";
import { folderName } from "../model/name.ts";
import { isSameProcess, processSpace, processStart } from "../runtime/processes.ts";
import { scratchName } from "./owner.ts";
import {
  fileSystemTime,
  makeSlot,
  readSlot,
  removeSlot,
  renewSlot,
  type SeenSlot,
  type Slot,
} from "./slot_file.ts";

/** How often a lease is renewed, in milliseconds. */
export const PERIOD = 5_000;
/** What is not renewed for so long has been left behind, in milliseconds. */
const PATIENCE = 2 * PERIOD;
/** How the file ends whose maker may remove a slot. */
const END = ".end";

/** Who holds leases. */
export interface LeaseOwner {
  readonly host: string;
  readonly pid: number;
  readonly run: string;
}

/** A slot that is held. */
export interface Lease {
  /** Gives it back. */
  release(): void;
}

/** Who holds a slot. */
export interface Holder extends Slot {
  /** Whether the holder lives, as far as can be told at once. */
  readonly alive: boolean;
}

/** The leases of one process. */
export interface Leases {
  /**
   * Takes one of `slots` slots of a limit for `who`; `undefined` when all are held.
   *
   * @throws when the folder cannot be written or read.
   */
  take(name: string, slots: number, who: string): Lease | undefined;
  /** Gives back all that is held. */
  close(): void;
}

/** What leases need. */
export interface LeasePlace {
  readonly folder: string;
  readonly owner: LeaseOwner;
  readonly after: (millis: number, callback: () => void) => () => void;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Is told when a slot was lost that this process held: it was stopped for too long, or its file was removed. */
  readonly lost?: (name: string) => void;
}

/** Whether a file of a slot has been left behind. */
type IsOver = (file: string, seen: SeenSlot) => boolean;

/** A slot that this process holds. */
interface Held {
  readonly file: string;
  readonly slot: Slot;
  /** It has been given back, and its file could not be removed yet. */
  leaving: boolean;
}

/** Opens the leases of this process. */
export function openLeases({ folder, owner, after, now, lost }: LeasePlace): Leases {
  const held = new Map<string, Held>();
  const swept = new Set<string>();
  const isOver = watchPulses(owner.host, now);
  const self = { ...owner, space: processSpace(), process: processStart(owner.pid) };
  let callOff: (() => void) | undefined;

  const make = (name: string, slot: number, who: string): Slot => (
    { ...self, name, slot, who, since: now(), mark: scratchName("lease") }
  );

  /** Renews what is held; what could not be given back is tried again. */
  const renew = (): void => {
    const gone: string[] = [];
    for (const one of [...held.values()]) {
      if (one.leaving) leave(one);
      else if (attempt(() => renewSlot(one.file, one.slot)) === false) {
        held.delete(one.file);
        gone.push(one.slot.name);
      }
    }
    callOff = held.size === 0 ? undefined : after(PERIOD, renew);
    for (const name of gone) lost?.(name);
  };

  const leave = (one: Held): void => {
    one.leaving = true;
    const { file, slot } = one;
    const isGone = (): boolean => readSlot(file)?.slot.mark !== slot.mark;
    const gone = attempt(() => {
      if (isGone()) return true;
      end(file, slot, make(slot.name, slot.slot, slot.who), isOver, () => true);
      return isGone();
    });
    if (gone === true) held.delete(file);
  };

  /** Makes a slot free that was left behind; `false` when it is not. */
  const clear = (file: string, seen: SeenSlot, who: string): boolean => {
    if (!isOver(file, seen)) return false;
    const { slot } = seen;
    return end(file, slot, make(slot.name, slot.slot, who), isOver, (again) => isOver(file, again));
  };

  return {
    take: (name, slots, who) => {
      const place = join(folder, folderName(name));
      fs.mkdirSync(place, { recursive: true });
      if (!swept.has(place)) sweep(place, isOver);
      swept.add(place);
      for (let slot = 0; slot < slots; slot++) {
        const file = join(place, String(slot));
        // Where nobody tells when processes began, not even ours, it might look as if it had been left behind.
        if (held.has(file)) continue;
        const seen = readSlot(file);
        if (seen !== undefined && !clear(file, seen, who)) continue;
        const one: Held = { file, slot: make(name, slot, who), leaving: false };
        if (!makeSlot(file, one.slot)) continue;
        held.set(file, one);
        callOff ??= after(PERIOD, renew);
        return {
          release: () => {
            if (held.get(file) === one && !one.leaving) leave(one);
          },
        };
      }
      return undefined;
    },
    close: () => {
      callOff?.();
      callOff = undefined;
      for (const one of [...held.values()]) leave(one);
      held.clear();
    },
  };
}

/** The file whose maker, and nobody else, may remove a lease. */
export function endFile(file: string, lease: Slot): string {
  return `${file}.${lease.mark}${END}`;
}

/**
 * Ends a lease: of all who want to, one does.
 *
 * @param by who does it, as stands in the file that makes sure of it.
 * @param still asked when nobody else can end it any more: a lease that was renewed just now stays.
 * @returns whether it is gone by us.
 */
function end(
  file: string,
  lease: Slot,
  by: Slot,
  isOver: IsOver,
  still: (seen: SeenSlot) => boolean,
): boolean {
  const right = endFile(file, lease);
  if (!makeSlot(right, by)) {
    // Whoever was about to do it may have died over it.
    const other = readSlot(right);
    if (other === undefined || !isOver(right, other) || !removeSlot(right, other.slot.mark)) return false;
    if (!makeSlot(right, by)) return false;
  }
  try {
    const seen = readSlot(file);
    return seen?.slot.mark === lease.mark && still(seen) && removeSlot(file, lease.mark);
  } finally {
    removeSlot(right, by.mark);
  }
}

/** Removes what processes have left that died in the midst of something. */
function sweep(place: string, isOver: IsOver): void {
  for (const name of filesIn(place).filter((name) => !/^\d+$/.test(name))) {
    const file = join(place, name);
    const seen = attempt(() => readSlot(file));
    if (seen === undefined || !isOver(file, seen)) continue;
    attempt(() => removeSlot(file, seen.slot.mark));
  }
}

/** What a function gives, or `undefined` when it could not be done: it is tried again with the next period. */
function attempt<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** Whether the process that holds a slot lives; `undefined` when that cannot be told from here. */
function holderLives({ host, space, pid, process }: Slot, here: string): boolean | undefined {
  if (host !== here || space !== processSpace()) return undefined;
  if (!isSameProcess(pid, process)) return false;
  // Without a beginning it may be another process with the same number.
  return process !== "" && processStart(pid) !== "" ? true : undefined;
}

/** Whether a file is older than a lease may be, by the clock of the file system that has noted its age. */
function isOld(file: string, { mtime }: SeenSlot): boolean {
  const time = fileSystemTime(file);
  return time !== undefined && time - mtime > PATIENCE;
}

/**
 * Tells what was left behind. Of a process that cannot be asked, clocks decide, but never those of two machines against each other:
 * that of the file system, when a pulse is seen for the first time, and from then on our own.
 */
function watchPulses(host: string, now: () => number): IsOver {
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

/** The names in a folder, in order; numbers by what they count. */
function filesIn(folder: string): string[] {
  const names = attempt(() => fs.readdirSync(folder)) ?? [];
  return names.sort((one, other) => Number(one) - Number(other) || (one < other ? -1 : 1));
}

/**
 * Limits that several processes share: slots as files in the cache, each held by whoever made it. What a dead process held is
 * taken from it: at once on the same machine, else when its file has not been renewed for two periods. What it held for a job that
 * may go on without it stays taken until that is over; whoever takes the job over takes the slot over with it.
 *
 * A file of a slot is removed only by whoever has made a second one, the end of exactly this lease, whether its holder gives it back
 * or somebody else takes it from the dead. So nobody removes a lease that took the place of the one he has looked at.
 */
import fs from "node:fs";
import { join } from "node:path";
import { folderName } from "../model/name.ts";
import { processSpace, processStart } from "../runtime/processes.ts";
import { ageOf, attempt, filesIn, type IsOver, PERIOD, watchPulses } from "./holders.ts";
import { scratchName } from "./owner.ts";
import {
  makeSlot,
  readSlot,
  removeSlot,
  renewSlot,
  replaceSlot,
  type SeenSlot,
  type Slot,
  type SlotJob,
} from "./slot_file.ts";

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
  /** The same when nothing has come of it: what was taken over from a dead process is left as it was found. */
  giveUp(): void;
}

/** Attempts that are to be sent elsewhere together. */
export interface Sending {
  readonly label: string;
  readonly backend: string;
  /** What each of them is to make; without a validity, nobody has begun to make it before. */
  readonly items: readonly (readonly [key: string, validity: string])[];
}

/** Jobs that processes have left behind which held slots for them. */
export interface SlotJobs {
  /** Whether a job may go on; `age` tells for how many milliseconds nobody has shown to hold its slot. */
  goesOn(job: SlotJob, age: () => number): boolean;
  /** Takes a job over that does what is about to be sent out; gives the key by which it does, if it does. */
  takeOver(job: SlotJob, sending: Sending): string | undefined;
}

/** The leases of one process. */
export interface Leases {
  /**
   * Takes one of `slots` slots of a limit for `who`; `undefined` when all are held. `sending`: what it is for is done elsewhere.
   *
   * @throws when the folder cannot be written or read.
   */
  take(name: string, slots: number, who: string, sending?: Sending): Lease | undefined;
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
  /** Knows of jobs that others have left; without it there are none. */
  readonly jobs?: SlotJobs;
  /** Is told when all slots are held, of each that is held for the job of a dead process. */
  readonly left?: (slot: Slot) => void;
}

/** A slot that this process holds. */
interface Held {
  readonly file: string;
  readonly slot: Slot;
  /** It has been given back, and its file could not be removed yet. */
  leaving: boolean;
  /** What is to stand there again when it is given back. */
  before?: Slot | undefined;
}

/** Opens the leases of this process. */
export function openLeases({ folder, owner, after, now, lost, jobs, left }: LeasePlace): Leases {
  const held = new Map<string, Held>();
  const swept = new Set<string>();
  const isOver = watchPulses(owner.host, now);
  const self = { ...owner, space: processSpace(), process: processStart(owner.pid) };
  let callOff: (() => void) | undefined;

  const make = (name: string, slot: number, who: string, job?: SlotJob): Slot => (
    { ...self, name, slot, who, since: now(), mark: scratchName("lease"), ...(job && { job }) }
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
    const { file, slot, before } = one;
    const isGone = (): boolean => readSlot(file)?.slot.mark !== slot.mark;
    const gone = attempt(() => {
      if (isGone()) return true;
      const act = before && (() => replaceSlot(file, slot.mark, { ...before, mark: scratchName("lease") }));
      end(file, slot, make(slot.name, slot.slot, slot.who), isOver, () => true, act);
      return isGone();
    });
    if (gone === true) held.delete(file);
  };

  /** Makes a slot free that was left behind, or puts another in its place; `false` when somebody else does, or it was not. */
  const clear = (file: string, lease: Slot, who: string, act?: () => boolean): boolean =>
    end(file, lease, make(lease.name, lease.slot, who), isOver, (again) => isOver(file, again), act);

  /** Whether what a slot was held for goes on without its holder. */
  const isUsed = (file: string, seen: SeenSlot): boolean =>
    seen.slot.job !== undefined && jobs !== undefined &&
    jobs.goesOn(seen.slot.job, () => ageOf(file, seen));

  return {
    take: (name, slots, who, sending) => {
      const place = join(folder, folderName(name));
      fs.mkdirSync(place, { recursive: true });
      if (!swept.has(place)) sweep(place, isOver);
      swept.add(place);
      const kept: Slot[] = [];
      for (let slot = 0; slot < slots; slot++) {
        const file = join(place, String(slot));
        // Where nobody tells when processes began, not even ours, it might look as if it had been left behind.
        if (held.has(file)) continue;
        const seen = readSlot(file);
        let job = sending && { run: owner.run, key: sending.items[0]![0] };
        let before: Slot | undefined;
        if (seen !== undefined) {
          if (!isOver(file, seen)) continue;
          if (isUsed(file, seen)) {
            const { run } = seen.slot.job!;
            const key = sending && jobs!.takeOver(seen.slot.job!, sending);
            if (key === undefined) {
              kept.push(seen.slot);
              continue;
            }
            [job, before] = [{ run, key }, seen.slot];
          }
        }
        const one: Held = { file, slot: make(name, slot, who, job), leaving: false };
        const right = before === undefined
          ? (seen === undefined || clear(file, seen.slot, who)) && makeSlot(file, one.slot)
          : clear(file, before, who, () => replaceSlot(file, before.mark, one.slot));
        if (!right) continue;
        held.set(file, one);
        callOff ??= after(PERIOD, renew);
        const release = (back?: Slot): void => {
          if (held.get(file) !== one || one.leaving) return;
          one.before = back;
          leave(one);
        };
        return { release: () => release(), giveUp: () => release(before) };
      }
      for (const slot of kept) left?.(slot);
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
 * @param act how it is ended, if not by removing its file.
 * @returns whether it is gone by us.
 */
function end(
  file: string,
  lease: Slot,
  by: Slot,
  isOver: IsOver,
  still: (seen: SeenSlot) => boolean,
  act: () => boolean = () => removeSlot(file, lease.mark),
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
    return seen?.slot.mark === lease.mark && still(seen) && act();
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

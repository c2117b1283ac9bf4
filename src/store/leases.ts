/**
 * Limits that several processes share: slots as files in the cache, each held by whoever made it. What a dead process held is
 * taken from it: at once on the same machine, else when its file has not been renewed for two periods.
 *
 * A slot is made by a link to a file that is complete, which only one of many can do, on a network file system too; it is taken
 * from the dead by a rename, which only one of many can do either.
 */
import fs from "node:fs";
import { join } from "node:path";
import { folderName } from "../model/name.ts";
import { isSameProcess, processStart } from "../runtime/processes.ts";
import { scratchName } from "./owner.ts";

/** How often a lease is renewed, in milliseconds. */
export const PERIOD = 5_000;

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

/** What stands in the file of a slot. */
interface Slot extends LeaseOwner {
  readonly name: string;
  readonly slot: number;
  /** When the process began, as its machine tells. */
  readonly process: string;
  /** What for. */
  readonly who: string;
  /** Unix time in milliseconds. */
  readonly since: number;
  /** No two files are equal. */
  readonly mark: string;
}

/** Who holds a slot. */
export interface Holder extends Slot {
  /** Whether the holder lives, as far as can be told at once. */
  readonly alive: boolean;
}

/** The leases of one process. */
export interface Leases {
  /** Takes one of `slots` slots of a limit for `who`; `undefined` when all are held. */
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

/** Opens the leases of this process. */
export function openLeases({ folder, owner, after, now, lost }: LeasePlace): Leases {
  const held = new Map<string, Slot>();
  const seen = new Map<string, { readonly mtime: number; readonly at: number }>();
  let callOff: (() => void) | undefined;

  const renew = (): void => {
    callOff = held.size === 0 ? undefined : after(PERIOD, renew);
    const time = now() / 1_000;
    for (const [file, slot] of held) {
      try {
        if (readSlot(file)?.mark !== slot.mark) throw new Error("lost");
        fs.utimesSync(file, time, time);
      } catch {
        held.delete(file);
        lost?.(slot.name);
      }
    }
  };

  /** Whether whoever holds a slot is no more. */
  const isDead = (file: string, slot: Slot): boolean => {
    if (slot.host === owner.host) return !isSameProcess(slot.pid, slot.process);
    // Clocks of machines differ: what counts is how long we have seen the same time.
    let mtime: number;
    try {
      mtime = fs.statSync(file).mtimeMs;
    } catch {
      return false;
    }
    const known = seen.get(slot.mark);
    if (known === undefined || known.mtime !== mtime) {
      seen.set(slot.mark, { mtime, at: now() });
      return false;
    }
    return now() - known.at >= 2 * PERIOD;
  };

  /** Takes a slot from the dead; `false` when somebody else has done so. */
  const bury = (file: string, slot: Slot): boolean => {
    const aside = `${file}.${scratchName("dead")}`;
    try {
      fs.renameSync(file, aside);
    } catch {
      return false;
    }
    const buried = readSlot(aside);
    const right = buried?.mark === slot.mark;
    // Somebody living took the slot just before: it is put back, unless there is a newer one already.
    if (!right) {
      try {
        fs.linkSync(aside, file);
      } catch { /* There is. */ }
    }
    fs.rmSync(aside, { force: true });
    seen.delete(slot.mark);
    return right;
  };

  const occupy = (file: string, slot: Slot): boolean => {
    const aside = `${file}.${scratchName("new")}`;
    fs.writeFileSync(aside, JSON.stringify(slot));
    try {
      fs.linkSync(aside, file);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "EEXIST") return false;
      throw error;
    } finally {
      fs.rmSync(aside, { force: true });
    }
  };

  return {
    take: (name, slots, who) => {
      const place = join(folder, folderName(name));
      fs.mkdirSync(place, { recursive: true });
      for (let slot = 0; slot < slots; slot++) {
        const file = join(place, String(slot));
        if (held.has(file)) continue;
        const theirs = readSlot(file);
        if (theirs !== undefined && !(isDead(file, theirs) && bury(file, theirs))) continue;
        const mine: Slot = {
          ...owner,
          name,
          slot,
          process: processStart(owner.pid),
          who,
          since: now(),
          mark: scratchName("lease"),
        };
        if (!occupy(file, mine)) continue;
        held.set(file, mine);
        callOff ??= after(PERIOD, renew);
        return {
          release: () => {
            if (held.get(file) !== mine) return;
            held.delete(file);
            if (readSlot(file)?.mark === mine.mark) fs.rmSync(file, { force: true });
          },
        };
      }
      return undefined;
    },
    close: () => {
      callOff?.();
      for (const [file, slot] of held) {
        if (readSlot(file)?.mark === slot.mark) fs.rmSync(file, { force: true });
      }
      held.clear();
    },
  };
}

/** Who holds the limits of a folder. */
export function leaseHolders(folder: string, host: string): Holder[] {
  return foldersIn(folder).flatMap((name) =>
    foldersIn(join(folder, name)).filter((slot) => /^\d+$/.test(slot)).flatMap((slot) => {
      const read = readSlot(join(folder, name, slot));
      if (read === undefined) return [];
      return [{ ...read, alive: read.host !== host || isSameProcess(read.pid, read.process) }];
    })
  );
}

function foldersIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** What stands in the file of a slot; `undefined` when there is none. */
function readSlot(file: string): Slot | undefined {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as Slot;
  } catch {
    // Nobody writes half of it; whatever it is, nobody holds anything by it.
    return { ...NOBODY, mark: text };
  }
}

const NOBODY: Slot = {
  host: "",
  pid: 0,
  run: "",
  name: "",
  slot: 0,
  process: "",
  who: "",
  since: 0,
  mark: "",
};

/**
 * Files that stand for slots of a shared limit: made complete or not at all, by one of many; read together with how long ago they
 * were renewed; removed only when they are what somebody has seen.
 */
import fs from "node:fs";
import { scratchName } from "./owner.ts";

/** The job that a slot is held for, where an attempt is sent elsewhere: it may go on when the run that holds the slot is no more. */
export interface SlotJob {
  /** The run in whose journal it stands, if it was sent out at all. */
  readonly run: string;
  /** The key of a call that it is to do. */
  readonly key: string;
}

/** What stands in the file of a slot. */
export interface Slot {
  /** Which limit. */
  readonly name: string;
  /** Which of its slots, from 0. */
  readonly slot: number;
  /** The name of the machine. */
  readonly host: string;
  /** Where the number of the process means something: the start of the machine, the container. Empty if nobody tells. */
  readonly space: string;
  /** The process. */
  readonly pid: number;
  /** When the process began, as its machine tells. Empty if nobody tells. */
  readonly process: string;
  /** The run. */
  readonly run: string;
  /** What for. */
  readonly who: string;
  /** Unix time in milliseconds. */
  readonly since: number;
  /** No two files have the same. */
  readonly mark: string;
  /** What it is held for, when that is done elsewhere. */
  readonly job?: SlotJob;
}

/** The file of a slot, as it was when it was looked at. */
export interface SeenSlot {
  readonly slot: Slot;
  /** Another text whenever it has been renewed. */
  readonly pulse: string;
  /** When it was last written to, by the clock of the file system; Unix time in milliseconds. */
  readonly mtime: number;
}

/** A pulse is so many digits, so that it can be written over. */
const DIGITS = 12;
/** What stands for a slot in a file that nobody can make sense of: it was renewed when it was last written to. */
const NOBODY = { name: "", slot: 0, host: "", space: "", pid: 0, process: "", run: "", who: "?", since: 0 };
/** What file systems without hard links say. */
const NO_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"]);

const encoder = new TextEncoder();

function codeOf(error: unknown): string {
  return (error as { readonly code?: string }).code ?? "";
}

/** Whether a file is not there; `ESTALE` is how a network file system says that it was removed just then. */
function isAbsence(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ESTALE";
}

/**
 * Looks at the file of a slot; `undefined` when there is none.
 *
 * It is opened for that: a network file system asks its server then, while it answers `stat` from what it remembers.
 *
 * @throws when it cannot be read.
 */
export function readSlot(file: string): SeenSlot | undefined {
  try {
    const descriptor = fs.openSync(file, "r");
    try {
      const { mtimeMs } = fs.fstatSync(descriptor);
      return seenSlot(fs.readFileSync(descriptor, "utf8"), mtimeMs);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function seenSlot(text: string, mtime: number): SeenSlot {
  const [line = "", pulse = ""] = text.split("\n");
  try {
    const slot: unknown = JSON.parse(line);
    if (isSlot(slot)) return { slot, pulse, mtime };
  } catch {
    // Nobody writes half of it: it is something else.
  }
  return { slot: { ...NOBODY, mark: `unknown-${Math.floor(mtime)}` }, pulse, mtime };
}

function isSlot(value: unknown): value is Slot {
  if (typeof value !== "object" || value === null) return false;
  const slot = value as Readonly<Record<string, unknown>>;
  const texts = ["name", "host", "space", "process", "run", "who", "mark"];
  return texts.every((field) => typeof slot[field] === "string") &&
    /^[\w@.-]+$/.test(slot["mark"] as string) &&
    ["slot", "pid", "since"].every((field) => typeof slot[field] === "number") &&
    (slot["job"] === undefined || isSlotJob(slot["job"]));
}

function isSlotJob(value: unknown): value is SlotJob {
  if (typeof value !== "object" || value === null) return false;
  const { run, key } = value as Readonly<Record<string, unknown>>;
  // It is the name of a folder.
  return typeof run === "string" && /^[^./][^/]*$/.test(run) && typeof key === "string";
}

/**
 * Makes the file of a slot, complete; `false` when there is one.
 *
 * By a link to a file that is complete: only one of many can do that, on a network file system too.
 *
 * @throws when it cannot be made.
 */
export function makeSlot(file: string, slot: Slot): boolean {
  const text = `${JSON.stringify(slot)}\n${pulseText(0)}\n`;
  const aside = `${file}.${scratchName("new")}`;
  fs.writeFileSync(aside, text);
  try {
    fs.linkSync(aside, file);
    return true;
  } catch (error) {
    if (NO_LINKS.has(codeOf(error))) return makeInPlace(file, text);
    // It took so long that somebody has cleared it away, together with what dead processes have left.
    if (isAbsence(error)) return false;
    if (codeOf(error) !== "EEXIST") throw error;
    // The answer of a server may be lost, and it says to the second question that somebody was faster: it was us.
    return fs.statSync(aside, { throwIfNoEntry: false })?.nlink === 2;
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

/**
 * Puts another slot into the place of one with this mark, at once; for whoever alone may remove it.
 *
 * @returns whether it was there.
 * @throws when it cannot be done.
 */
export function replaceSlot(file: string, mark: string, slot: Slot): boolean {
  const aside = `${file}.${scratchName("new")}`;
  fs.writeFileSync(aside, `${JSON.stringify(slot)}\n${pulseText(0)}\n`);
  const right = readSlot(file)?.slot.mark === mark;
  if (right) fs.renameSync(aside, file);
  else fs.rmSync(aside, { force: true });
  return right;
}

/** The next best thing: also exclusive, but for a moment the file is there and empty. */
function makeInPlace(file: string, text: string): boolean {
  try {
    fs.writeFileSync(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function pulseText(count: number): string {
  return String(count % 10 ** DIGITS).padStart(DIGITS, "0");
}

/**
 * Renews the file of a slot by writing to it: what time it is says the file system, not the clock of this machine.
 *
 * @returns `false` when it is not there any more, or another has taken its place.
 * @throws when nobody can tell.
 */
export function renewSlot(file: string, { mark }: Slot): boolean {
  try {
    const descriptor = fs.openSync(file, "r+");
    try {
      const text = fs.readFileSync(descriptor, "utf8");
      const { slot, pulse } = seenSlot(text, 0);
      if (slot.mark !== mark) return false;
      const bytes = encoder.encode(pulseText(Number(pulse) + 1));
      fs.writeSync(descriptor, bytes, 0, bytes.length, encoder.encode(text).length - bytes.length - 1);
      return true;
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

/**
 * Removes a file if it is the one with this mark.
 *
 * It is moved to a name that nobody else uses, which only one of many can do, and looked at there; what was moved by mistake is
 * put back, unless there is a newer one by then.
 *
 * @returns whether it was, and is gone by us.
 */
export function removeSlot(file: string, mark: string): boolean {
  const aside = `${file}.${scratchName("gone")}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
  const right = readSlot(aside)?.slot.mark === mark;
  if (!right) putBack(aside, file);
  fs.rmSync(aside, { force: true });
  return right;
}

function putBack(aside: string, file: string): void {
  try {
    fs.linkSync(aside, file);
  } catch (error) {
    if (NO_LINKS.has(codeOf(error))) makeInPlace(file, fs.readFileSync(aside, "utf8"));
    else if (codeOf(error) !== "EEXIST" && !isAbsence(error)) throw error;
  }
}

/**
 * What time it is by the clock of the file system that a file lies on, Unix time in milliseconds; `undefined` when nothing can be
 * written there.
 */
export function fileSystemTime(file: string): number | undefined {
  const probe = `${file}.${scratchName("time")}`;
  try {
    fs.writeFileSync(probe, "");
    return fs.statSync(probe).mtimeMs;
  } catch {
    return undefined;
  } finally {
    fs.rmSync(probe, { force: true });
  }
}

/** Amounts of what a task needs: processors, memory, graphics processors, time, and whatever else has a name. */
import { type Duration, milliseconds } from "./duration.ts";
import { readable } from "./readable.ts";
import { editDistance } from "./suggest.ts";

/** What a task needs, read and checked: amounts by name. */
export interface Resources {
  /** Processors. */
  readonly cpu?: number;
  /** Bytes of memory. */
  readonly mem?: number;
  /** Graphics processors. */
  readonly gpu?: number;
  /** Milliseconds that a cluster is asked for. */
  readonly time?: number;
  /** Amounts of anything else. */
  readonly [name: string]: number | undefined;
}

/**
 * An amount as users write it: a number, or a number with a unit: `"16g"`, `"512m"`, `"1.5 GiB"`, `"4GB"`, `"100k"`. The units
 * k, m, g and t are powers of 1024, with or without `B` or `iB` and in either case: that is how clusters and containers mean them.
 */
export type Amount = number | string;

/** What a task needs, as users write it. */
export interface ResourcesOption {
  /** Processors; fractions count. */
  readonly cpu?: number;
  /** Memory: bytes, or a text as in `"16g"`. */
  readonly mem?: Amount;
  /** Graphics processors. */
  readonly gpu?: number;
  /** How long a cluster is asked for: milliseconds, or a text as in `"1h"`. */
  readonly time?: Duration;
  /** Amounts of anything else: licences, space on a disk. */
  readonly [name: string]: Amount | undefined;
}

/** A need that cannot be met. */
export interface Excess {
  /** The name of the resource. */
  readonly name: string;
  /** How much of it is needed. */
  readonly needed: number;
  /** How much of it there is. */
  readonly available: number;
}

const MEBI = 1024 ** 2;
const POWERS: Readonly<Record<string, number>> = { "": 0, k: 1, m: 2, g: 3, t: 4, p: 5 };
const DAY = 86_400_000;

/** Names of resources: a template for a command refers to them as `{name}` or `{name:unit}`. */
const NAME = /^[A-Za-z][\w-]*$/;

/** What an amount may be, by resource; `""` is any other. */
const MAY_BE: Readonly<Record<string, string>> = {
  cpu: "a number of processors from 0 up, as in 4 or 0.5",
  mem: 'a number of bytes, or a text with a unit, as in "16g" or "512m"',
  gpu: "a whole number of graphics processors from 0 up",
  time: 'a length of time, as in "30m" or "2h", or a number of milliseconds',
  "": 'a number from 0 up, or a text with a unit, as in "100g"',
};

/**
 * Reads an amount.
 *
 * @param name of which resource: it decides what the amount may be.
 * @returns bytes for `mem` and for whatever has a unit, milliseconds for `time`, the number itself for all else.
 * @throws {RangeError} when it is no amount of this resource; says which resource, and what it may be.
 */
export function readAmount(name: string, amount: Amount): number {
  const read = amountOf(name, amount);
  if (read !== undefined) return read;
  const may = (Object.hasOwn(MAY_BE, name) ? MAY_BE[name] : undefined) ?? MAY_BE[""];
  throw new RangeError(`\`resources.${name}\` is ${may}, not ${readable(amount)}`);
}

/** The amount, or `undefined` when it is none. */
function amountOf(name: string, amount: Amount): number | undefined {
  if (name === "time") return timeOf(amount);
  const sized = name !== "cpu" && name !== "gpu";
  const read = typeof amount === "number" ? amount : typeof amount === "string" ? textOf(amount, sized) : NaN;
  if (!(read >= 0 && read < Infinity)) return undefined;
  return (name === "mem" || name === "gpu") && !Number.isInteger(read) ? undefined : read;
}

/** The number that a text stands for; of bytes, whole ones. */
function textOf(text: string, sized: boolean): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(?:([kmgtp])(?:i?b)?|b)?\s*$/i.exec(text);
  if (match === null) return NaN;
  const unit = match[2]?.toLowerCase() ?? "";
  const bare = unit === "" && !/b\s*$/i.test(text);
  if (bare) return Number(match[1]);
  return sized ? Math.ceil(Number(match[1]) * 1024 ** POWERS[unit]!) : NaN;
}

function timeOf(amount: Amount): number | undefined {
  try {
    const millis = milliseconds(amount as Duration);
    return Number.isFinite(millis) ? millis : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The resources that mean something by themselves. */
const OWN = ["cpu", "mem", "gpu", "time"];

/**
 * What a name means that is most likely a slip: `cpus`, `gpuu`, `memory`, `Mem`, `tiem`. A resource may have any name, so one with
 * another letter (`tpu`) is its own.
 */
function misspelt(name: string): string | undefined {
  if (OWN.includes(name)) return undefined;
  const low = name.toLowerCase();
  if (low === "memory") return "mem";
  const letters = (word: string): string => [...word].sort().join("");
  return OWN.find((own) =>
    editDistance(low, own) <= 1 && (low.length !== own.length || letters(low) === letters(own))
  );
}

/**
 * Reads what a task needs. What is `undefined` is as good as not written.
 *
 * @throws {RangeError} with everything that is wrong.
 */
export function readResources(option: ResourcesOption): Resources {
  if (typeof option !== "object" || option === null || Array.isArray(option)) {
    throw new RangeError(`\`resources\` is a record, as in { cpu: 4, mem: "16g" }, not ${readable(option)}`);
  }
  const read: Record<string, number> = {};
  const problems: string[] = [];
  for (const [name, amount] of Object.entries(option)) {
    if (amount === undefined) continue;
    if (!NAME.test(name)) {
      problems.push(
        `${readable(name)} cannot name a resource: a letter, and then letters, digits, \`_\` and \`-\``,
      );
      continue;
    }
    const meant = misspelt(name);
    if (meant !== undefined) {
      problems.push(`\`resources\` has "${name}"; did you mean "${meant}"?`);
      continue;
    }
    try {
      read[name] = readAmount(name, amount);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new RangeError(problems.join("; "));
  return read;
}

/**
 * Renders an amount for people: `16 GiB`, `1h`, `4`. Of resources that nothing is known of, whole MiB are taken for bytes.
 *
 * @param amount as `readAmount` gives it.
 */
export function readableAmount(name: string, amount: number): string {
  if (name === "time") return readableTime(amount);
  const isBytes = name === "mem" || name !== "cpu" && name !== "gpu" && amount > 0 && amount % MEBI === 0;
  return isBytes ? readableBytes(amount) : String(Number(amount.toFixed(2)));
}

function readableBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let power = 0;
  // What would be rounded to 1024 of a unit is one of the next.
  while (power < units.length - 1 && Number((bytes / 1024 ** power).toFixed(2)) >= 1024) power++;
  return `${Number((bytes / 1024 ** power).toFixed(2))} ${units[power]}`;
}

/** In the largest unit that it is a whole number of: what is shown can be written as it is. */
function readableTime(millis: number): string {
  const whole = Math.round(millis);
  const units: readonly [string, number][] = [["d", DAY], ["h", 3_600_000], ["m", 60_000], ["s", 1_000]];
  const [unit, length] = units.find(([, length]) => whole > 0 && whole % length === 0) ?? ["ms", 1];
  return `${whole / length}${unit}`;
}

/**
 * What an attempt gets after one that had too little.
 *
 * Only what is declared grows, and nothing gets less than it was. Memory is rounded up to whole MiB, other whole amounts stay whole.
 *
 * @param factors what each is multiplied with, by name; what is not named stays as it was.
 * @param max the most that there may be of each; what is not named has no limit.
 */
export function grown(
  resources: Resources,
  factors: Readonly<Record<string, number | undefined>>,
  max: Resources,
): Resources {
  const grown: Record<string, number> = {};
  for (const [name, amount] of Object.entries(resources)) {
    if (amount === undefined) continue;
    const factor = own(factors, name) ?? 1;
    const most = own(max, name) ?? Infinity;
    grown[name] = factor === 1
      ? amount
      : Math.max(amount, Math.min(roundedUp(name, amount, amount * factor), most));
  }
  return grown;
}

/** Rounds an amount up to what it comes in, knowing what it has come from. */
function roundedUp(name: string, from: number, amount: number): number {
  if (name === "mem") return wholeUp(amount, MEBI);
  return Number.isInteger(from) ? wholeUp(amount, 1) : amount;
}

/** The next multiple of `unit`; what is above one by less than arithmetic is exact is that one. */
function wholeUp(amount: number, unit: number): number {
  const units = amount / unit;
  const near = Math.round(units);
  return (Math.abs(units - near) <= near * 4 * Number.EPSILON ? near : Math.ceil(units)) * unit;
}

/** Bytes in whole units, rounded up: `k`, `m` and `g` are powers of 1024. */
export function inUnit(bytes: number, unit: "k" | "m" | "g"): number {
  return Math.ceil(bytes / 1024 ** POWERS[unit]!);
}

/** What is needed and not there. A resource that no capacity is known of has no limit. */
export function exceeding(needs: Resources, capacities: Resources): readonly Excess[] {
  return Object.entries(needs).flatMap(([name, needed = 0]) => {
    const available = own(capacities, name);
    return available === undefined || needed <= available ? [] : [{ name, needed, available }];
  });
}

/** The amount of a name that users chose: a record's own, never what every object has. */
function own(amounts: Readonly<Record<string, number | undefined>>, name: string): number | undefined {
  return Object.hasOwn(amounts, name) ? amounts[name] : undefined;
}

/** What the measured programs share: their arguments, and the one line of JSON they print. */
import fs from "node:fs";
import process from "node:process";

/** What a program found out. */
export interface Measured {
  /** How long the measured part took. */
  readonly seconds: number;
  /** The most memory the process ever had, in KiB; 0 where the system does not say. */
  readonly kilobytes: number;
  /** From a save to the start of the task it concerns, without the quiet period, in milliseconds, where that was measured. */
  readonly millisLate?: number;
  /** Memory that is held per node, in bytes, where that was measured. */
  readonly bytesPerNode?: number;
}

/** A whole number from the command line. */
export function numberArgument(index: number): number {
  return Number(process.argv[2 + index]);
}

/** Prints what was found out, and ends the process. */
export function tell(measured: Omit<Measured, "kilobytes">): never {
  process.stdout.write(`${JSON.stringify({ ...measured, kilobytes: peakKilobytes() })}\n`);
  process.exit(0);
}

function peakKilobytes(): number {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** What the exit of a command says. Pure. */
import os from "node:os";
import type { JobEnd } from "../../model/job.ts";
import { saysHeapFull } from "../../model/last_words.ts";

/** How a child process ended. */
export interface Exit {
  /** Its exit code, unless a signal ended it. */
  readonly code: number | undefined;
  /** The signal that ended it. */
  readonly signal: string | undefined;
}

/** What is known to be wrong after an exit, without a word on where it was. */
export interface ExitMeaning {
  readonly reason: JobEnd["reason"];
  /** What happened: `ended with exit code 3`. */
  readonly text: string;
  /** Nothing of the task was run, for certain. */
  readonly neverBegan?: boolean;
}

/** Signal names by number, as shells add them to 128; of several for one number the usual one, which comes first. */
const SIGNALS: ReadonlyMap<number, string> = new Map(
  Object.entries(os.constants.signals).map(([name, number]) => [number, name] as const).reverse(),
);

/** Signals that a program sends to itself when it breaks down. */
const BREAKDOWNS: ReadonlySet<string> = new Set([
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGILL",
  "SIGSEGV",
  "SIGSYS",
  "SIGTRAP",
]);

/** What is said when the kernel refuses or takes memory. */
const MEMORY_SHORT = /\boom.?kill|out of memory|cannot allocate memory/i;

/**
 * Says what an exit means.
 *
 * @param said the last line of the error output.
 */
export function readExit({ code, signal }: Exit, said: string | undefined): ExitMeaning {
  if (code === 0) return { reason: undefined, text: "ended with exit code 0" };
  const ended = signal ?? (code === undefined || code <= 128 ? undefined : SIGNALS.get(code - 128));
  const by = signal === undefined ? `ended with exit code ${code}` : `was ended by ${signal}`;
  if (ended === undefined) {
    return { reason: "exit", text: code === 126 || code === 127 ? `${by} (${HINTS[code]})` : by };
  }
  const short = said !== undefined && (saysHeapFull(said) || MEMORY_SHORT.test(said));
  const which = signal === undefined ? `${by}, which stands for ${ended}` : by;
  if (short) return { reason: "oom", text: `${which}: it ran out of memory` };
  if (ended === "SIGKILL") {
    return { reason: "crash", text: `${which}: somebody killed it, or the machine ran out of memory` };
  }
  return { reason: "crash", text: BREAKDOWNS.has(ended) ? `${which}: it broke down` : which };
}

const HINTS: Readonly<Record<126 | 127, string>> = {
  126: "which says that the command was found and could not be run: is it a program, and may it be run?",
  127: "which says that there is no such command where it was to run",
};
